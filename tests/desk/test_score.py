"""What cards that nobody traded would have left, by bars worked by hand.

The card buys 100 MIDCO between 495 and 505 with a stop at 480 and a target at 540. It is
written at 10:30 on Mon 23 Nov 2026; the next sessions are 25 Nov (the 24th is a holiday), 26,
27, 30 Nov and so on, and its tenth session after the first is 8 Dec.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from core.desk.approve import reject_card
from core.desk.exit import exit_position
from core.desk.record import record
from core.desk.score import Bar, Life, WouldBe, score_cards, would_be
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.action import ActionKind, Factor, known_by_ex_date
from core.domain.card import Card, CardStatus, Leg, advance
from core.domain.decision import STAGES, Decision
from core.domain.money import Money
from core.domain.order import OrderStatus, Product, Side
from core.domain.plan import PlanStatus
from core.domain.research import NOT_ENTERED, Hypothesis
from core.domain.succession import Succession
from core.panel import Panel
from core.store import audit, bars, cards, factors, hypotheses, ledger, plans, successions
from tests.desk.morning import ACCOUNT, Morning, a_card, work_exits
from tests.made import BRACKET, MIDCO, RELIANCE, SHORT, rs

MON, WED, THU, FRI = (date(2026, 11, day) for day in (23, 25, 26, 27))
LAST = date(2026, 12, 8)
# a purchase of 100 at 505: STT 50.50, exchange 1.55, SEBI 0.05, stamp 7.58, GST 0.29
BOUGHT_AT_505 = rs("59.97")
DP = rs("15.34")  # 13 and 18 % GST
Day = tuple[date, str, str, str, str]


def bar(day: Day) -> Bar:
    session, *prices = day
    return Bar(session, *(rs(price) for price in prices))


def ends(*days: Day, in_session: bool = True, first: date = MON) -> WouldBe | None:
    """The end of the card's trade over some bars, all of stored sessions."""
    return would_be(
        BRACKET,
        [bar(day) for day in days],
        sessions=[day[0] for day in days],
        life=Life(first, in_session=in_session, ends_on=LAST),
    )


QUIET: Day = (MON, "500", "506", "498", "502")


def test_the_target_comes_first():
    assert ends(QUIET, (WED, "505", "539.95", "500", "530"), (THU, "531", "541", "525", "535")) == (
        WouldBe("target", left_on=THU, entered_on=MON, entry=rs("505"), exit=rs("540"))
    )


def test_the_stop_comes_first():
    found = ends(QUIET, (WED, "500", "502", "480", "481"), (THU, "500", "560", "500", "550"))
    assert found == WouldBe("stop", WED, MON, rs("505"), rs("480"))


def test_a_bar_with_both_inside_is_a_stop():
    assert ends(QUIET, (WED, "500", "545", "479", "530")) == (
        WouldBe("stop", WED, MON, rs("505"), rs("480"))
    )


def test_a_gap_through_the_stop_sells_at_the_open():
    assert ends(QUIET, (WED, "471.20", "490", "470", "488")) == (
        WouldBe("stop", WED, MON, rs("505"), rs("471.20"))
    )


def test_a_gap_through_the_target_sells_at_the_open():
    assert ends(QUIET, (WED, "548", "550", "541", "545")) == (
        WouldBe("target", WED, MON, rs("505"), rs("548"))
    )


def test_time_runs_out_at_the_open_of_the_last_day_whatever_comes_later_that_day():
    assert ends(QUIET, (LAST, "511", "560", "470", "500")) == (
        WouldBe("time", LAST, MON, rs("505"), rs("511"))
    )


def test_a_share_that_does_not_trade_on_its_last_day_is_sold_when_it_does():
    later = date(2026, 12, 10)
    found = ends(QUIET, (later, "507", "508", "506", "507"))
    assert found == WouldBe("time", later, MON, rs("505"), rs("507"))


def test_it_is_not_over_between_the_barriers():
    assert ends(QUIET, (WED, "500", "539.95", "480.05", "500")) is None
    assert ends() is None


@pytest.mark.parametrize(
    ("written_day", "outcome"),
    [
        # the high and the low of the day may be older than the card; the close is not
        ((MON, "500", "545", "470", "503"), None),
        ((MON, "500", "545", "470", "479"), ("stop", "480")),
        ((MON, "500", "545", "470", "541"), ("target", "540")),
    ],
)
def test_of_the_session_it_was_written_in_only_the_close_counts(written_day: Day, outcome):
    found = ends(written_day)
    assert (found and (found.outcome, found.exit)) == (outcome and (outcome[0], rs(outcome[1])))


