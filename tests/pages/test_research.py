"""Every button of Events, Predictions, Backtests and Optimizer, clicked."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.desk.desk import Desk
from core.desk.last_scan import keep_scan
from core.store import jobs
from tests.pages.desk_page import clean, click, open_page, words
from tests.views.history import days, predict, with_bars
from tests.views.shelf import EVENT, HEADLINE, empty_desk, filled_desk
from tests.views.test_allocation import scanned
from tests.views.test_backtests import finished, result
from tests.views.test_optimizer import answered
from tests.views.versions import trained


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


def press(app: AppTest, label: str) -> AppTest:
    """Press a button by what it says."""
    return clean(next(one for one in app.button if one.label == label).click().run())


def linked(app: AppTest, name: str, **query: str) -> AppTest:
    """The page as a link with a query opens it."""
    for key, value in query.items():
        app.query_params[key] = value
    return clean(app.run())


def asked(desk: Desk) -> list[str]:
    with desk.store.read() as tx:
        return [request.kind for request in jobs.recent(tx)]


def test_an_event_opens_with_every_decision(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = linked(open_page(monkeypatch, desk, "events"), "events", event=EVENT.id)
    assert HEADLINE in words(app) and "Meta-label" in words(app)
    assert any("card written, version 1" in one.label for one in app.expander)
    assert "choose a row of the tape" in words(linked(app, "events", event="nothing"))


def test_filters_narrow_the_tape(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, desk, "events")
    app.text_input(key="event_text").set_value("jamnagar").run()
    assert "1 of 2 rows" in words(clean(app))
    app.selectbox(key="event_tag").set_value("rating").run()
    assert "Nothing matches" in words(clean(app))


def test_the_allocation_page_opens_each_account_and_asks_for_a_scan(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_scan(desk, scanned())
    app = open_page(monkeypatch, desk, "allocation")
    assert "A median day of S00" in words(app) and "places are still free" in words(app)
    assert "14 candidates, 3 kept, asked about 1" in words(app)
    assert "A median day of S05" in words(clean(app.selectbox(key="why_share").select("S05").run()))
    assert "A median day of S07" in words(linked(app, "allocation", share="s07"))
    click(app, "scan")
    assert asked(desk) == ["scan"]


def test_train_and_scan_are_asked_for_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    predict(desk, version=trained(desk, "a", has_vote=True).version)
    app = open_page(monkeypatch, desk, "predictions")
    click(click(app, "train"), "scan")
    assert sorted(asked(desk)) == ["scan", "train"]
    assert app.button(key="train").disabled and app.button(key="scan").disabled
    assert "The model votes" in words(app)


def test_a_share_of_predictions_opens_and_closes_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict(desk)
    app = linked(open_page(monkeypatch, desk, "predictions"), "predictions", symbol="BEL")
    shown = words(app)
    for part in ("BEL: below the base rate", "kept without what moved it", "no return ranges"):
        assert part in shown or "without the share" in shown, part
    assert "Target before stop, by share" in words(press(app, "All shares"))
    gone = linked(open_page(monkeypatch, desk, "predictions"), "predictions", symbol="NOSUCH")
    assert "No prediction: no instrument has the symbol NOSUCH" in words(gone)


def test_regime_and_scorecard_say_what_they_wait_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "predictions")
    shown = words(clean(app.segmented_control(key="part").set_value("Regime").run()))
    assert "No scan has told the market's regime yet" in html.unescape(shown)
    shown = words(clean(app.segmented_control(key="part").set_value("Scorecard").run()))
    assert "No signal is done with yet" in shown


def test_a_backtest_is_asked_for_with_the_form_and_refused_in_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "backtests")
    app.text_area(key="bt_symbols").set_value("RELIANCE")
    assert "1 shares are too few to train on" in words(press(app, "Run backtest"))
    app.date_input(key="bt_start").set_value(days(desk)[-2])
    app.date_input(key="bt_end").set_value(days(desk)[-5])
    app.text_area(key="bt_symbols").set_value("")
    assert "swap them" in words(press(app, "Run backtest"))
    app.date_input(key="bt_end").set_value(days(desk)[-1])
    press(app, "Run backtest")
    assert asked(desk) == ["backtest"]


def test_a_finished_backtest_draws_curves_trades_and_what_it_assumes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, finished(desk, result()), "backtests")
    shown = words(app)
    for part in ("+1.00 %", "invented by the simulator", "income tax is not", "+₹87.66"):
        assert part in shown
    assert len(app.get("plotly_chart")) == 2


def test_weights_are_asked_for_and_drawn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, desk, "optimizer")
    assert "name 2 to 60" in words(press(app, "Find weights"))
    app.text_area(key="op_symbols_event").set_value("TCS INFY, SBIN")
    press(app, "Find weights")
    assert asked(desk) == ["optimize"]
    answered(desk)
    shown = words(clean(app.run()))
    assert "Equal weights, Event tactical" in shown and "not a forecast" in shown


def test_research_pages_of_an_empty_desk_say_what_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = empty_desk(tmp_path)
    for name, sentence in (
        ("events", "No event has come yet"),
        ("predictions", "The first training is on its way"),
        ("allocation", "No scan has run yet"),
        ("backtests", "0 sessions are stored"),
        ("optimizer", "No account is open yet"),
    ):
        assert sentence in words(open_page(monkeypatch, bare, name)), name


def test_nothing_is_asked_of_a_silent_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, empty_desk(tmp_path), "predictions")
    assert app.button(key="train").disabled and app.button(key="scan").disabled
    assert app.button(key="train").label == "Train now"
