"""The Markets screen in a browser: a list made, deleted and brought back; lines, files, search."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from core.desk.chart_choice import chart_choice
from core.store import bars, watchlists
from tests.e2e.stack import Stack, button, told_on_failure, wait_until
from ui.frame import PERSON

pytestmark = pytest.mark.e2e
CHART = ".st-key-symbol_chart .js-plotly-plot"


def test_a_list_is_made_deleted_and_brought_back(stack: Stack, tab: Page) -> None:
    stack.start("web", "worker")
    with told_on_failure(stack, tab):
        open_markets(stack, tab)
        tab.get_by_role("button", name="New list").click()
        box = tab.get_by_test_id("stPopoverBody")
        box.get_by_label("Name").fill("Browser")
        box.get_by_label("Symbols in order, or paste a CSV").fill("TCS, NSE:RELIANCE")
        box.get_by_role("button", name="Make list").click()
        wait_until(lambda: names(stack) >= {"Browser"}, what="the list in the store", seconds=20)
        expect(tab.get_by_role("combobox", name="List")).to_have_value("Browser")
        tab.keyboard.press("Escape")
        tab.get_by_role("button", name="Edit list").click()
        button(tab, "delete_list").click()
        wait_until(lambda: "Browser" not in names(stack), what="the list gone", seconds=20)
        expect(tab.get_by_text("Browser is deleted.")).to_be_visible()
        button(tab, "undo_list").click()
        wait_until(lambda: "Browser" in names(stack), what="the list back", seconds=20)


def test_lines_are_chosen_and_what_is_shown_is_exported(stack: Stack, tab: Page) -> None:
    stack.start("web", "worker")
    with told_on_failure(stack, tab):
        open_markets(stack, tab)
        tab.get_by_role("button", name="Indicators").click()
        tab.get_by_test_id("stPopoverBody").get_by_role("button", name="Bollinger 20 2").click()
        wait_until(lambda: "Bollinger 20 2" in chart_choice(stack.desk(), PERSON).lines,
                   what="the choice in the store", seconds=20)  # fmt: skip
        expect(tab.locator(CHART).last).to_contain_text("Bollinger 20 2")
        tab.keyboard.press("Escape")
        tab.get_by_role("button", name="Export", exact=True).click()
        with tab.expect_download() as coming:
            button(tab, "chart_csv").click()
        rows = list(csv.DictReader(io.StringIO(coming.value.path().read_text())))
        assert {"date", "close", "volume", "Band +2σ", "MACD"} <= set(rows[0])
        with tab.expect_download() as coming:
            button(tab, "chart_parquet").click()
        assert pq.read_table(coming.value.path()).num_rows == len(rows)
        with tab.expect_download() as coming:
            tab.locator(f"{CHART} .modebar-btn").last.click()
        assert coming.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_share_is_found_by_typing(stack: Stack, tab: Page) -> None:
    stack.start("web", "worker")
    with told_on_failure(stack, tab):
        open_markets(stack, tab)
        tab.locator("body").press("Control+k")
        field = tab.get_by_role("dialog").get_by_role("combobox")
        field.fill("titan")
        tab.keyboard.press("Enter")
        expect(head(tab)).to_contain_text("TITAN")


def test_a_symbol_opens_in_the_same_session_and_back_returns(stack: Stack, tab: Page) -> None:
    stack.start("web", "worker")
    with told_on_failure(stack, tab):
        open_markets(stack, tab)
        tab.evaluate("() => { window.sameDocument = true }")
        first = head(tab).inner_text()
        row = tab.locator(f".m-list tbody tr:not([data-symbol='{first}'])").first
        second = row.get_attribute("data-symbol") or ""
        row.click()
        expect(head(tab)).to_have_text(second)
        assert tab.url.endswith(f"?symbol={quote(second)}")
        tab.go_back()
        expect(head(tab)).to_have_text(first)
        tab.get_by_role("radio", name="Market", exact=True).click()
        mover = tab.locator(".m-t a[href^='/markets?symbol=']").first
        third = mover.inner_text()
        mover.click()
        expect(head(tab)).to_have_text(third)
        tab.go_back()
        expect(tab.get_by_text("Gainers")).to_be_visible()
        assert tab.evaluate("() => window.sameDocument")


def test_the_table_view_draws_its_grid(stack: Stack, tab: Page) -> None:
    stack.start("web", "worker")
    with told_on_failure(stack, tab):
        open_markets(stack, tab)
        tab.get_by_role("radio", name="Table", exact=True).click()
        rows = tab.frame_locator("iframe[title^='st_aggrid']").locator(".ag-row")
        expect(rows.first).to_be_visible(timeout=30_000)


def open_markets(stack: Stack, tab: Page) -> None:
    wait_until(lambda: has_bars(stack), what="prices to draw", seconds=180)
    stack.enter(tab)
    tab.goto(f"{stack.address}/markets")
    tab.locator(CHART).first.wait_for(timeout=60_000)


def head(tab: Page) -> Locator:
    """Symbol and last price over the chart."""
    return tab.locator(".m-line .m-title").first


def names(stack: Stack) -> set[str]:
    with stack.desk().store.read() as tx:
        return {one.name for one in watchlists.all_watchlists(tx)}


def has_bars(stack: Stack) -> bool:
    with stack.desk().store.read() as tx:
        return bars.last_session(tx) is not None
