"""``manage.py bench`` on an area of its own: what is printed, written and returned."""

import json
import sys
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import CommandError, call_command

import benchmarks
from benchmarks.measuring import Bar, Measured
from benchmarks.subjects import Subject

ROW = {
    "area": "trees",
    "work": "count the leaves",
    "figure": 30.0,
    "unit": "ms",
    "reference": 20.0,
    "ratio": 1.5,
    "bar": "≤ 1.2×",
    "holds": False,
}


def leaves() -> Measured:
    return Measured("count the leaves", 30.0, "ms", 20.0, Bar(1.2))


def roots() -> Measured:
    return Measured("count the roots", 4000.0, "ms")


def branches() -> Measured:
    raise RuntimeError("the wind blew")


@pytest.fixture
def subjects(monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: Path) -> Path:
    """Two areas, trees and soil; results go to the folder that is returned."""
    for name, found in (("trees", (leaves,)), ("soil", (roots,)), ("storm", (branches, roots))):
        module = ModuleType(name)
        module.BENCHMARKS = found
        monkeypatch.setitem(sys.modules, f"benchmarks_of_{name}", module)
    listed = (Subject("trees", "benchmarks_of_trees"), Subject("soil", "benchmarks_of_soil"))
    monkeypatch.setattr(benchmarks, "SUBJECTS", listed)
    settings.BASE_DIR = tmp_path
    return tmp_path


def bench(*words: str) -> str:
    out = StringIO()
    call_command("bench", *words, stdout=out)
    return out.getvalue()


def test_area_as_json_prints_its_rows_and_writes_nothing(subjects: Path) -> None:
    assert json.loads(bench("trees", "--json")) == [ROW]
    assert list(subjects.iterdir()) == []


def test_all_areas_are_a_table_and_a_file(subjects: Path) -> None:
    printed = bench()

    head, first, second = printed.splitlines()
    assert head.split() == ["area", "work", "figure", "reference", "ratio", "bar", "holds"]
    assert first.split() == ["trees", "count", "the", "leaves", "30.0", "ms", "20.0", "ms", "1.50×", "≤", "1.2×", "NO"]
    assert second.split() == ["soil", "count", "the", "roots", "4,000", "ms"]
    rows = json.loads((subjects / "bench.json").read_text())
    assert rows[0] == ROW
    assert (rows[1]["reference"], rows[1]["ratio"], rows[1]["bar"], rows[1]["holds"]) == (None, None, None, None)


def test_unknown_area_is_refused_with_the_known_ones(subjects: Path) -> None:
    with pytest.raises(CommandError, match="no benchmarks of 'forest'. Areas are: trees, soil"):
        bench("forest")


def test_error_in_one_benchmark_is_told_after_the_others_ran(subjects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmarks, "SUBJECTS", (Subject("storm", "benchmarks_of_storm"),))
    out = StringIO()

    with pytest.raises(
        CommandError, match="1 benchmarks ended in an error: storm branches: RuntimeError: the wind blew"
    ) as error:
        call_command("bench", "storm", "--json", stdout=out)

    assert error.value.returncode == 1
    assert [row["work"] for row in json.loads(out.getvalue())] == ["count the roots"]


def test_every_registered_subject_can_be_imported_and_lists_functions() -> None:
    for subject in benchmarks.SUBJECTS:
        assert subject.benchmarks()
        assert all(callable(benchmark) for benchmark in subject.benchmarks())
