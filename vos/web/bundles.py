"""One style sheet out of many: the files that an entry imports, put together at their places, under a name made of the content.

On a slow line every further file costs a round trip, and those that a sheet imports are asked for only once it is read.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from posixpath import join, normpath

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

# What may be bundled: whoever asks for a page must not be able to name files.
ENTRIES = {"desk": "css/app.css", "phone": "approvals/phone.css"}

_IMPORT = re.compile(r'@import url\("([^"]+)"\)(?: layer\((\w+)\))?;')
_URL = re.compile(r'url\("(?!data:)([^"]+)"\)')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s*\n\s*")


def bundle(name: str) -> tuple[str, str]:
    """The text of a bundle and a short hash of it. Raises KeyError for a name that is none."""
    entry = ENTRIES[name]
    return _made(entry, _changed_at(entry))


def _changed_at(entry: str) -> float:
    # A file is edited while the server runs, but only in development: asking for the times of fifty takes half a millisecond.
    if not settings.VOS_SHEETS_CHANGE:
        return 0.0
    return max(_file(path).stat().st_mtime for path in (entry, *_parts(entry)))


@lru_cache(maxsize=8)
def _made(entry: str, _changed_at: float) -> tuple[str, str]:
    text = _flat(entry)
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


def _parts(entry: str) -> list[str]:
    return [_beside(entry, url) for url, _layer in _IMPORT.findall(_file(entry).read_text())]


def _flat(path: str) -> str:
    text = _COMMENT.sub("", _file(path).read_text())
    text = _IMPORT.sub(lambda found: _layered(_flat(_beside(path, found[1])), found[2]), text)
    text = _URL.sub(lambda found: f'url("{found[1] if found[1].startswith("/") else static(_beside(path, found[1]))}")', text)
    return _SPACE.sub("\n", text).strip()


def _layered(text: str, layer: str | None) -> str:
    return f"@layer {layer} {{\n{text}\n}}" if layer else text


def _beside(path: str, url: str) -> str:
    return normpath(join(path, "..", url))


@lru_cache(maxsize=256)
def _file(path: str) -> Path:
    # Where a file is does not change while we run; looking through every app's folder for twenty of them takes 5 ms.
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(f"There is no static file {path}.")
    return Path(str(found))
