"""Fetch uv from the package index with nothing but Python's standard library (3.8 or later): ``fetch_uv.py FOLDER``.

For machines whose python3 has neither pip nor ensurepip, as Debian's. Takes the index from PIP_INDEX_URL, UV_DEFAULT_INDEX,
UV_INDEX_URL or pip's configuration, checks the file against the index's SHA-256, and writes ``FOLDER/uv``.
"""

import configparser
import hashlib
import html
import io
import os
import platform
import re
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

PUBLIC_INDEX = "https://pypi.org/simple"
SECONDS = 180


def index():
    """The package index that pip or uv would ask."""
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name].rstrip("/")
    home = Path.home()
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(
        ["/etc/pip.conf", str(home / ".pip/pip.conf"), str(home / ".config/pip/pip.conf"), os.environ.get("PIP_CONFIG_FILE", "")]
    )
    return parser.get("global", "index-url", fallback=PUBLIC_INDEX).rstrip("/")


def suffixes(system=None, machine=None, libc=None):
    """What the names of wheels for this machine end with, best first."""
    system, machine = system or platform.system(), (machine or platform.machine()).lower()
    libc = libc if libc is not None else platform.libc_ver()[0]
    if system == "Darwin":
        return [r"macosx_\d+_\d+_" + ("arm64" if machine == "arm64" else "x86_64")]
    arch = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    kinds = ["manylinux", "musllinux"] if libc == "glibc" else ["musllinux"]
    return [kind + r"[^-]*_" + arch for kind in kinds]


def version_of(name):
    """A key to sort file names by; releases only."""
    found = re.match(r"uv-(\d+(?:\.\d+)*)-", name)
    return tuple(int(part) for part in found.group(1).split(".")) if found else ()


def choose(links, endings):
    """The (name, address) of the newest wheel for this machine, or None."""
    for ending in endings:
        fitting = [link for link in links if version_of(link[0]) and re.search(ending + r"(\.[^-]*)?\.whl$", link[0])]
        if fitting:
            return max(fitting, key=lambda link: version_of(link[0]))
    return None


def links_of(page, base):
    """Every (file name, address) on an index page."""
    found = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>\s*([^<]+?)\s*</a>', page)
    return [(name, urllib.parse.urljoin(base, html.unescape(address))) for address, name in found]


def get(address):
    """The body of a page; login data in the address become a header, as pip does."""
    parts = urllib.parse.urlsplit(address)
    request = urllib.request.Request(address)
    if parts.username:
        clean = parts._replace(netloc=parts.netloc.rsplit("@", 1)[1])
        manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        password = urllib.parse.unquote(parts.password or "")
        manager.add_password(None, clean.geturl(), urllib.parse.unquote(parts.username), password)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
        return opener.open(clean.geturl(), timeout=SECONDS).read()
    return urllib.request.urlopen(request, timeout=SECONDS).read()


def unpack(content, folder):
    """Write the program out of the wheel, executable; by way of another name, so that half a program is never found."""
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        inside = next(name for name in wheel.namelist() if re.search(r"\.data/scripts/uv$", name))
        program = wheel.read(inside)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "uv.new"
    fresh.write_bytes(program)
    fresh.chmod(0o755)
    fresh.rename(folder / "uv")


def main():
    """Choose, fetch, check, unpack."""
    page = index() + "/uv/"
    wheel = choose(links_of(get(page).decode(), page), suffixes())
    if wheel is None:
        sys.exit(f"vos: the index has no uv for {platform.system()} on {platform.machine()}")
    address, _, digest = wheel[1].partition("#sha256=")
    content = get(address)
    if digest and hashlib.sha256(content).hexdigest() != digest:
        sys.exit(f"vos: {wheel[0]} arrived damaged (its SHA-256 is another one); try again")
    unpack(content, Path(sys.argv[1]))


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"vos: fetching uv failed: {error}")
