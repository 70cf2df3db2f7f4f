"""Workers import tests' files from different places on."""

import builtins
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import import_apart

LINES = {
    "a": "import builtins; builtins.imported.append('a')",
    "b": "raise RuntimeError('cannot be imported')",
    "c": "import pytest; pytest.skip('not here', allow_module_level=True)",
    "d": "import builtins; builtins.imported.append('d')",
}


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which files were imported, in order."""
    names: list[str] = []
    monkeypatch.setattr(builtins, "imported", names, raising=False)
    return names


@pytest.mark.parametrize(("worker", "order"), [(0, ["a", "d"]), (1, ["d", "a"])])
def test_a_worker_begins_with_its_own_part_and_imports_all(
    worker: int, order: list[str], imported: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / f"apart_{worker}"  # a package of its own: what was imported once is not imported again
    folder.mkdir()
    for name, line in LINES.items():
        (folder / f"test_{name}.py").write_text(line)
    monkeypatch.syspath_prepend(tmp_path)
    config = SimpleNamespace(args=[folder.name], invocation_params=SimpleNamespace(dir=tmp_path), rootpath=tmp_path)
    import_apart(config, worker, 2)
    assert imported == order