@pytest.mark.parametrize(
    ("day", "entry"),
    [
        ((WED, "500", "506", "499", "503"), "500"),  # opens in the band
        ((WED, "512", "513", "504", "510"), "505"),  # falls into it: its limit
        ((WED, "490", "497", "489", "496"), "495"),  # rises into it: its lower edge
    ],
)
def test_a_card_written_outside_trading_buys_the_first_price_in_its_band(day: Day, entry: str):
    found = ends(day, (LAST, "507", "508", "506", "507"), in_session=False, first=WED)
    assert found == WouldBe("time", LAST, WED, rs(entry), rs("507"))


@pytest.mark.parametrize(
    "day", [(WED, "512", "530", "505.05", "520"), (WED, "490", "494.95", "470", "480")]
)
def test_a_session_that_never_meets_the_band_buys_nothing(day: Day):
    later = (THU, "500", "545", "499", "541")
    assert ends(day, later, in_session=False, first=WED) == WouldBe(NOT_ENTERED, left_on=WED)


def test_a_share_without_a_bar_that_session_buys_nothing_and_a_missing_session_says_nothing():
    life = Life(WED, in_session=False, ends_on=LAST)
    assert would_be(BRACKET, [], sessions=[WED], life=life) == WouldBe(NOT_ENTERED, left_on=WED)
    assert would_be(BRACKET, [], sessions=[THU], life=life) is None


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ((WED, "500", "541", "499", "530"), "target"),  # the whole bar follows the entry
        ((WED, "500", "541", "480", "530"), "stop"),  # both inside
        ((WED, "545", "546", "504", "510"), None),  # its high came before it fell into the band
        ((WED, "545", "546", "504", "541"), "target"),  # the close came after
        ((WED, "506", "507", "480", "490"), "stop"),
        ((WED, "470", "541", "470", "530"), "stop"),  # its low may have come after: against us
        ((WED, "490", "541", "489", "530"), "target"),  # the high came after the band
    ],
)
def test_on_the_day_of_the_entry_what_cannot_be_told_counts_against_the_trade(day: Day, outcome):
    found = ends(day, in_session=False, first=WED)
    assert (found.outcome if found else None) == outcome


# The use case


def store_bars(morning: Morning, *days: Day) -> None:
    """Store bars of MIDCO; RELIANCE stands still at 500."""
    still = [500.0] * len(days)
    parts = [[float(day[place]) for day in days] for place in (1, 2, 3, 4)]
    opens, high, low, close = (np.column_stack([part, still]) for part in parts)
    panel = Panel(
        sessions=tuple(day[0] for day in days),
        isins=(MIDCO.isin, RELIANCE.isin),
        open=opens,
        high=high,
        low=low,
        close=close,
        volume=np.full_like(close, 1e6),
        factor=np.ones_like(close),
    )
    with morning.desk.store.write() as tx:
        bars.put_panel(tx, panel, source="TEST")


def belief(morning: Morning, name: str = "cd1") -> Hypothesis:
    with morning.desk.store.read() as tx:
        found = hypotheses.by_card(tx, name)
    assert found is not None
    return found


def rejected(morning: Morning, card: Card | None = None) -> Card:
    made = morning.put(card, with_belief=True)
    return reject_card(morning.desk, made.id, reason="too crowded", by="me")


def ended(morning: Morning, to: CardStatus) -> Card:
    card = morning.put(with_belief=True)
    with morning.desk.store.write() as tx:
        cards.save(tx, advance(card, to, reason="its time ran out"))
    return card


def test_a_rejected_card_that_would_have_hit_its_target_cost_the_gain_after_charges(
    any_morning: Morning,
):
    rejected(any_morning)
    store_bars(any_morning, QUIET, (WED, "510", "541", "509", "530"))
    assert score_cards(any_morning.desk, through=WED) == 1
    found = belief(any_morning)
    # a sale of 100 at 540: STT 54, exchange 1.66, SEBI 0.05, GST 0.31
    left = rs("3500") - BOUGHT_AT_505 - rs("56.02") - DP
    assert left == rs("3368.67")
    assert (found.outcome, found.taken, found.pnl) == ("target", False, left)
    assert found.closed_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)  # 15:30 in India


def test_an_expired_card_that_would_have_been_stopped_saved_the_loss(morning: Morning):
    ended(morning, CardStatus.EXPIRED)
    store_bars(morning, QUIET, (WED, "500", "501", "479", "480"))
    score_cards(morning.desk, through=WED)
    # a sale of 100 at 480: STT 48, exchange 1.47, SEBI 0.05, GST 0.27
    assert belief(morning).pnl == -rs("2500") - BOUGHT_AT_505 - rs("49.79") - DP


