"""Lists: made from text, renamed, reordered, deleted and brought back; chart choices kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.chart_choice import ChartChoice, chart_choice, choose_chart
from core.desk.desk import Desk
from core.desk.watchlist import (
    add_to_watchlist,
    bring_back_watchlist,
    deleted_watchlist,
    drop_watchlist,
    move_in_watchlist,
    rename_watchlist,
    save_watchlist,
    symbols_in_text,
)
from core.errors import BadInput, NotFound
from core.store import audit, watchlists
from tests.views.shelf import BEL, RELIANCE, TATAPOWER, filled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = filled_desk(tmp_path)
    save_watchlist(made, "Mine", ["BEL", "RELIANCE", TATAPOWER], by="t")
    return made


def isins(desk: Desk, name: str = "Mine") -> tuple[str, ...]:
    with desk.store.read() as tx:
        return watchlists.by_name(tx, name).isins


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bel, RELIANCE\ntatapower", ["BEL", "RELIANCE", "TATAPOWER"]),
        ("Symbol,Qty\nBEL,3\nRELIANCE,2\n", ["BEL", "RELIANCE"]),
        ("\ufeffCompany Name,Industry,Symbol,Series,ISIN Code\nX,Y,BEL,EQ,INE263A01024", ["BEL"]),
        ("Name,ISIN\nBharat,INE263A01024", ["INE263A01024"]),
        ("NSE:BEL-EQ NSE:RELIANCE BEL", ["BEL", "RELIANCE"]),
        ("M&M BAJAJ-AUTO", ["M&M", "BAJAJ-AUTO"]),
    ],
)
def test_symbols_are_read_from_text_and_from_a_csv(text: str, found: list[str]):
    assert symbols_in_text(text) == found


def test_text_without_symbols_or_with_too_many_is_refused():
    with pytest.raises(BadInput, match="there is no symbol"):
        symbols_in_text(" ,\n;")
    with pytest.raises(BadInput, match="1001 symbols are too many"):
        symbols_in_text(" ".join(f"S{n}" for n in range(1001)))


def test_a_share_moves_up_down_to_the_top_and_out(desk: Desk):
    move_in_watchlist(desk, "Mine", RELIANCE, "up", by="t")
    assert isins(desk) == (RELIANCE, BEL, TATAPOWER)
    move_in_watchlist(desk, "Mine", RELIANCE, "up", by="t")
    assert isins(desk) == (RELIANCE, BEL, TATAPOWER)
    move_in_watchlist(desk, "Mine", RELIANCE, "down", by="t")
    assert isins(desk) == (BEL, RELIANCE, TATAPOWER)
    move_in_watchlist(desk, "Mine", TATAPOWER, "top", by="t")
    assert isins(desk) == (TATAPOWER, BEL, RELIANCE)
    move_in_watchlist(desk, "Mine", TATAPOWER, "out", by="t")
    assert isins(desk) == (BEL, RELIANCE)
    with pytest.raises(NotFound, match="is not in Mine"):
        move_in_watchlist(desk, "Mine", TATAPOWER, "up", by="t")
    assert add_to_watchlist(desk, "Mine", "tatapower", by="t").isins[-1] == TATAPOWER


def test_a_list_is_renamed_but_not_over_another(desk: Desk):
    save_watchlist(desk, "Other", ["BEL"], by="t")
    with pytest.raises(BadInput, match="a list called Other is there already"):
        rename_watchlist(desk, "Mine", "Other", by="t")
    assert rename_watchlist(desk, "Mine", " Core ", by="t").name == "Core"
    assert len(isins(desk, "Core")) == 3
    with pytest.raises(BadInput, match="needs a name"):
        rename_watchlist(desk, "Core", " ", by="t")


def test_a_deleted_list_comes_back_once(desk: Desk):
    before = isins(desk)
    drop_watchlist(desk, "Mine", by="t")
    assert deleted_watchlist(desk) == "Mine"
    assert bring_back_watchlist(desk, by="t").isins == before == isins(desk)
    assert deleted_watchlist(desk) == ""
    with pytest.raises(NotFound, match="no deleted watchlist is kept"):
        bring_back_watchlist(desk, by="t")
    with desk.store.read() as tx:
        assert audit.newest(tx, 1)[0].verb == "watchlist brought back"


def test_a_deleted_list_does_not_replace_one_made_since(desk: Desk):
    drop_watchlist(desk, "Mine", by="t")
    save_watchlist(desk, "Mine", ["BEL"], by="t")
    with pytest.raises(BadInput, match="rename that one first"):
        bring_back_watchlist(desk, by="t")


def test_a_chart_choice_is_kept_by_person_and_wrong_ones_are_refused(desk: Desk):
    assert chart_choice(desk, "asha") == ChartChoice()
    choose_chart(desk, "asha", lines=["VWAP"], strips=["ATR", "OBV", "CCI"])
    choose_chart(desk, "asha", timeframe="W")
    assert chart_choice(desk, "asha") == ChartChoice(
        ("VWAP",), ("ATR", "OBV", "CCI"), "W", "6 months"
    )
    assert chart_choice(desk, "ravi") == ChartChoice()
    with pytest.raises(BadInput, match="4 strips do not fit"):
        choose_chart(desk, "asha", strips=["ATR", "OBV", "CCI", "RSI"])
    with pytest.raises(BadInput, match="no indicator is called TEMA"):
        choose_chart(desk, "asha", lines=["TEMA"])
