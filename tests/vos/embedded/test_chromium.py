"""The order in which a Chromium is looked for, with folders of fake programs."""

from pathlib import Path

import pytest

from vos.embedded import chromium
from vos.embedded.chromium import ChromiumMissingError, find, find_or_bring


def program(path: Path, *, works: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho Chromium 1; exit {0 if works else 1}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _no_applications(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "APPLICATIONS", ())


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home"), "VOS_DATA": str(tmp_path / "data")}


def test_each_place_comes_before_the_next(machine: dict[str, str], tmp_path: Path) -> None:
    in_order = [
        program(tmp_path / "home/.cache/ms-playwright/chromium-1200/chrome-linux/chrome"),
        program(tmp_path / "data/chromium/chromium"),
        program(tmp_path / "bin/google-chrome"),
        program(tmp_path / "bin/chromium"),
    ]
    for path in reversed(in_order):
        assert find(machine) == path
        path.unlink()

    assert find(machine) is None


def test_vos_chromium_goes_before_everything(machine: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path / "bin/chromium")
    own = program(tmp_path / "own/browser")

    assert find(machine | {"VOS_CHROMIUM": str(own)}) == own


def test_a_named_chromium_that_does_not_start_is_refused_by_name(machine: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path / "bin/chromium")

    with pytest.raises(ChromiumMissingError, match="VOS_CHROMIUM=/nowhere does not start"):
        find(machine | {"VOS_CHROMIUM": "/nowhere"})


def test_a_stub_that_only_talks_of_snaps_is_passed_over(machine: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path / "bin/chromium", works=False)
    chrome = program(tmp_path / "bin/google-chrome")

    assert find(machine) == chrome


def test_playwrights_newest_download_is_taken(machine: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path / "browsers/chromium-1100/chrome-linux/chrome")
    newest = program(tmp_path / "browsers/chromium-1200/chrome-linux64/chrome")

    assert find(machine | {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers")}) == newest


def test_what_is_missing_is_brought_from_the_first_source_that_has_one(machine: dict[str, str], tmp_path: Path) -> None:
    asked: list[str] = []

    def source(name: str, answer: Path | None) -> chromium.Bring:
        def bring(folder: Path) -> Path | None:
            assert folder == tmp_path / "data" / "chromium"
            asked.append(name)
            return answer

        return bring

    broken = program(tmp_path / "broken", works=False)
    good = program(tmp_path / "good")
    sources = {
        "one": source("one", None),
        "two": source("two", broken),
        "three": source("three", good),
        "four": source("four", good),
    }

    assert find_or_bring(machine, sources) == good
    assert asked == ["one", "two", "three"]


def test_without_any_source_the_message_says_what_to_do(machine: dict[str, str]) -> None:
    with pytest.raises(ChromiumMissingError, match=r"tried one, two\).*apt install chromium.*VOS_CHROMIUM"):
        find_or_bring(machine, {"one": lambda _: None, "two": lambda _: None})


def test_what_is_there_is_not_brought(machine: dict[str, str], tmp_path: Path) -> None:
    here = program(tmp_path / "bin/chromium")

    assert find_or_bring(machine, {}) == here