def test_it_books_nothing_and_a_second_call_changes_nothing(morning: Morning):
    rejected(morning)
    store_bars(morning, QUIET, (WED, "510", "541", "509", "530"))
    with morning.desk.store.read() as tx:
        booked = ledger.transactions(tx, ACCOUNT.id)
    assert [score_cards(morning.desk, through=WED) for _ in range(3)] == [1, 0, 0]
    with morning.desk.store.read() as tx:
        assert ledger.transactions(tx, ACCOUNT.id) == booked
        told = [one for one in audit.entries(tx) if one.verb == "score"]
    assert [one.subject for one in told] == ["cd1"]
    morning.books_are_clean()


def test_it_stays_open_until_its_bars_are_there_and_looks_no_further_than_told(morning: Morning):
    rejected(morning)
    assert score_cards(morning.desk, through=MON) == 0  # no bar of the day yet
    store_bars(morning, QUIET, (WED, "500", "510", "490", "500"), (THU, "510", "541", "509", "530"))
    assert score_cards(morning.desk, through=WED) == 0
    assert belief(morning).outcome == ""
    assert score_cards(morning.desk, through=THU) == 1
    assert belief(morning).outcome == "target"


def test_an_open_card_is_left_alone(morning: Morning):
    morning.put(with_belief=True)
    store_bars(morning, QUIET, (WED, "510", "541", "509", "530"))
    assert score_cards(morning.desk, through=WED) == 0


def test_a_running_plan_and_a_closed_one_are_left_to_their_fills(morning: Morning):
    morning.approve(morning.put(with_belief=True))
    send_prepared(morning.dealer)
    settle(morning.dealer)
    store_bars(morning, QUIET, (WED, "510", "541", "509", "530"))
    assert score_cards(morning.desk, through=WED) == 0
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    work_exits(morning.dealer)
    send_prepared(morning.dealer)
    settle(morning.dealer)
    assert morning.plan().status is PlanStatus.CLOSED
    assert score_cards(morning.desk, through=WED) == 0
    assert (belief(morning).outcome, belief(morning).taken) == ("other", True)


def test_an_approved_card_that_was_never_filled_is_scored_as_not_taken(morning: Morning):
    order = morning.approve(morning.put(with_belief=True))
    morning.tick("508")  # out of the band, so the send refuses
    send_prepared(morning.dealer)
    assert morning.order(order.id).status is OrderStatus.CANCELLED
    assert morning.card().status is CardStatus.REFUSED
    with morning.desk.store.read() as tx:
        plan = plans.by_card(tx, "cd1")
    assert plan is not None and plan.status is PlanStatus.ABANDONED
    store_bars(morning, QUIET, (WED, "510", "541", "509", "530"))
    assert score_cards(morning.desk, through=WED) == 1
    assert (belief(morning).outcome, belief(morning).taken) == ("target", False)


def test_what_nobody_could_buy_is_an_outcome_of_its_own_and_costs_nothing(morning: Morning):
    evening = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)  # 16:00 in India
    rejected(morning, replace(a_card(morning.clock), written_at=evening))
    store_bars(morning, QUIET, (WED, "512", "545", "508", "541"))
    assert score_cards(morning.desk, through=WED) == 1
    assert (belief(morning).outcome, belief(morning).pnl) == (NOT_ENTERED, Money(0))


def test_a_split_after_the_card_is_read_in_the_cards_terms(morning: Morning):
    rejected(morning)
    # one share becomes two before 25 Nov, and prices halve
    store_bars(morning, QUIET, (WED, "255", "270.50", "254", "265"))
    split = Factor(MIDCO.isin, WED, 2.0, ActionKind.SPLIT, "TEST", known_by_ex_date(WED))
    with morning.desk.store.write() as tx:
        factors.put(tx, [split])
    assert score_cards(morning.desk, through=WED) == 1
    found = belief(morning)
    assert (found.outcome, found.pnl) == ("target", rs("3368.67"))


def test_a_share_that_got_a_new_isin_is_followed_to_it(morning: Morning):
    rejected(morning)
    store_bars(morning, QUIET)
    later = "INE111A01029"
    with morning.desk.store.write() as tx:
        successions.put(tx, [Succession(MIDCO.isin, later, since=WED, source="TEST")])
        day = bars.read_panel(tx, [RELIANCE.isin], start=MON, end=MON)
        part = {name: getattr(day, name) for name in ("volume", "factor")}
        prices = {
            name: np.array([[value]])
            for name, value in (("open", 510.0), ("high", 541.0), ("low", 509.0), ("close", 530.0))
        }
        bars.put_panel(tx, Panel((WED,), (later,), **prices, **part), source="TEST")
    assert score_cards(morning.desk, through=WED) == 1
    assert belief(morning).outcome == "target"


def test_a_time_exit_is_dated_at_the_open(morning: Morning):
    rejected(morning)
    store_bars(morning, QUIET, (LAST, "505", "506", "504", "505"))
    score_cards(morning.desk, through=LAST)
    assert (belief(morning).outcome, belief(morning).closed_at) == (
        "time",
        datetime(2026, 12, 8, 3, 45, tzinfo=UTC),  # 09:15 in India
    )


