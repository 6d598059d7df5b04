"""A trade that the exchange annuls: reversed, alarmed, kept; position and stop follow its word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.desk.annul import annul_fill
from core.desk.reconcile import reconcile, why_no_entry
from core.domain.action import ShareChange
from core.domain.ledger import TransactionKind
from core.domain.money import ZERO
from core.domain.order import Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import BadInput, NotFound
from core.store import actions, audit, fills, hypotheses, ledger
from core.store.engine import Store
from tests.made import MIDCO
from tests.torture.stage import LOGIN, Stage, stage_on

NEXT_MORNING = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # the 24th is a holiday
WHY = "the exchange's circular"


@pytest.fixture
def stage(store: Store, desk_home: Path, dialect: str) -> Iterator[Stage]:
    """A scenario's stage; the oracle may miss the one trade that stands for the annulment."""
    made = stage_on(store, desk_home, dialect=dialect)
    yield made
    found = made.judge()
    made.close()
    hidden = [one for one in found if re.fullmatch(r"I3: trade \S+ is booked 0 times", one)]
    assert (found, len(hidden) < 2) == (hidden, True)


def night(stage: Stage) -> None:
    """The next session, after a login; nothing is neglected meanwhile."""
    gone = stage.clock.now()
    stage.clock.move_to(NEXT_MORNING)
    stage.broker.log_in()
    stage.away.append((gone, stage.clock.now()))
    stage.beat(times=2)


def behind_the_desk(stage: Stage, side: Side, qty: int) -> None:
    """What an annulment does to the shares at the broker, in no list that the desk reads."""
    stage.by_phone(side, qty)
    orders, trades = stage.broker.orders, stage.broker.trades

    def hidden() -> set[str]:
        terms = ("", side, qty)
        return {one.broker_order_id for one in orders() if (one.tag, one.side, one.qty) == terms}

    stage.hold(
        "orders",
        lambda: [one for one in orders() if one.broker_order_id not in hidden()],
        trades=lambda: [one for one in trades() if one.order_id not in hidden()],
    )
    stage.tick("500", size=4_000)


def in_two_pieces(stage: Stage) -> list[str]:
    """Sixty and forty shares under one stop; the trades' ids."""
    stage.approve()
    stage.beat(size=240)
    stage.beat(size=160)
    stage.beat()
    with stage.desk.store.read() as tx:
        made = sorted(fills.recent(tx), key=lambda one: -one.qty)
    assert [one.qty for one in made] == [60, 40]
    assert stage.resting() == [100]
    return [one.trade_id for one in made]


def test_a_purchase_annulled_in_part_leaves_its_plan_and_stop_of_the_rest(stage: Stage):
    _, annulled = in_two_pieces(stage)
    [order] = stage.orders()
    night(stage)
    behind_the_desk(stage, Side.SELL, 40)
    [said] = reconcile(stage.dealer)
    assert "the broker holds 60 and the desk's books 100" in said
    assert any(
        f"trade {annulled} of order {order.id} been annulled" in one and "munim orders annul" in one
        for one in stage.alarms()
    )
    with stage.desk.store.read() as tx:
        assert "until that is gone or accepted" in why_no_entry(tx, LOGIN)
        before = audit.head(tx).seq
    made, left = annul_fill(stage.desk, order.id, annulled, because=WHY, by="me")
    assert (left, made.kind, stage.shares()) == (60, TransactionKind.CORRECTION, {MIDCO.isin: 60})
    stage.beat(times=3)
    assert stage.resting() == [60]
    cover = stage.cover()
    assert (cover.status, cover.qty) == (ProtectionStatus.VERIFIED, 60)
    assert reconcile(stage.dealer) == []
    stage.books_are_clean()
    with stage.desk.store.read() as tx:
        assert [one.qty for one in fills.of_order(tx, order.id)] == [60, 40]  # as they were told
        entries = [one for one in audit.entries(tx, after=before) if one.verb == "annul"]
        [change] = actions.changes_of_plan(tx, order.plan_id)
    assert [(one.actor, one.subject) for one in entries] == [("me", order.id)]
    assert (change.qty, WHY in change.words) == (-40, True)
    assert any("annulled by me; its plan holds 60" in one for one in stage.alarms())
    with pytest.raises(BadInput, match="was annulled already"):
        annul_fill(stage.desk, order.id, annulled, because=WHY, by="me")
    stage.leave()
    stage.beat(times=6)
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.CLOSED)


def test_a_purchase_annulled_whole_ends_its_plan_at_no_loss_and_its_stop(stage: Stage):
    stage.approve(stage.put(with_belief=True))
    stage.beat(size=400)
    [order] = stage.orders()
    [fill] = stage.broker.trades()
    night(stage)
    behind_the_desk(stage, Side.SELL, 100)
    reconcile(stage.dealer)
    cash = stage.cash()
    annul_fill(stage.desk, order.id, fill.trade_id, because=WHY, by="me")
    stage.beat(times=16)
    assert (stage.shares(), stage.plan().status, stage.resting()) == ({}, PlanStatus.CLOSED, [])
    with stage.desk.store.read() as tx:
        belief = hypotheses.by_card(tx, "cd1")
        left = ledger.balance(tx, "event", f"position:{MIDCO.isin}")
    assert belief is not None
    assert (belief.pnl, left) == (ZERO, ZERO)
    assert stage.cash() > cash
    stage.books_are_clean()


def test_a_sale_annulled_holds_again_under_a_new_stop(stage: Stage):
    stage.bought()
    stage.leave()
    stage.beat(times=5)
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.CLOSED)
    [sale] = stage.sales()
    with stage.desk.store.read() as tx:
        made = fills.of_order(tx, sale.id)
    night(stage)
    behind_the_desk(stage, Side.BUY, 100)
    reconcile(stage.dealer)
    for fill in made:
        annul_fill(stage.desk, sale.id, fill.trade_id, because=WHY, by="me")
    stage.beat(times=3)
    assert (stage.shares(), stage.plan().status) == ({MIDCO.isin: 100}, PlanStatus.HOLDING)
    assert stage.resting() == [100]
    assert stage.cover().status is ProtectionStatus.VERIFIED
    assert reconcile(stage.dealer) == []
    stage.books_are_clean()


def test_what_cannot_be_undone_is_refused_and_nothing_moves(stage: Stage):
    first, second = in_two_pieces(stage)
    [order] = stage.orders()
    for because, trade, error, said in (
        ("", first, BadInput, "know why"),
        (WHY, "t-none", NotFound, "has no fill t-none"),
    ):
        with pytest.raises(error, match=said):
            annul_fill(stage.desk, order.id, trade, because=because, by="me")
    stage.leave()
    stage.beat(times=2, size=0)  # the exit works
    with pytest.raises(BadInput, match="works on the plan's shares"):
        annul_fill(stage.desk, order.id, second, because=WHY, by="me")
    stage.beat(times=5)
    assert stage.plan().status is PlanStatus.CLOSED
    with pytest.raises(BadInput, match="closed since; accept the broker's count"):
        annul_fill(stage.desk, order.id, first, because=WHY, by="me")
    stage.books_are_clean()


def test_a_split_since_leaves_an_annulled_trade_to_the_comparison(stage: Stage):
    first, _ = in_two_pieces(stage)
    [order] = stage.orders()
    split = ShareChange("ca1", order.plan_id, "event", MIDCO.isin, 0, stage.clock.now(), "split")
    with stage.desk.store.write() as tx:
        actions.put_changes(tx, [split])
    with pytest.raises(BadInput, match="went ex since"):
        annul_fill(stage.desk, order.id, first, because=WHY, by="me")
