"""Who was there, who decides, who owns: titles in notes and contacts in a CRM record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from valuefabric.domain.discovery.cues import phrase_pattern
from valuefabric.domain.discovery.findings import ApprovalNeed, Citation, Owner, Persona
from valuefabric.domain.discovery.notes import Notes, cite
from valuefabric.domain.evidence import ParsedDocument
from valuefabric.domain.packs.schema import Pack

_STOP = (
    r"(?:and|or|who|whom|is|are|was|were|will|would|wants?|asked|asks|owns?|said|says|needs?|has|have|had|in|at"
    r"|on|the|to|for|from|with|both|"
    r"must|signs?|approves?|decides?|called|calls|told|thinks|plus|then|first|as|we|they|he|she|it|that|be|by)\b"
)
_WORDS = rf"(?!{_STOP})[A-Za-z&]+(?: (?!{_STOP})[A-Za-z&]+){{0,2}}"
_TITLE = re.compile(
    rf"\b(?:chief(?: [a-z]+){{1,3}}? officer|(?:senior |executive )?(?:vice president|vp|svp|evp)(?: of|,| for)? {_WORDS}"
    rf"|(?:head|director) of {_WORDS}|c[efitosmrpd]o|ciso|managing director|(?:general |legal )?counsel"
    r"|(?:group |financial )?controller|treasurer"
    r"|(?:[a-z]+ ){1,2}(?:business partner|director|manager|controller|executive|engineer|lead|analyst"
    r"|architect|consultant|officer))\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:(?:the|a|an|one|our|their|his|her|and|with|from|of|by|new|is|needs|said) )+", re.IGNORECASE)
_SELLERS = re.compile(
    r"\b(?:account executive|sales (?:engineer|representative|manager)|solution (?:engineer|consultant"
    r"|architect)|value engineer)\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(r"^(?:present|attendees|participants|attending|on the call|in the room)\b[^:]*:\s*", re.IGNORECASE)
_OWNS = re.compile(
    r"\b(?:owns?|will own|(?:is|are|be) (?:accountable|responsible) for|sponsors?|owner(?: of [\w ]+?)?(?: is"
    r"|:))\s?",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"\b(?:outcome|result|value|target|number|benefits?|programme|program|project|initiative|case|it|this|goal"
    r"|owner)\b",
    re.IGNORECASE,
)
_APPROVAL = re.compile(
    r"\bapprovals?\s+(?:needs?|requires?|comes? from|lies with|is by|by|from|of)\b|\b(?:needs?"
    r"|requires?)\s+(?:the\s+)?(?:approval|sign-?off|signatures?)\s+(?:of|from|by)\b"
    r"|\b(?:approved|signed(?:[ -]off)?)\s+by\b|\b(?:must|has to|have to|need to)\s+(?:approve\b|sign[ -]?off\b|both sign\b)",
    re.IGNORECASE,
)


def function_of(title: str, pack: Pack) -> str:
    """The function (finance, customer success, …) that a title belongs to; an empty string where the pack knows none."""
    for function, words in pack.functions.items():
        if any(phrase_pattern(word).search(title) for word in words):
            return function
    return ""


def personas(record: Any, pack: Pack, *, reference: str = "", document: ParsedDocument | None = None) -> tuple[Persona, ...]:
    """The contacts of a CRM record (`stakeholders` or `contacts`), cited by JSONPath where the document is given."""
    found: list[Persona] = []
    for field in ("stakeholders", "contacts"):
        people = record.get(field) if isinstance(record, Mapping) else None
        for index, person in enumerate(people if isinstance(people, list) else []):
            if isinstance(person, Mapping):
                found += _contact(person, pack, _contact_citation(f"$.{field}[{index}]", person, reference, document))
    return tuple(found)


def people_in(notes: Sequence[Notes], pack: Pack) -> tuple[Persona, ...]:
    """The people that notes list as present; each title once."""
    found: dict[str, Persona] = {}
    for item in notes:
        for sentence in item.sentences:
            present = _PRESENT.match(sentence.flat)
            for title, _ in _titles(sentence.flat[present.end() :]) if present else ():
                side = "seller" if _SELLERS.search(title) else "customer"
                person = Persona(title=title, function=function_of(title, pack), side=side, citation=item.cite(sentence))
                found.setdefault(normal_title(title), person)
    return tuple(found.values())


def find_owner(notes: Sequence[Notes]) -> Owner | None:
    """Who owns the outcome, by the first sentence that says so."""
    for item in notes:
        for sentence in item.sentences:
            owns = _OWNS.search(sentence.flat)
            if owns and _OUTCOME.search(sentence.flat[owns.start() :]):
                before = [title for title, end in _titles(sentence.flat[: owns.start()]) if end <= owns.start()]
                after = [title for title, _ in _titles(sentence.flat[owns.end() :])]
                title = before[-1] if before else after[0] if after and "owner" in owns.group().lower() else None
                if title:
                    return Owner(title=title, citation=item.cite(sentence))
    return None


def find_approval(notes: Sequence[Notes], known: Sequence[Persona], pack: Pack) -> ApprovalNeed | None:
    """Who must approve, in the order named: titles first, then functions that stand alone ("and finance, both")."""
    for item in notes:
        for sentence in item.sentences:
            if _APPROVAL.search(sentence.flat):
                approvers = _approvers(sentence.flat, known, pack)
                if approvers:
                    return ApprovalNeed(approvers=approvers, citation=item.cite(sentence))
    return None


def normal_title(title: str) -> str:
    """One spelling of a title: `Vice President, Customer Success` is `vice president customer success`."""
    words = re.sub(r"[^a-z ]", " ", title.lower().replace("vp", "vice president")).split()
    return " ".join(word for word in words if word not in ("of", "the", "for"))


def _approvers(flat: str, known: Sequence[Persona], pack: Pack) -> tuple[str, ...]:
    titles = list(_titles(flat))
    placed = [(flat.find(title), title) for title, _ in titles]
    rest = flat
    for title, _ in titles:
        rest = rest.replace(title, " " * len(title), 1)
    for function, words in pack.functions.items():
        found = phrase_pattern(words[0]).search(rest)
        if found and not any(function_of(title, pack) == function for _, title in placed):
            placed.append((found.start(), _title_for(function, known)))
    return tuple(title for _, title in sorted(placed))


def _title_for(function: str, known: Sequence[Persona]) -> str:
    return next((person.title for person in known if person.function == function and person.side == "customer"), function)


def _titles(flat: str) -> Iterator[tuple[str, int]]:
    for found in _TITLE.finditer(flat):
        title = _LEADING.sub("", found.group()).strip(" ,")
        if len(title.split()) > 1 or title.isupper() or title.lower() in ("controller", "treasurer", "counsel"):
            yield title, found.end()


def _contact(person: Mapping[str, Any], pack: Pack, citation: Citation) -> list[Persona]:
    title = str(person.get("role") or person.get("title") or "").strip()
    if not title:
        return []
    cares = person.get("cares_about")
    return [
        Persona(
            name=str(person.get("name") or ""),
            title=title,
            function=function_of(title, pack),
            persona=str(person.get("persona") or ""),
            cares_about=tuple(str(topic) for topic in cares) if isinstance(cares, list) else (),
            citation=citation,
        )
    ]


def _contact_citation(path: str, person: Mapping[str, Any], reference: str, document: ParsedDocument | None) -> Citation:
    field = "role" if person.get("role") else "title"
    spans = document.spans if document else ()
    span = next((span for span in spans if span.locator == f"{path}.{field}"), None)
    if document is None or span is None:
        return Citation(reference=reference, quotation=str(person.get(field) or ""), start=0, end=0, locator=f"{path}.{field}")
    return cite(reference, document, span.start, span.end)
