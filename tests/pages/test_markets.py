"""Every button of Markets, clicked: lists, chart choices, alerts, the quality tab, the board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.desk.chart_choice import ChartChoice, chart_choice
from core.desk.desk import Desk
from core.desk.watchlist import save_watchlist
from core.domain.quality import Finding, FlawKind, Severity
from core.store import alerts, quality, watchlists
from tests.pages.desk_page import clean, click, open_page, words
from tests.views.history import days, with_bars
from tests.views.shelf import RELIANCE, empty_desk, filled_desk
from ui.frame import PERSON


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> AppTest:
    return open_page(monkeypatch, desk, "markets")


def press(app: AppTest, label: str) -> AppTest:
    """Press a button by what it says."""
    return clean(next(one for one in app.button if one.label == label).click().run())


def choose(app: AppTest, key: str, value: object) -> AppTest:
    """Set pills or a segmented control by its key."""
    group = next(one for one in app.get("button_group") if one.key == key)
    group.set_value(value)
    return clean(app.run())


def opened(app: AppTest, box: str) -> AppTest:
    """The page with a popover open."""
    app.session_state[box] = True
    return clean(app.run())


def linked(app: AppTest, **query: str) -> AppTest:
    """The page as a link with a query opens it."""
    for key, value in query.items():
        app.query_params[key] = value
    return clean(app.run())


def lists(desk: Desk) -> dict[str, tuple[str, ...]]:
    with desk.store.read() as tx:
        return {one.name: one.isins for one in watchlists.all_watchlists(tx)}


def test_a_linked_share_opens_and_an_unknown_one_is_said(app: AppTest) -> None:
    shown = words(linked(app, symbol="BEL"))
    assert "Bharat Electronics Ltd." in shown and "412.20" in shown and "held 320" in shown
    assert "no instrument has the symbol RELIENCE" in words(linked(app, symbol="RELIENCE"))


def test_the_list_marks_the_share_of_the_address_and_knows_what_is_held(app: AppTest) -> None:
    (shares,) = [
        one.proto
        for one in linked(app, symbol="BEL").get("bidi_component")
        if one.proto.component_name == "munim_shares"
    ]
    told = json.loads(shares.json)
    assert told["chosen"] == "BEL"
    by_symbol = {row[0]: row for row in told["rows"]}
    assert by_symbol["BEL"][2] == 412.2 and by_symbol["BEL"][4].startswith("held 320")


def test_back_to_an_address_without_a_symbol_shows_what_was_shown_there(app: AppTest) -> None:
    first = app.session_state["isin"]
    linked(app, symbol="RELIANCE")
    assert app.session_state["isin"] != first
    app.query_params.clear()
    assert clean(app.run()).session_state["isin"] == first


def test_the_share_looked_at_last_is_there_again_after_another_page(app: AppTest) -> None:
    seen = linked(app, symbol="RELIANCE").session_state["isin"]
    app.query_params.clear()
    app.switch_page("pages/risk.py").run()
    assert clean(app.switch_page("pages/markets.py").run()).session_state["isin"] == seen


def test_movers_lead_to_their_share_by_its_symbol(app: AppTest) -> None:
    assert '<a class="m-b" href="/markets?symbol=BEL"' in words(choose(app, "shape", "Market"))


def test_a_price_alert_is_added_refused_dropped_and_brought_back(app: AppTest, desk: Desk) -> None:
    choose(linked(app, symbol="RELIANCE"), "beside", "Alerts")
    app.text_input(key="alert_level").set_value("₹2,900.00")
    press(app, "Add alert")
    with desk.store.read() as tx:
        (alert,) = alerts.waiting(tx)
    assert "price above 2,900.00" in words(app)
    click(app, f"drop_{alert.id}")
    with desk.store.read() as tx:
        assert alerts.waiting(tx) == []
    assert "dropped" in words(app)
    click(app, f"undo_{alert.id}")
    with desk.store.read() as tx:
        assert [one.id for one in alerts.waiting(tx)] == [alert.id]
    app.text_input(key="alert_level").set_value("soon")
    assert "is not an amount in rupees" in words(press(app, "Add alert"))


def test_alerts_on_a_move_an_indicator_and_news_are_added(app: AppTest, desk: Desk) -> None:
    choose(linked(app, symbol="RELIANCE"), "beside", "Alerts")
    choose(app, "alert_what", "Move")
    app.text_input(key="alert_move").set_value("\u22123")
    press(app, "Add alert")
    choose(app, "alert_what", "Indicator")
    app.selectbox(key="alert_indicator").set_value("RSI")
    app.text_input(key="alert_bound").set_value("70")
    press(app, "Add alert")
    choose(app, "alert_what", "News")
    app.selectbox(key="alert_event").set_value("rating")
    press(app, "Add alert")
    with desk.store.read() as tx:
        said = {one.sentence for one in alerts.waiting(tx)}
    assert said == {
        "RELIANCE down by 3.00 % on the day", "RELIANCE RSI crosses above 70.00",
        "RELIANCE news: rating",
    }  # fmt: skip


def test_a_list_is_made_and_a_wrong_symbol_refuses_it(app: AppTest, desk: Desk) -> None:
    opened(app, "new_list").text_input(key="list_name_").set_value("Mine")
    app.text_area(key="list_symbols_").set_value("TCS, NOSUCH")
    assert "no instrument has the symbol NOSUCH" in words(press(app, "Make list"))
    app.text_input(key="list_name_").set_value("Mine")
    app.text_area(key="list_symbols_").set_value("Symbol,Qty\nTCS,4\nNSE:BEL-EQ,2\n")
    press(app, "Make list")
    assert list(lists(desk)) == ["Mine"] and len(lists(desk)["Mine"]) == 2
    assert app.selectbox(key="watchlist").value == "Mine"


def test_a_list_is_renamed_reordered_deleted_and_brought_back(app: AppTest, desk: Desk) -> None:
    save_watchlist(desk, "Mine", ["BEL", "RELIANCE", "TCS"], by="t")
    clean(app.run()).selectbox(key="watchlist").set_value("Mine")
    linked(app, symbol="RELIANCE")
    before = lists(desk)["Mine"]
    click(opened(app, "edit_list"), "move_top")
    assert lists(desk)["Mine"] == (RELIANCE, before[0], before[2])
    app.text_input(key="list_name_Mine").set_value("Watched")
    press(app, "Save list")
    assert list(lists(desk)) == ["Watched"]
    click(app, "delete_list")
    assert lists(desk) == {} and "Watched is deleted." in words(app)
    click(app, "undo_list")
    assert list(lists(desk)) == ["Watched"]
    assert "is deleted" not in words(app)


def test_chart_choices_are_kept_for_the_next_visit_and_a_fourth_strip_is_not(
    app: AppTest, desk: Desk
) -> None:
    choose(app, "overlays", ["Bollinger 20 2", "Supertrend 10 3", "VWAP"])
    choose(app, "panes", ["MACD", "ATR", "OBV"])
    choose(app, "panes", ["MACD", "ATR", "OBV", "RSI"])
    choose(app, "frame", "W")
    app.selectbox(key="span").set_value("All")
    clean(app.run())
    assert chart_choice(desk, PERSON) == ChartChoice(
        ("Bollinger 20 2", "Supertrend 10 3", "VWAP"), ("MACD", "ATR", "OBV"), "W", "All",
    )  # fmt: skip


def test_other_shares_are_compared_and_monthly_bars_draw(app: AppTest, desk: Desk) -> None:
    choose(linked(app, symbol="RELIANCE"), "frame", "M")
    opened(app, "compare_box").multiselect(key="compare").set_value(["INE467B01029"])
    shown = words(clean(app.run()))
    assert "TCS +" in shown and "each as a percent of its first" in shown


def test_the_table_and_the_whole_market_draw(app: AppTest) -> None:
    choose(app, "shape", "Table")
    shown = words(choose(app, "shape", "Market"))
    for part in ("Gainers", "Sectors", "No index is imported", "No FII/DII file is imported"):
        assert part in shown
    assert "52-week highs" in shown


def test_the_quality_tab_shows_findings_and_one_is_accepted(app: AppTest, desk: Desk) -> None:
    session = days(desk)[-3]
    flaw = Finding(RELIANCE, session, FlawKind.JUMP, Severity.SERIOUS, "A jump of 61 %.")
    with desk.store.write() as tx:
        quality.put(tx, [flaw], first=None, until=days(desk)[-1])
    shown = words(choose(linked(app, symbol="RELIANCE"), "beside", "Quality"))
    assert "A jump of 61 %." in shown and "SIM" in shown
    press(app, "Accept this bar")
    assert f"Accepted by {PERSON}." in words(app)


def test_a_share_is_put_into_a_list_and_taken_out_with_a_tick(app: AppTest, desk: Desk) -> None:
    save_watchlist(desk, "Mine", ["BEL"], by=PERSON)
    page = opened(linked(app, symbol="RELIANCE"), "lists_box")
    box = next(one for one in page.checkbox if one.label == "Mine")
    clean(box.check().run())
    assert RELIANCE in lists(desk)["Mine"]
    clean(next(one for one in app.checkbox if one.label == "Mine").uncheck().run())
    assert RELIANCE not in lists(desk)["Mine"]


def test_the_company_part_says_what_is_not_there(app: AppTest) -> None:
    shown = words(choose(linked(app, symbol="BEL"), "beside", "Company"))
    assert "INE263A01024" in shown and "they come from Yahoo" in shown


def test_markets_without_shares_says_what_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = words(open_page(monkeypatch, empty_desk(tmp_path / "bare"), "markets"))
    assert "The first start lists the universe" in shown
