"""Take a picture of every page of a running desk: `python -m tools.screens LINK FOLDER`.

LINK is the one-time link that `munim doctor` prints. Two widths, light theme. Start the desk with
HOME above MUNIM_HOME, so that Settings names its folder from `~`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = (1440, 900)
SETTLE_MS = 60_000  # the longest wait for a page to be drawn
PAINT_MS = 1200  # after that, for charts and fonts; one tick of the ticking parts
GRID = "iframe[title^='st_aggrid']"
DRAWN = """() => document.querySelector(".st-key-strip .m-strip")
  && document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
  && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]")
  && [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every(
    (chart) => chart.querySelector(".main-svg"))"""
PAGES = (
    "",
    "cards",
    "positions",
    "markets",
    "risk",
    "events",
    "predictions",
    "models",
    "allocation",
    "backtests",
    "optimizer",
    "audit",
    "pnl",
    "reports",
    "tax",
    "notes",
    "charges",
    "accounts",
    "account",
    "treasury",
    "broker",
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


def settle(page: Page) -> None:
    """Wait until the page is drawn: script, charts and the grids in their frames.

    Raises Playwright's TimeoutError after SETTLE_MS.
    """
    page.wait_for_function(DRAWN, timeout=SETTLE_MS)
    for grid in page.locator(GRID).all():
        rows = grid.content_frame.locator(".ag-row, .ag-overlay-no-rows-center")
        rows.first.wait_for(state="attached", timeout=SETTLE_MS)
    page.wait_for_timeout(PAINT_MS)


def _enter(browser: Browser, link: str) -> dict[str, object]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    settle(page)
    return context.storage_state()  # type: ignore[return-value]


def _shoot(page: Page, url: str, file: Path) -> None:
    page.goto(url)
    settle(page)
    page.screenshot(path=str(file), full_page=True)
    print(file.name)


if __name__ == "__main__":
    main(*sys.argv[1:3])
