import math
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.account import Market
from core.domain.card import Approval, CardStatus
from core.domain.card import advance as move_card
from core.domain.decision import Decision
from core.domain.order import Fill, OrderStatus
from core.domain.order import advance as move_order
from core.domain.plan import PlanStatus
from core.domain.plan import advance as move_plan
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.domain.protection import advance as move_protection
from core.errors import ApprovalRefused, IllegalTransition, NotFound
from core.store import approvals, cards, decisions, fills, orders, plans, protections
from core.store.engine import open_store
from tests.at_once import at_once
from tests.made import (
    ACCOUNT,
    T0,
    TCS,
    a_card,
    a_fill,
    a_plan,
    a_protection,
    a_signal,
    a_tag,
    an_allocation,
    an_approval,
    an_event,
    an_order,
    later,
)

S = OrderStatus


def same(one, two) -> bool:
    """Equal but for NaN, which equals nothing."""
    return repr(one) == repr(two) or one == two


# cards


def test_a_card_comes_back_with_its_hash(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card())
    with any_store.read() as tx:
        found = cards.by_id(tx, "cd1")
        assert found.bound_hash == a_card().bound_hash
        assert found.bracket == a_card().bracket
        assert found.signal.reasons[0].words == "calm"
        with pytest.raises(NotFound, match="no card has the id cd9"):
            cards.by_id(tx, "cd9")


def test_a_card_is_changed_by_its_next_version_only(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card())
        with pytest.raises(IllegalTransition, match="at version 1 and version 3 cannot follow"):
            cards.put(tx, a_card(version=3))
        assert cards.by_id(tx, "cd1").version == 1
        cards.put(tx, a_card(version=2))
        assert cards.by_id(tx, "cd1").version == 2
        assert cards.version(tx, "cd1", 1).version == 1
        assert [one.version for one in cards.versions(tx, "cd1")] == [1, 2]
        assert [one.version for one in cards.with_status(tx, CardStatus.OPEN)] == [2]
        with pytest.raises(NotFound, match="card cd1 has no version 7"):
            cards.version(tx, "cd1", 7)


def test_the_refused_version_leaves_the_card_as_it_was(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card())
    with pytest.raises(IllegalTransition), any_store.write() as tx:
        cards.put(tx, a_card(version=1))
    with any_store.read() as tx:
        assert cards.by_id(tx, "cd1").version == 1


def test_a_status_moves_and_is_found_by_it(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card())
        cards.save(tx, move_card(a_card(), CardStatus.REJECTED, reason="too late"))
        assert cards.with_status(tx, CardStatus.OPEN) == []
        found = cards.with_status(tx, CardStatus.REJECTED, CardStatus.OPEN)
        assert [(one.status, one.status_reason) for one in found] == [
            (CardStatus.REJECTED, "too late")
        ]


@pytest.mark.parametrize(
    "altered",
    [
        {"account_id": "acc2"},
        {"expires_at": later(901)},
        {"mandate_version": 2},
        {"market": Market.LIVE},
        {"horizon_sessions": 11},
        {"bracket": replace(a_card().bracket, stop=a_card().bracket.target)},
        {"legs": (replace(a_card().legs[0], qty=11),)},
    ],
)
def test_a_status_move_cannot_alter_what_a_click_signs(store, altered):
    with store.write() as tx:
        cards.put(tx, a_card())
        forged = replace(a_card(status=CardStatus.APPROVED), **altered)
        with pytest.raises(IllegalTransition, match="differs from the one shown"):
            cards.save(tx, forged)


def test_a_card_that_moved_meanwhile_is_refused(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card())
        cards.save(tx, move_card(a_card(), CardStatus.EXPIRED))
        with pytest.raises(IllegalTransition, match="is EXPIRED and cannot become APPROVED"):
            cards.save(tx, move_card(a_card(), CardStatus.APPROVED))
        with pytest.raises(IllegalTransition, match="card cd5 version 1 is not in the store"):
            cards.save(tx, a_card("cd5"))


def test_cards_are_listed_newest_first_and_by_instrument(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card("cd1"))
        cards.put(tx, replace(a_card("cd2"), written_at=later(9)))
        assert [one.id for one in cards.recent(tx)] == ["cd2", "cd1"]
        assert [one.id for one in cards.recent(tx, limit=1)] == ["cd2"]


# approvals


def approval(card_id: str = "cd1", **changes: object) -> Approval:
    return an_approval(a_card(card_id), **changes)


def test_a_card_is_approved_once(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card())
        approvals.put(tx, approval())
        assert approvals.by_card(tx, "cd1") == approval()
        assert approvals.by_id(tx, "ap1") == approval()
        with pytest.raises(ApprovalRefused, match="card cd1 was approved before by me"):
            approvals.put(tx, approval(nonce="n2", id="ap2"))


