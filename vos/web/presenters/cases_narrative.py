"""The narrative with every figure linked to the cell or the quotation that it is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from valuefabric.models import CaseVersion
from valuefabric.selectors.case_pages import SourcePlace
from vos.web.presenters.cases_links import Links, Target
from vos.web.presenters.cases_notes import Notes
from vos.web.presenters.segments import Mark, segments

type Context = dict[str, Any]

_PARAGRAPH = re.compile(r"\n[ \t]*\n")


class Narrative:
    """A version's sections as paragraphs. ``places`` are where quotations stand, by the figure's number."""

    def __init__(self, version: CaseVersion, places: Mapping[int, SourcePlace], links: Links, notes: Notes) -> None:
        self._sections, self._figures = version.sections, version.narrative_figures
        self._places, self._links, self._notes = places, links, notes

    def paragraphs(self, section: str) -> list[Context]:
        """A section's paragraphs: ``plain`` text, ``text`` with its figures linked, and the side notes that it mentions first."""
        return [self._paragraph(section, words) for words in self.plain(section)]

    def plain(self, section: str) -> list[str]:
        """A section's paragraphs as they are written."""
        return [words for words in (part.strip() for part in _PARAGRAPH.split(self._sections.get(section, ""))) if words]

    def others(self, known: Sequence[str]) -> Iterator[str]:
        """Sections beside the standard ones."""
        return (section for section in self._sections if section not in known)

    def tell(self, section: str, words: str) -> SafeString:
        """Words of a section, with its figures linked."""
        return self._linked(words, self._marks(section, words))

    def _paragraph(self, section: str, words: str) -> Context:
        marks = self._marks(section, words)
        numbers = [number for number in dict.fromkeys(int(mark.keys[0]) for mark in marks) if number in self._places]
        quoted = [self._notes.number(self._places[number], self._figures[number]["quotation"]) for number in numbers]
        asides = [self._notes.aside(note) for note in dict.fromkeys(quoted)]
        return {"plain": words, "text": self._linked(words, marks), "notes": asides}

    def _marks(self, section: str, words: str) -> list[Mark]:
        """Where the section's figures stand in these words: longer ones first, so that no figure is cut out of another."""
        own = [(number, one) for number, one in enumerate(self._figures) if one["section"] == section and one["text"].strip()]
        taken: list[Mark] = []
        for number, figure in sorted(own, key=lambda pair: -len(pair[1]["text"])):
            if self._target(number) is None:
                continue
            found = (match.span() for match in re.finditer(_whole(figure["text"]), words))
            free = [span for span in found if not any(mark.start < span[1] and span[0] < mark.end for mark in taken)]
            # The same words twice: figures of one text are met in the order in which they were noted.
            twins = sum(one["text"] == figure["text"] for _number, one in own)
            taken += [Mark(*span, (str(number),)) for span in (free[:1] if twins > 1 else free)]
        return sorted(taken, key=lambda mark: mark.start)

    def _linked(self, words: str, marks: Sequence[Mark]) -> SafeString:
        pieces = ((self._piece(piece.text, piece.keys),) for piece in segments(words, marks))
        return format_html_join("", "{}", pieces)

    def _piece(self, text: str, keys: Sequence[str]) -> SafeString | str:
        target = self._target(int(keys[0])) if keys else None
        return figure_link(text, target) if target else text

    def _target(self, number: int) -> Target | None:
        figure = self._figures[number]
        if figure.get("cell"):
            return self._links.cell(figure["cell"])
        place = self._places.get(number)
        if place is None:
            return None
        self._notes.number(place, figure["quotation"])
        return self._links.quote(place)


def figure_link(text: object, target: Target) -> SafeString:
    """A figure that leads to where it comes from."""
    if not target.drawer:
        return format_html('<a class="figure-link" href="{}">{}</a>', target.href, text)
    return format_html(
        '<a class="figure-link" href="{}" hx-get="{}" hx-target="#drawer-content" data-drawer>{}</a>',
        target.href,
        target.drawer,
        text,
    )


def _whole(text: str) -> str:
    """The text where it is no part of a longer number."""
    return rf"(?<![\d.,]){re.escape(text)}(?![\d]|[.,]\d)"