def test_a_part_of_a_bar_that_is_missing_is_no_bar(morning: Morning):
    rejected(morning)
    store_bars(morning, QUIET, (WED, "nan", "541", "509", "530"))
    assert score_cards(morning.desk, through=WED) == 0


def test_a_rewritten_card_is_scored_by_the_version_that_was_refused(morning: Morning):
    first = morning.put(with_belief=True)
    dearer = replace(
        BRACKET, entry_low=rs("515"), entry_high=rs("520"), stop=rs("500"), target=rs("560")
    )
    second = replace(first, version=2, bracket=dearer)
    with morning.desk.store.write() as tx:
        cards.save(tx, advance(first, CardStatus.SUPERSEDED))
    blank = dict.fromkeys(STAGES) | {"card": second}
    record(
        morning.desk,
        Decision("dc2", morning.clock.now(), MIDCO.isin, MIDCO.symbol, ACCOUNT.id, **blank,
                 refused_by="", reason=""),
    )  # fmt: skip
    reject_card(morning.desk, second.id, reason="dear", by="me")
    assert belief(morning).entry == rs("520")
    store_bars(morning, QUIET, (WED, "521", "561", "515", "550"))
    store_bars(morning, (MON, "516", "522", "510", "520"))
    score_cards(morning.desk, through=WED)
    found = belief(morning)
    assert found.outcome == "target" and found.pnl is not None
    assert rs("3850") < found.pnl < rs("4000")  # 40 a share less charges


def short_ends(*days: Day, for_the_day: bool = True, in_session: bool = True) -> WouldBe | None:
    """The end of a short between 495 and 505, stop 520 and target 460."""
    life = Life(MON, in_session=in_session, ends_on=LAST, for_the_day=for_the_day)
    shown = [bar(day) for day in days]
    return would_be(SHORT, shown, sessions=[day[0] for day in days], life=life)


@pytest.mark.parametrize(
    ("close", "outcome", "exit"),
    [("502", "time", "502"), ("521", "stop", "520"), ("459", "target", "460")],
)
def test_a_short_for_the_day_ends_by_the_close_of_the_session_it_was_written_in(
    close: str, outcome: str, exit: str
):
    found = short_ends((MON, "500", "530", "450", close))
    assert found == WouldBe(outcome, left_on=MON, entered_on=MON, entry=rs("495"), exit=rs(exit))


@pytest.mark.parametrize(
    ("day", "outcome", "entry", "exit"),
    [
        ((MON, "498", "519", "461", "480"), "time", "498", "480"),
        ((MON, "498", "520", "455", "480"), "stop", "498", "520"),  # both: against the trade
        ((MON, "498", "503", "455", "480"), "target", "498", "460"),
        # it rose into the band, so the low may have come before it was sold
        ((MON, "470", "497", "455", "480"), "time", "495", "480"),
    ],
)
def test_a_short_written_outside_trading_is_walked_like_a_purchase_turned_round(
    day: Day, outcome: str, entry: str, exit: str
):
    found = short_ends(day, in_session=False)
    assert found is not None
    assert (found.outcome, found.entry, found.exit) == (outcome, rs(entry), rs(exit))


def test_a_gap_over_the_stop_buys_a_short_back_at_the_open():
    found = short_ends(QUIET, (WED, "533", "540", "530", "535"), for_the_day=False)
    assert found is not None and (found.outcome, found.exit) == ("stop", rs("533"))


def test_a_purchase_for_the_day_ends_at_the_close_and_without_a_bar_never_began():
    life = Life(MON, in_session=True, ends_on=MON, for_the_day=True)
    found = would_be(BRACKET, [bar(QUIET)], sessions=[MON], life=life)
    assert found is not None and (found.outcome, found.exit, found.left_on) == (
        "time",
        rs(502),
        MON,
    )
    assert would_be(BRACKET, [], sessions=[], life=life) is None
    missing = would_be(BRACKET, [], sessions=[MON], life=life)
    assert missing is not None and missing.outcome == NOT_ENTERED


def test_a_short_nobody_took_is_scored_with_the_charges_of_both_sides(morning: Morning):
    rejected(
        morning,
        replace(
            a_card(morning.clock),
            legs=(Leg(Side.SELL, 100, Product.MIS),),
            bracket=SHORT,
            horizon_sessions=0,
        ),
    )
    store_bars(morning, QUIET)
    score_cards(morning.desk, through=MON)
    found = belief(morning)
    # sold at 495: 14.85 + 12.38 STT + 1.52 + 0.05 + 2.96 GST; back at 502: 15.06 + 1.51 stamp +
    # 1.54 + 0.05 + 3.00
    assert found.pnl == -rs("700") - rs("31.76") - rs("21.16")
    assert found.outcome == "time"
    assert found.closed_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