def test_a_nonce_is_good_once(any_store):
    with any_store.write() as tx:
        cards.put(tx, a_card("cd1"))
        cards.put(tx, a_card("cd2"))
        approvals.put(tx, approval("cd1"))
        with pytest.raises(ApprovalRefused, match="this click on card cd2 was used before"):
            approvals.put(tx, approval("cd2", id="ap2"))
        assert approvals.by_card(tx, "cd2") is None


def test_a_card_that_is_not_there_cannot_be_approved(any_store):
    with any_store.write() as tx:
        with pytest.raises(NotFound, match="card cd1 has no version 1"):
            approvals.put(tx, approval())
        with pytest.raises(NotFound, match="no approval has the id x"):
            approvals.by_id(tx, "x")


def test_200_parallel_clicks_make_one_approval(any_url):
    store = open_store(any_url, Market.SIM, scratch=True)
    with store.write() as tx:
        cards.put(tx, a_card())
    said: list[str] = []
    opened = [open_store(any_url, Market.SIM, scratch=True) for _ in range(20)]

    def click(worker: int) -> None:
        own = opened[worker]  # a connection of its own
        for turn in range(10):
            name = f"{worker}-{turn}"
            try:
                with own.write() as tx:
                    approvals.put(tx, approval(nonce=f"n{name}", id=f"ap{name}"))
                said.append("yes")
            except ApprovalRefused:
                said.append("no")
        own.close()

    at_once(20, click)
    assert (said.count("yes"), said.count("no")) == (1, 199)
    with store.read() as tx:
        assert tx.connection().exec_driver_sql("SELECT count(*) FROM approvals").scalar() == 1
    store.close()


# plans and orders


def test_a_plan_moves_by_versions(any_store):
    with any_store.write() as tx:
        plans.put(tx, a_plan())
        with pytest.raises(IllegalTransition, match="plan pl1 is in the store already"):
            plans.put(tx, a_plan())
        holding = move_plan(a_plan(), PlanStatus.HOLDING, reason="filled")
        plans.save(tx, holding)
        assert plans.by_id(tx, "pl1") == holding
        assert plans.by_card(tx, "cd1") == holding
        assert plans.by_card(tx, "cd2") is None
        assert plans.with_status(tx, PlanStatus.HOLDING, PlanStatus.EXITING) == [holding]
        assert plans.recent(tx) == [holding]
        with pytest.raises(NotFound, match="no plan has the id pl9"):
            plans.by_id(tx, "pl9")


def test_an_order_is_found_by_each_of_its_names(any_store):
    sent = replace(move_order(an_order(), S.SENT), sent_at=later(1))
    accepted = replace(move_order(sent, S.OPEN), broker_order_id="B7")
    with any_store.write() as tx:
        orders.put(tx, an_order())
        orders.save(tx, sent)
        orders.save(tx, accepted)
        for found in (
            orders.by_id(tx, "or1"),
            orders.by_tag(tx, an_order().tag),
            orders.by_broker_id(tx, "B7", login_id="paper-1"),
        ):
            assert found == accepted
        assert orders.by_tag(tx, "nobody") is None
        assert orders.by_broker_id(tx, "B8", login_id="paper-1") is None
        assert orders.by_broker_id(tx, "", login_id="paper-1") is None
        assert orders.by_broker_id(tx, "B7", login_id="another") is None
        assert orders.of_plan(tx, "pl1") == [accepted]
        assert orders.recent(tx) == [accepted]
        assert orders.with_status(tx, S.OPEN) == [accepted]
        assert orders.with_status(tx, S.PREPARED) == []
        with pytest.raises(NotFound, match="no order has the id or9"):
            orders.by_id(tx, "or9")


def test_an_order_and_its_tag_are_put_once(any_store):
    with any_store.write() as tx:
        orders.put(tx, an_order())
        with pytest.raises(IllegalTransition, match="is in the store already"):
            orders.put(tx, an_order("or2", tag=an_order().tag))


def test_a_stale_order_is_refused(any_store):
    sent = move_order(an_order(), S.SENT)
    with any_store.write() as tx:
        orders.put(tx, an_order())
        orders.save(tx, sent)
        with pytest.raises(IllegalTransition, match="at version 2 and version 2 cannot follow"):
            orders.save(tx, move_order(an_order(), S.CANCELLED))
        with pytest.raises(IllegalTransition, match="order or9 is not in the store"):
            orders.save(tx, an_order("or9"))


def test_a_terminal_order_stays_terminal(any_store):
    gone = move_order(an_order(), S.CANCELLED)
    with any_store.write() as tx:
        orders.put(tx, an_order())
        orders.save(tx, gone)
        with pytest.raises(IllegalTransition, match="is CANCELLED and cannot become OPEN"):
            orders.save(tx, replace(gone, status=S.OPEN, version=3))


def test_of_two_writers_with_one_version_one_is_refused(any_store):
    with any_store.write() as tx:
        orders.put(tx, an_order())

    def send(_: int) -> str:
        try:
            with any_store.write() as tx:
                orders.save(tx, move_order(an_order(), S.SENT))
        except IllegalTransition:
            return "refused"
        return "sent"

    assert sorted(at_once(2, send)) == ["refused", "sent"]


