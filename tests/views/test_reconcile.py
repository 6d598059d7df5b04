"""Broker against books on screen: what is asked, what differs, what was done elsewhere."""

from __future__ import annotations

from pathlib import Path

from core.domain.order import OrderStatus
from core.store import lookups, orders
from core.views.positions import open_positions, positions_signature
from core.views.reconcile import reconcile_signature, reconcile_view, to_answer
from core.views.shown import Text
from core.views.today import today_view
from tests.views.doubt import LOST, SOLD, UNCLEAR, in_doubt
from tests.views.shelf import NOW, PLAN, empty_desk, filled_desk


def test_an_empty_desk_asks_nothing(tmp_path: Path) -> None:
    view = reconcile_view(empty_desk(tmp_path))
    assert (view.questions, view.differences, view.elsewhere, view.frozen) == ((), (), (), ())
    assert view.note == "not compared yet"


def test_a_question_offers_what_fits_and_that_it_is_absent(tmp_path: Path) -> None:
    desk = in_doubt(filled_desk(tmp_path))
    [asked] = reconcile_view(desk).questions
    assert asked.label == "BUY 320 BEL, order or-2"
    assert asked.sentence == f"{UNCLEAR}, order book of 10:42:03."
    assert [(one.broker_order_id, one.label) for one in asked.answers] == [
        ("B77", "It is broker order B77: BUY 320 BEL, complete"),
        ("", "It never reached the broker"),
    ]
    assert asked.waits_for_you
    assert to_answer(desk)[-1].endswith("order book of 10:42:03. Answer on Positions.")


def test_an_order_that_is_still_looked_up_says_how_far_and_asks_nobody(tmp_path: Path) -> None:
    desk = in_doubt(filled_desk(tmp_path), unclear="")
    [asked] = reconcile_view(desk).questions
    assert "2 clean reads of 3 or more over two minutes" in asked.sentence
    assert not asked.waits_for_you
    assert len(to_answer(desk)) == 1  # the shares that differ
    with desk.store.write() as tx:
        lookups.drop(tx, LOST.id)
    [asked] = reconcile_view(desk).questions
    assert (asked.answers, "read in a moment" in asked.sentence) == ((), True)


def test_differences_are_in_shares_and_rupees_with_their_age(tmp_path: Path) -> None:
    view = reconcile_view(in_doubt(filled_desk(tmp_path)))
    [row] = view.differences
    assert (row.books, row.broker, row.differs, row.worth) == ("0", "12", "+12", "+₹34,143.60")
    assert (row.since, view.note) == ("3 min ago", "compared 9 s ago")
    assert view.frozen == (
        "Paper broker and its books differ in RELIANCE: no new entry there until that is gone or "
        "accepted; exits and stops go on.",
    )


def test_what_was_done_elsewhere_is_shown_apart_and_is_no_position(tmp_path: Path) -> None:
    desk = in_doubt(filled_desk(tmp_path))
    [row] = reconcile_view(desk).elsewhere
    # twenty sold at 412.20 now
    assert (row.instrument, row.qty, row.value) == (Text("BEL", bold=True), "−20", "−₹8,244.00")
    with desk.store.read() as tx:
        held = open_positions(desk, tx, now=NOW)
    assert [(one.account, one.position.qty) for one in held] == [("Event tactical", 320)]


def test_a_sale_done_elsewhere_is_offered_to_the_plan_that_misses_it(tmp_path: Path) -> None:
    desk = in_doubt(filled_desk(tmp_path))
    [gift] = reconcile_view(desk).gifts
    assert (gift.transaction_id, gift.plan_id) == (SOLD.id, PLAN)
    assert gift.label == (
        "BEL: -20 at ₹410.00 was traded outside the desk. Count it as Event tactical's own sale."
    )


def test_today_names_what_waits_for_an_answer(tmp_path: Path) -> None:
    fixes = today_view(in_doubt(filled_desk(tmp_path))).to_fix
    assert any("no new entry there until" in one for one in fixes)
    assert any("order or-2" in one for one in fixes)


def test_the_page_is_drawn_again_when_a_question_is_answered(tmp_path: Path) -> None:
    desk = in_doubt(filled_desk(tmp_path))
    before, whole = reconcile_signature(desk), positions_signature(desk)
    with desk.store.write() as tx:
        lookups.drop(tx, LOST.id)
        assert orders.by_id(tx, LOST.id).status is OrderStatus.UNKNOWN
    assert reconcile_signature(desk) != before
    assert positions_signature(desk) != whole
