"""The watch itself bites: a walk that reports nothing has looked."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.watch import Watch

pytestmark = pytest.mark.browser

BAD = """<!doctype html><html lang="en"><title>Bad</title><main><h1>Bad</h1><img src="data:,x"><input type="text"></main>
<script>console.error("from the page"); setTimeout(() => { throw new Error("nobody caught it") })</script></html>"""


def test_barriers_and_errors_are_found(chromium: Browser, watch: Watch) -> None:
    page = watch.follow(chromium.new_page())
    page.set_content(BAD)
    watch.look(page, "bad page")
    page.close()

    told = "\n".join(watch.found)
    for words in ("image-alt", "label", "console from the page", "nobody caught it"):
        assert words in told
    with pytest.raises(AssertionError, match="image-alt"):
        watch.assert_clean()


# Forty rows that can be read, and one that stands on another ground far down; then one that only its colour sets apart.
PALE = """<!doctype html><html lang="en"><title>Pale</title><style>body { background: #fff; color: #111 }
.low { background: #222 } .pale { color: #bbb } .over { position: absolute; background: #333; top: 0 }</style><main><h1>Pale</h1>
<ul>%s<li class="low" id="ground">dark</li><li class="pale" id="colour">grey</li></ul>
<p class="over" id="over">over</p></main></html>"""


def test_one_pale_text_among_many_is_found(chromium: Browser, watch: Watch) -> None:
    page = chromium.new_page()
    page.set_content(PALE % ("<li>row</li>" * 40))
    watch.look(page, "pale page")
    page.close()
    told = [line for line in watch.found if "color-contrast" in line]
    assert len(told) == 1
    for bad in ('id="ground"', 'id="colour"', 'id="over"'):
        assert bad in told[0]
