"""One running desk and one browser for the tests of this folder, which run in name order:
the first trade needs the empty store, and the pages are drawn with what it left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.stack import Stack, free_port

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A desk on an empty store; nothing runs until a test starts it."""
    desk = Stack(tmp_path_factory.mktemp("desk"), free_port())
    yield desk
    desk.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser of the machine, without a window."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page of its own, with no session yet."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
