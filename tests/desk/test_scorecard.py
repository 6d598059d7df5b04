"""What became of each card, in the day's report, on the page and in the terminal's rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from core.desk.approve import reject_card
from core.desk.exit import exit_position
from core.desk.report import make_report
from core.desk.score import score_cards
from core.desk.scorecard import (
    EXPIRED,
    NOT_SENT,
    REJECTED,
    TRADED,
    WAITING,
    Fate,
    Tally,
    cases,
    fates,
    tallies,
    told_again,
)
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.card import CardStatus, advance
from core.domain.money import ZERO
from core.domain.research import NOT_ENTERED
from core.store import bars, hypotheses
from core.store import cards as store_cards
from core.views.scorecard import ROWS_MAX, scorecard_view
from tests.desk.morning import OPENING, Morning, a_belief, a_card, work_exits
from tests.desk.test_score import QUIET, WED, Day, store_bars
from tests.made import rs

WON: Day = (WED, "510", "541", "509", "530")
A_MONTH = 30 * 86_400  # seconds, past the ten sessions that a card has
WOULD_HAVE_LEFT = rs("3368.67")  # 35 a share on 100, less 131.33 of charges


def card(morning: Morning, name: str, to: CardStatus | None = None) -> None:
    made = morning.put(replace(a_card(morning.clock), id=name), with_belief=True)
    if to is CardStatus.REJECTED:
        reject_card(morning.desk, made.id, reason="too crowded", by="me")
    elif to is not None:
        with morning.desk.store.write() as tx:
            store_cards.save(tx, advance(made, to, reason="its time ran out"))


def tallied(tx: Session) -> tuple[Tally, ...]:
    """As if every card's time were over."""
    return tallies(fates(tx), early=())


def report(morning: Morning) -> str:
    return make_report(morning.desk, by="me").markdown


def test_a_rejected_card_is_not_over_and_then_cost_what_it_would_have_left(morning: Morning):
    card(morning, "cd1", CardStatus.REJECTED)
    assert "| MIDCO | Event tactical | too crowded | not over yet | – |" in report(
        morning
    ) and "1 rejected: none is over yet." in report(morning)
    store_bars(morning, QUIET, WON)
    score_cards(morning.desk, through=WED)
    text = report(morning)
    assert "| MIDCO | Event tactical | too crowded | the target came first | cost ₹3,369 |" in text
    assert "In all: cost ₹3,369." in text
    assert "- 1 rejected: 1 over; not trading them cost ₹3,369." in text
    assert "not over yet" not in text


def test_a_rejection_is_told_again_on_the_day_the_market_answers_and_not_after(morning: Morning):
    card(morning, "cd1", CardStatus.REJECTED)
    store_bars(morning, QUIET, WON)
    morning.clock.pass_seconds(2 * 86_400)  # Wednesday
    assert "No card was rejected." in report(morning)
    score_cards(morning.desk, through=WED)
    assert "the target came first | cost ₹3,369 |" in report(morning)
    morning.clock.pass_seconds(86_400)
    after = report(morning)
    assert "No card was rejected." in after and "1 rejected: 1 over" in after


def test_each_way_a_card_can_end_is_counted_by_itself(morning: Morning):
    card(morning, "cd1", CardStatus.REJECTED)
    card(morning, "cd2", CardStatus.EXPIRED)
    card(morning, "cd3", CardStatus.SUPERSEDED)
    card(morning, "cd4")
    with morning.desk.store.read() as tx:
        assert {fate.card.id: fate.what for fate in fates(tx)} == {
            "cd1": REJECTED, "cd2": EXPIRED, "cd3": NOT_SENT, "cd4": WAITING,
        }  # fmt: skip
        assert [(row.what, row.over, row.open, row.left) for row in tallied(tx)] == [
            (REJECTED, 0, 1, ZERO), (EXPIRED, 0, 1, ZERO), (NOT_SENT, 0, 1, ZERO),
        ]  # fmt: skip
    store_bars(morning, QUIET, WON)
    assert score_cards(morning.desk, through=WED) == 3
    with morning.desk.store.read() as tx:
        assert [(row.what, row.over, row.cases, row.targets) for row in tallied(tx)] == [
            (what, 1, 1, 1) for what in (REJECTED, EXPIRED, NOT_SENT)
        ]
        # one account buys the share once: the first card stands for all three
        assert [(row.left, row.again) for row in tallied(tx)] == [
            (WOULD_HAVE_LEFT, 0), (ZERO, 1), (ZERO, 1),
        ]  # fmt: skip
    text = report(morning)
    assert "- 1 rejected: 1 over; not trading them cost ₹3,369." in text
    assert "- 1 expired: 1 over, counted with another card of the account on the share." in text
    assert scorecard_view(morning.desk).sentences[1] == (
        "1 expired: 1 over, counted with another card of the account on the share. No case yet: a "
        "card is one once its time is over."
    )


