"""What the content security policy forbids does not stand in any template, and every template can be read."""

import re
from pathlib import Path

import pytest
from django.template import loader

PROJECT = Path(__file__).parents[4]
ROOT = PROJECT / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
SPRITE = (PROJECT / "static/icons.svg").read_text()


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name: str) -> None:
    loader.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_has_no_inline_style_or_script(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"\sstyle=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"\shx-on", text)
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or "application/json" in attributes


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_names_only_icons_that_exist(name: str) -> None:
    for icon in re.findall(r'{% icon "([\w-]+)"', (ROOT / name).read_text()):
        assert f'id="{icon}"' in SPRITE, icon


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_asks_nothing_of_another_host(name: str) -> None:
    assert not re.search(r'(src|href)="https?:', (ROOT / name).read_text())


def test_scripts_keep_to_the_policy() -> None:
    for path in (PROJECT / "static/js").glob("*.js"):
        text = path.read_text()
        assert "eval(" not in text
        assert not re.search(r"\.style\b|insertAdjacentHTML|document\.write", text), path


def test_every_stylesheet_is_in_the_one_entry() -> None:
    css = PROJECT / "static/css"
    entry = (css / "app.css").read_text()
    for path in css.rglob("*.css"):
        if path.name != "app.css":
            assert f'url("{path.relative_to(css)}")' in entry, path
