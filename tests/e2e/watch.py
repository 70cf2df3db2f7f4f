"""Watching browsers while they are used: errors in the console, refusals by the content policy, barriers to people."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page

SERIOUS = ("serious", "critical")
# Without preloading: axe would read the style sheets anew and put them into the page, which the content policy rightly refuses.
# What WCAG 2.2 asks at level AA, and axe's own advice apart: its rules for that cost as much again and are never serious.
OPTIONS = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
BARRIERS = (Path(__file__).parent / "barriers.js").read_text()
# Half a megabyte goes to a page once, as a function that each of its documents has and only those call that are looked at.
BRING_AXE = f"window.bringAxe = () => {{ {AXE_SCRIPT} }};"


@dataclass
class Watch:
    """Collects what is wrong on each page looked at; the walk goes on, so that one run tells everything."""

    found: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> Page:
        """Listen to a person's browser from now on."""
        page.add_init_script(BRING_AXE)
        page.on("console", lambda message: self._console(page, message))
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: uncaught {error}"))
        page.on("response", lambda answer: self._answer(answer.status, answer.url))
        return page

    def look(self, page: Page, name: str) -> None:
        """Search the page for serious barriers."""
        for violation in _violations(page):
            if violation["impact"] in SERIOUS:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                self.found.append(f"{name}: {violation['impact']} {violation['id']}, {violation['help']}: {nodes}")

    def assert_clean(self) -> None:
        """Nothing was found on any page."""
        assert self.found == [], "\n" + "\n".join(self.found)

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"{page.url}: console {message.text[:300]}")

    def _answer(self, status: int, url: str) -> None:
        if status >= 400:
            self.found.append(f"{status} {url}")


def _violations(page: Page) -> list[dict[str, Any]]:
    if not page.evaluate("Boolean(window.axe || (window.bringAxe && (bringAxe(), true)))"):
        page.evaluate(AXE_SCRIPT)  # a document from before it was followed
    found: list[dict[str, Any]] = page.evaluate(BARRIERS, OPTIONS)
    return found
