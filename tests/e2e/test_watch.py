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
