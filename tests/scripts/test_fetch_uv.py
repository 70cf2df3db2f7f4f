import importlib.util
import io
import os
import zipfile
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def fetch_uv() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fetch_uv", Path(__file__).parents[2] / "scripts" / "fetch_uv.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = """
<a href="../../files/uv-0.9.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl#sha256=aa">uv-0.9.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl</a>
<a href="/files/uv-0.13.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl#sha256=bb" data-requires-python="&gt;=3.8">uv-0.13.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl</a>
<a href="/files/uv-0.13.8-py3-none-musllinux_1_1_x86_64.whl">uv-0.13.8-py3-none-musllinux_1_1_x86_64.whl</a>
<a href="/files/uv-0.13.8-py3-none-macosx_11_0_arm64.whl">uv-0.13.8-py3-none-macosx_11_0_arm64.whl</a>
<a href="/files/uv-0.13.8-py3-none-manylinux_2_28_aarch64.whl">uv-0.13.8-py3-none-manylinux_2_28_aarch64.whl</a>
<a href="/files/uv-0.14.0rc1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl">uv-0.14.0rc1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl</a>
<a href="/files/uv-0.13.8.tar.gz">uv-0.13.8.tar.gz</a>
"""  # noqa: E501


@pytest.mark.parametrize(
    ("system", "machine", "libc", "expected"),
    [
        ("Linux", "x86_64", "glibc", "uv-0.13.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        ("Linux", "x86_64", "", "uv-0.13.8-py3-none-musllinux_1_1_x86_64.whl"),
        ("Linux", "aarch64", "glibc", "uv-0.13.8-py3-none-manylinux_2_28_aarch64.whl"),
        ("Darwin", "arm64", "", "uv-0.13.8-py3-none-macosx_11_0_arm64.whl"),
    ],
)
def test_the_newest_release_for_the_machine_is_chosen(
    fetch_uv: ModuleType, system: str, machine: str, libc: str, expected: str
) -> None:
    links = fetch_uv.links_of(PAGE, "https://index.example/simple/uv/")

    assert fetch_uv.choose(links, fetch_uv.suffixes(system, machine, libc))[0] == expected


def test_a_machine_without_a_wheel_gets_none(fetch_uv: ModuleType) -> None:
    assert fetch_uv.choose(fetch_uv.links_of(PAGE, "https://x/"), fetch_uv.suffixes("Linux", "riscv64", "glibc")) is None


def test_relative_addresses_are_resolved_with_their_hash(fetch_uv: ModuleType) -> None:
    first = fetch_uv.links_of(PAGE, "https://index.example/simple/uv/")[0]

    assert first[1] == "https://index.example/files/uv-0.9.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl#sha256=aa"


def test_the_program_is_unpacked_executable(fetch_uv: ModuleType, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        wheel.writestr("uv-0.13.8.data/scripts/uv", "program")
        wheel.writestr("uv-0.13.8.data/scripts/uvx", "other")

    fetch_uv.unpack(content.getvalue(), tmp_path / "bin")

    assert (tmp_path / "bin/uv").read_text() == "program"
    assert os.access(tmp_path / "bin/uv", os.X_OK)
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["uv"]


def test_the_index_of_the_environment_goes_before_the_public_one(fetch_uv: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple/")

    assert fetch_uv.index() == "https://mirror.example/simple"