def test_sends_are_counted_per_login_from_a_moment_on(any_store):
    with any_store.write() as tx:
        orders.put(tx, an_order("or1", sent_at=T0))
        orders.put(tx, an_order("or2", sent_at=later(1)))
        orders.put(tx, an_order("or3", sent_at=later(1), login_id="other"))
        orders.put(tx, an_order("or4"))
        assert orders.sends_since(tx, "paper-1", T0) == 2
        assert orders.sends_since(tx, "paper-1", later(0.001)) == 1
        assert orders.sends_since(tx, "nobody", T0) == 0


# fills


def fill(trade_id: str, *, qty: int = 10) -> Fill:
    return a_fill(trade_id, qty=qty)


def test_a_fill_is_kept_once(any_store):
    with any_store.write() as tx:
        orders.put(tx, an_order())
        assert fills.put(tx, fill("t1")) is True
        assert fills.put(tx, replace(fill("t1"), qty=5)) is False
        assert fills.put(tx, fill("t2", qty=-3)) is True
        assert fills.put(tx, replace(fill("t1"), exchange="BSE")) is True
    with any_store.read() as tx:
        assert [one.qty for one in fills.of_order(tx, "or1")] == [10, -3, 10]
        assert fills.of_order(tx, "or1")[0] == fill("t1")
        assert len(fills.of_plan(tx, "pl1")) == 3
        assert fills.of_plan(tx, "pl2") == []
        assert len(fills.recent(tx, limit=2)) == 2


# protections


def protection() -> Protection:
    return a_protection(ProtectionStatus.ARMED_LOCAL, armed_at=T0)


def test_a_protection_lives_until_it_is_released(any_store):
    placed = replace(
        move_protection(protection(), ProtectionStatus.PLACED), owner=Owner.BROKER_GTT, gtt_id="g1"
    )
    with any_store.write() as tx:
        protections.put(tx, protection())
        protections.save(tx, placed)
        assert protections.by_plan(tx, "pl1") == placed
        assert protections.live(tx) == [placed]
        protections.save(tx, move_protection(placed, ProtectionStatus.RELEASED))
        assert protections.live(tx) == []
        assert protections.by_plan(tx, "pl2") is None
        with pytest.raises(IllegalTransition, match="plan pl1 has a protection already"):
            protections.put(tx, protection())


def test_a_resize_is_a_version_without_a_new_status(any_store):
    smaller = replace(protection(), qty=6, version=2)
    with any_store.write() as tx:
        protections.put(tx, protection())
        protections.save(tx, smaller)
        assert protections.by_plan(tx, "pl1") == smaller


# decisions


def decision(id: str = "de1", **more: object) -> Decision:
    news = an_event("TCS wins an order")
    value = Decision(
        id=id,
        as_of=T0,
        isin=TCS.isin,
        symbol="TCS",
        account_id=ACCOUNT.id,
        event=news,
        tag=a_tag(news, on=TCS),
        features=None,
        signal=a_signal(edge=math.nan),
        meta_label=None,
        playbook=None,
        allocation=an_allocation(),
        verdict=None,
        card=a_card(),
        refused_by="",
        reason="",
    )
    return replace(value, **more)  # type: ignore[arg-type]


def test_a_decision_is_found_by_its_card_and_its_event(any_store):
    with any_store.write() as tx:
        assert decisions.put(tx, decision()) is True
        assert decisions.put(tx, decision(symbol="X")) is False
        found = decisions.by_card(tx, "cd1")
        assert same(found.tag, decision().tag)
        assert found.symbol == "TCS"
        assert found.features is None
        assert [one.id for one in decisions.of_event(tx, found.event.id)] == ["de1"]
        with pytest.raises(NotFound, match="no decision wrote the card cd9"):
            decisions.by_card(tx, "cd9")


def test_like_refusals_are_counted_and_one_of_them_is_told(any_store):
    no = {"card": None, "refused_by": "allocation"}
    with any_store.write() as tx:
        decisions.put(tx, decision("a", **no, reason="HUF TCS: too thin, trades ₹5 L a day"))
        decisions.put(tx, decision("b", **no, reason="HUF INFY: too thin, trades ₹9 L a day"))
        decisions.put(tx, decision("c", **{**no, "refused_by": "signal"}, reason="no edge"))
        old = T0 - timedelta(days=2)
        decisions.put(tx, decision("d", **no, as_of=old, reason="HUF X: too thin, trades ₹1 L"))
        decisions.put(tx, decision("e"))
        assert decisions.refusals(tx, T0) == [
            ("allocation", "HUF INFY: too thin, trades ₹9 L a day", 2),
            ("signal", "no edge", 1),
        ]
        assert [one.id for one in decisions.recent(tx, limit=2)] == ["a", "b"]


def test_first_words_stop_at_a_number():
    assert decisions.first_words("RSI is 82, over 75") == "RSI is"
    assert (
        decisions.first_words("one two three four five six seven") == "one two three four five six"
    )
