"""Weights under the form's caps and the mandate's bans, and the trades to get there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.mandate import sign
from core.desk.optimize import Wish, ask_optimize, check, run_optimize
from core.errors import BadInput, NoData, NotFound
from core.store import mandates
from tests.views.history import with_bars
from tests.views.shelf import filled_desk

WISH = Wish(
    account_id="event", method="min_variance", symbols=("RELIANCE", "TCS", "INFY", "SBIN"),
    weight_max=0.30, sector_max=0.60, invested=0.90, sessions=120,
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


def test_weights_keep_the_caps_and_add_up_to_what_is_invested(desk: Desk):
    made = run_optimize(desk, WISH)
    chosen = {row.symbol: row.after for row in made.weights}
    assert sum(chosen.values()) == pytest.approx(0.90, abs=1e-4)
    assert max(chosen.values()) <= 0.30 + 1e-6
    assert chosen["TCS"] + chosen["INFY"] <= 0.60 + 1e-6
    assert made.sessions == 120 and len(made.frontier) == 20
    assert made.symbols == ("RELIANCE", "TCS", "INFY", "SBIN")


def test_a_share_held_and_not_chosen_is_sold_first(desk: Desk):
    made = run_optimize(desk, WISH)
    first = made.steps[0]
    assert (first.symbol, first.qty, first.after) == ("BEL", -320, 0.0)
    assert first.charges.paise > 0
    assert all(step.qty > 0 for step in made.steps[1:])


def test_equal_weights_buy_whole_shares_worked_by_hand(desk: Desk):
    made = run_optimize(desk, replace(WISH, method="equal", invested=0.80))
    tcs = next(step for step in made.steps if step.symbol == "TCS")
    # 20 % of 2003302.40 is 400660.48; at 500 that is 801 shares
    assert (tcs.qty, tcs.notional.paise) == (801, 400_500_00)


def test_what_the_mandate_bans_is_left_out_with_the_reason(desk: Desk):
    with desk.store.read() as tx:
        rules = mandates.current(tx, "event")
    sign(
        desk,
        replace(rules, sectors_banned=frozenset({"Energy"}), isins_banned=frozenset({
            "INE062A01020"})),
        by="t",
    )  # fmt: skip
    made = run_optimize(desk, replace(WISH, weight_max=0.5, sector_max=1.0))
    assert dict(made.left_out) == {
        "RELIANCE": "is in Energy, which the mandate bans",
        "SBIN": "is banned by the mandate",
    }


def test_too_few_usable_shares_say_which_and_why(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path), count=100)
    with desk.store.read() as tx:
        rules = mandates.current(tx, "event")
    sign(desk, replace(rules, sectors_banned=frozenset({"Information Technology"})), by="t")
    wish = replace(WISH, symbols=("TCS", "INFY", "SBIN"), sessions=60)
    with pytest.raises(NoData, match="1 of 3 shares can be weighed and 2 are needed: TCS is in"):
        run_optimize(desk, wish)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"method": "magic"}, BadInput, "'magic' is no method"),
        ({"weight_max": 0.0}, BadInput, "one share 0.0% must be above 0%"),
        ({"invested": 1.5}, BadInput, "invested 150.0% must be above 0%"),
        ({"sessions": 20}, BadInput, "20 sessions of past returns; use 60 to 1250"),
        ({"symbols": ("TCS", "tcs")}, BadInput, "1 shares to weigh; name 2 to 60"),
        ({"symbols": ("TCS", "NOPE")}, NotFound, "no instrument has the symbol NOPE"),
        ({"account_id": "mine"}, NotFound, "no account has the id mine"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_at_once(
    desk: Desk, changes: dict[str, object], error: type[Exception], words: str
):
    with pytest.raises(error, match=words):
        check(desk, replace(WISH, **changes))


def test_asking_makes_one_job(desk: Desk):
    assert ask_optimize(desk, WISH, by="t").id == ask_optimize(desk, WISH, by="t").id


def test_an_empty_store_has_too_little_history(tmp_path: Path):
    desk = filled_desk(tmp_path)
    with pytest.raises(NoData, match="60 sessions of returns, stored are 0"):
        run_optimize(desk, replace(WISH, symbols=("RELIANCE", "BEL")))
