"""Two edits of one model brought together, part by part: a three-way merge of drivers, rows and figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.versions.assembly import assembled
from valuefabric.domain.versions.conflicts import Choices, Conflict, Decisions
from valuefabric.domain.versions.followed import followed
from valuefabric.domain.versions.order import Keys, merged_order
from valuefabric.domain.versions.parts import ABSENT, FIGURES, ByPeriod, Parts, Place, taken_apart
from valuefabric.domain.versions.presence import Presence

_NO_CHOICES: Choices = {}
# What a row is: given (with a range or a distribution), or computed.
_ORIGIN = ("formula", "distribution", *FIGURES)


@dataclass(frozen=True)
class Merged:
    """The document that has both sides' edits; it is valid and computes.

    ``filled`` are rows that one side added or rewrote before the other one added periods: in those they go on with their last
    figure.
    """

    document: ModelDocument
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflicts:
    """What is to be decided first."""

    conflicts: tuple[Conflict, ...]


class MergeBroken(ValueError):
    """Both sides' edits fit together part by part and not as a whole: the merged model is not valid or does not compute."""

    def __init__(self, message: str, row: str = "") -> None:
        super().__init__(f"Together the two do not make a model: {message.rstrip('.')}. Change it on one side, and merge again.")
        self.row = row


def merge(base: ModelDocument, ours: ModelDocument, theirs: ModelDocument, choices: Choices = _NO_CHOICES) -> Merged | Conflicts:
    """What ``ours`` and ``theirs`` changed since ``base``, in one document.

    What one side changed is taken, what both changed alike too; where they differ it is a conflict, unless ``choices`` decide it
    (see Decisions). Figures are decided one by one. A renamed row is followed. It makes no difference which side is which, but
    for the names in conflicts and choices. Raises MergeBroken and ChoiceUnknown.
    """
    sides = followed(base, ours, theirs, choices)
    if sides.conflicts:
        return Conflicts(sides.conflicts)
    merging = _Merging(taken_apart(sides.base), taken_apart(sides.ours), taken_apart(sides.theirs), choices)
    plain, filled = merging.document()
    if merging.decide.open:
        return Conflicts(tuple(merging.decide.open))
    try:
        document = ModelDocument.model_validate(plain)
        compute(document)
    except ValidationError as error:
        raise MergeBroken(error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")) from error
    except FormulaError as error:
        raise MergeBroken(str(error), error.row) from error
    return Merged(document, filled)


class _Merging:
    """One merge of documents taken apart."""

    def __init__(self, base: Parts, ours: Parts, theirs: Parts, choices: Choices) -> None:
        self.base, self.ours, self.theirs = base, ours, theirs
        self.decide = Decisions(choices, self._described)

    def document(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The merged document as plain values; conflicts are noted on the way."""
        presence = Presence(self.base, self.ours, self.theirs, self.decide)
        keys = {name: self._keys(name, presence) for name in _all(self.base.keys, self.ours.keys, self.theirs.keys)}
        fields: dict[Place, Any] = {}
        for place in _all(self.base.fields, self.ours.fields, self.theirs.fields):
            if len(place) < 3:
                fields[place] = self._settled(place)
        for collection, entries in keys.items():
            for key in entries:
                fields |= self._entry(collection, key, keys["periods"])
        return assembled(keys, {place: value for place, value in fields.items() if value is not ABSENT})

    def _keys(self, collection: str, presence: Presence) -> list[str]:
        base, ours, theirs = (parts.keys.get(collection, ()) for parts in (self.base, self.ours, self.theirs))
        staying = {key for key in dict.fromkeys([*base, *ours, *theirs]) if presence.stays(collection, key)}

        def choose(base: Keys, ours: Keys, theirs: Keys) -> Keys:
            chosen: Keys = self.decide.between(("order", collection), list(base), list(ours), list(theirs))
            return chosen

        return merged_order(base, ours, theirs, staying=staying, choose=choose)

    def _entry(self, collection: str, key: str, periods: list[str]) -> dict[Place, Any]:
        """All fields of one entry; of one that only one side has, that side's."""
        has = [side for side in (self.ours, self.theirs) if side.has(collection, key)]
        names = _all(*(dict.fromkeys(side.entry(collection, key)) for side in (self.base, self.ours, self.theirs)))
        places = [(collection, key, name) for name in names]
        if len(has) == 1:
            return {place: has[0].at(place) for place in places}
        plain = {place: self._settled(place) for place in places if collection != "rows" or place[2] not in _ORIGIN}
        return plain | (self._origin(key, periods) if collection == "rows" else {})

    def _origin(self, key: str, periods: list[str]) -> dict[Place, Any]:
        """Figures one by one; where one side gives what another one computes, figures and formula are one part."""
        kinds = {side.at(("rows", key, "formula")) in (None, ABSENT) for side in self._with(key)}
        if len(kinds) == 1:
            plain = [("rows", key, name) for name in _ORIGIN if name not in FIGURES]
            series = [("rows", key, name) for name in FIGURES]
            return {place: self._settled(place) for place in plain} | {place: self._series(place, periods) for place in series}
        whole = [self._whole_origin(side, key) for side in (self.base, self.ours, self.theirs)]
        chosen = self.decide.between(("rows", key, "formula"), *whole)
        return {("rows", key, name): value for name, value in chosen.items()}

    def _with(self, key: str) -> list[Parts]:
        return [side for side in (self.base, self.ours, self.theirs) if side.has("rows", key)]

    @staticmethod
    def _whole_origin(side: Parts, key: str) -> Any:
        if not side.has("rows", key):
            return ABSENT
        return {name: side.at(("rows", key, name)) for name in _ORIGIN}

    def _series(self, place: Place, periods: list[str]) -> Any:
        """Three figures at a time, where every side that has the row has figures; else the whole."""
        base, ours, theirs = (side.at(place) for side in (self.base, self.ours, self.theirs))
        if ours is ABSENT or theirs is ABSENT or (base is ABSENT and self.base.has("rows", place[1])):
            return self.decide.between(place, base, ours, theirs)
        made = ByPeriod()
        for period in periods:
            if period in ours and period in theirs:
                former = ABSENT if base is ABSENT else base.get(period, ABSENT)
                made[period] = self.decide.between((*place, period), former, ours[period], theirs[period])
            elif period in ours or period in theirs:
                made[period] = {**ours, **theirs}[period]
        return made

    def _settled(self, place: Place) -> Any:
        return self.decide.between(place, self.base.at(place), self.ours.at(place), self.theirs.at(place))

    def _described(self, place: Place) -> tuple[str, str]:
        """The driver that a place belongs to, and the label of its row or driver."""
        for side in (self.ours, self.theirs, self.base):
            label = side.at((*place[:2], "label"))
            if label is not ABSENT:
                driver = place[1] if place[0] == "drivers" else side.fields.get((*place[:2], "driver")) or ""
                return str(driver), str(label)
        return "", ""


def _all(*sides: Mapping[Any, Any]) -> list[Any]:
    """The keys of all, each once."""
    return list({key: None for side in sides for key in side})