def test_a_card_counts_again_once_the_earlier_one_would_have_been_sold(morning: Morning):
    made = a_card(morning.clock)
    spans = {"first": (0, 4), "inside": (1, 2), "over the end": (3, 6), "after": (4, 5)}
    found = []
    for name, (start, end) in spans.items():
        at = made.written_at + timedelta(days=start)
        one = replace(made, id=name, written_at=at, status=CardStatus.EXPIRED)
        over = made.written_at + timedelta(days=end)
        belief = replace(a_belief(one), outcome="stop", closed_at=over, pnl=rs("-10"))
        found.append(Fate(EXPIRED, one, belief, rs("-10")))
    assert told_again(found) == {"inside", "over the end"}
    [row] = tallies(
        [replace(one, again=one.card.id in told_again(found)) for one in found], early=()
    )
    assert (row.over, row.again, row.left) == (4, 2, rs("-20"))
    # one that never met its band was held by nobody, and what was traded stands before all
    never = replace(found[0], belief=replace(found[0].belief, outcome=NOT_ENTERED))
    assert told_again([never, found[1]]) == set()
    traded = replace(found[2], what=TRADED)
    assert told_again([found[0], traded]) == {"first"}
    other = replace(found[1], card=replace(found[1].card, account_id="another"))
    assert told_again([found[0], other]) == set()  # each account spares or loses its own rupees
    still = replace(found[0], belief=replace(found[0].belief, outcome="", closed_at=None))
    assert told_again([still, found[3]]) == {"after"}


def test_a_traded_card_left_what_its_fills_and_charges_left(morning: Morning):
    card(morning, "cd1")
    morning.approve(morning.card())
    send_prepared(morning.dealer)
    settle(morning.dealer)
    with morning.desk.store.read() as tx:
        [held] = fates(tx)
    assert (held.what, held.is_over, held.left) == (TRADED, False, None)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    morning.tick("512")
    work_exits(morning.dealer)
    send_prepared(morning.dealer)
    settle(morning.dealer)
    with morning.desk.store.read() as tx:
        [sold] = fates(tx)
        assert tallies([sold], early=()) == ()
    assert sold.is_over and sold.left == morning.cash() - OPENING


def test_the_page_says_what_is_not_over_and_shows_no_percentage_below_thirty(morning: Morning):
    assert scorecard_view(morning.desk).rows == ()
    card(morning, "cd1", CardStatus.REJECTED)
    card(morning, "cd2")
    view = scorecard_view(morning.desk)
    assert [(row.what, row.came, row.left.text) for row in view.rows] == [
        ("rejected", "not over yet", "not over yet")
    ]
    assert (view.note, view.sentences) == (
        "1 · 1 not over yet", ("1 rejected: none is over yet.",),
    )  # fmt: skip
    store_bars(morning, QUIET, WON)
    score_cards(morning.desk, through=WED)
    view = scorecard_view(morning.desk)
    [row] = view.rows
    assert (row.came, row.left.text, row.left.note, row.written) == (
        "the target came first", "+₹3,368.67", "would be", "23 Nov 2026",
    )  # fmt: skip
    assert view.sentences == (
        "1 rejected: 1 over; not trading them cost ₹3,368.67. No case yet: a card is one once its "
        "time is over.",
    )
    morning.clock.pass_seconds(A_MONTH)
    view = scorecard_view(morning.desk)
    assert view.sentences == (
        "1 rejected: 1 over; not trading them cost ₹3,368.67. Target first in 1 of 1 cases, too "
        "few for a percentage.",
    )
    assert view.note == "1"


def test_from_thirty_cases_the_share_of_targets_is_a_percentage(morning: Morning):
    made = a_card(morning.clock)
    with morning.desk.store.write() as tx:
        for number in range(ROWS_MAX + 10):
            at = made.written_at - timedelta(days=number)
            expired = replace(made, id=f"cd{number}", status=CardStatus.EXPIRED, written_at=at)
            store_cards.put(tx, expired)
            way = "target" if number < 24 else "stop"
            left = rs("10") if number < 24 else rs("-10")
            hypotheses.put(tx, replace(a_belief(expired), outcome=way, pnl=left))
    morning.clock.pass_seconds(A_MONTH)
    view = scorecard_view(morning.desk)
    # 24 targets of 60; 24 x 10 - 36 x 10 = -120
    assert view.sentences == (
        "60 expired: 60 over; not trading them saved ₹120.00. Target first in 40 % of 60 cases.",
    )
    assert (len(view.rows), view.note) == (ROWS_MAX, "newest 50 of 60")


def test_a_card_written_again_and_again_is_one_case_and_one_sum_of_rupees(morning: Morning):
    for number in range(4):
        card(morning, f"cd{number}", CardStatus.EXPIRED)
        morning.clock.pass_seconds(3600)
    store_bars(morning, QUIET, WON)
    assert score_cards(morning.desk, through=WED) == 4
    with morning.desk.store.read() as tx:
        [row] = tallied(tx)
        [first] = cases(hypotheses.recent(tx))
    # the account would have bought the share once, so its rupees are not counted four times
    assert (row.over, row.cases, row.targets, row.left) == (4, 1, 1, WOULD_HAVE_LEFT)
    assert row.again == 3
    assert first.card_id == "cd0"
    few = "Too few cases whose time is over for a percentage: {} of 30."
    assert few.format(0) in report(morning)  # a slower card could still meet its stop
    morning.clock.pass_seconds(A_MONTH)
    assert few.format(1) in report(morning)


def test_what_nobody_could_buy_made_no_difference(morning: Morning):
    morning.clock.pass_seconds(5.5 * 3600)  # 16:00
    card(morning, "cd1", CardStatus.REJECTED)
    store_bars(morning, QUIET, (WED, "512", "545", "508", "541"))
    score_cards(morning.desk, through=WED)
    assert "| never traded in its band | made no difference |" in report(morning)
    [sentence] = scorecard_view(morning.desk).sentences
    assert sentence.startswith("1 rejected: 1 over; not trading them made no difference.")
    with morning.desk.store.read() as tx:
        assert tallied(tx)[0].cases == 0
        assert bars.sessions(tx)[-1] == WED
