"""Take a picture of every page of a running desk: `python -m tools.screens LINK FOLDER`.

LINK is the one-time link that `munim doctor` prints. Two widths, light theme.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = (1440, 900)
SETTLE_MS = 3500
PAGES = (
    "",
    "cards",
    "positions",
    "markets",
    "risk",
    "events",
    "predictions",
    "backtests",
    "optimizer",
    "audit",
    "reports",
    "accounts",
    "intake",
    "settings",
)


def main(link: str, folder: str) -> None:
    """Open the link once, then visit every page at both widths."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    parts = urlsplit(link)
    root = f"{parts.scheme}://{parts.netloc}"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        state = _enter(browser, link)
        for width in WIDTHS:
            page = browser.new_context(
                storage_state=state, viewport={"width": width, "height": 900}
            ).new_page()
            for name in PAGES:
                _shoot(page, f"{root}/{name}", place / f"{name or 'today'}-{width}.png")
        browser.close()


def _enter(browser: Browser, link: str) -> dict[str, object]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.wait_for_timeout(SETTLE_MS)
    return context.storage_state()  # type: ignore[return-value]


def _shoot(page: Page, url: str, file: Path) -> None:
    page.goto(url)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=str(file), full_page=True)
    print(file.name)


if __name__ == "__main__":
    main(*sys.argv[1:3])
