"""Why nothing is imported."""

from collections.abc import Sequence

from valuefabric.domain.imports.report import Finding


class ImportRefused(ValueError):
    """The file cannot become a model; says where, why and what to do. ``place`` is empty for the file as a whole.

    ``findings`` are what was found before, so that everything can be mended at once.
    """

    def __init__(self, why: str, *, place: str = "", text: str = "", advice: str = "", findings: Sequence[Finding] = ()) -> None:
        super().__init__(why)
        self.why, self.place, self.text, self.advice = why, place, text, advice
        self.findings = tuple(findings)
