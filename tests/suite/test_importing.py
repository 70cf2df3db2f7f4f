"""What is imported before workers are forked."""

import builtins
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import import_all

LINES = {
    "a": "import builtins; builtins.imported.append('a')",
    "b": "raise RuntimeError('cannot be imported')",
    "c": "import pytest; pytest.skip('not here', allow_module_level=True)",
    "d": "import builtins; builtins.imported.append('d')",
}


@pytest.mark.parametrize(("place", "names"), [("", ["a", "d"]), ("test_d.py", ["d"]), ("test_d.py::test_it", ["d"])])
def test_all_is_imported_but_what_cannot_be(
    place: str, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported: list[str] = []
    monkeypatch.setattr(builtins, "imported", imported, raising=False)
    folder = tmp_path / f"all_{len(place)}"  # a package of its own: what was imported once is not imported again
    folder.mkdir()
    for name, line in LINES.items():
        (folder / f"test_{name}.py").write_text(line)
    monkeypatch.syspath_prepend(tmp_path)
    config = SimpleNamespace(
        args=[str(Path(folder.name, place))], invocation_params=SimpleNamespace(dir=tmp_path), rootpath=tmp_path
    )
    import_all(config)
    assert imported == names
