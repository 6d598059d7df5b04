"""Held through a split: frozen, proposed, confirmed, protected again, at unchanged cost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from core.desk.apply_action import apply_action
from core.desk.books import standing
from core.desk.dividends import take_in
from core.desk.exit import exit_position
from core.desk.propose import Split, proposals
from core.desk.reconcile import reconcile, why_no_entry
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.domain.action import ActionKind, CorporateAction, known_by_ex_date
from core.domain.money import Money
from core.domain.protection import ProtectionStatus
from core.errors import BadInput, IllegalTransition
from core.store import actions, ledger, quotes
from core.treasury.terms import allot
from tests.desk.morning import ACCOUNT, OPENING, Morning
from tests.made import MIDCO, rs

EX = date(2026, 11, 25)  # the session after the morning's Monday


def an_action(
    kind: ActionKind = ActionKind.SPLIT,
    new: int = 2,
    old: int = 1,
    *,
    on: date = EX,
    name: str = "",
) -> CorporateAction:
    return CorporateAction(
        id=name or f"ca-{kind.value.lower()}",
        isin=MIDCO.isin,
        symbol=MIDCO.symbol,
        ex_date=on,
        kind=kind,
        new=new,
        old=old,
        amount=None,
        subject="",
        source="TEST",
        known_at=known_by_ex_date(date(2026, 11, 20)),
        status="CONFIRMED",
    )


def held(morning: Morning) -> None:
    morning.approve(morning.put(with_belief=True))
    work(morning)
    assert morning.shares() == {MIDCO.isin: 100}


def work(morning: Morning) -> None:
    for _ in range(3):
        send_prepared(morning.dealer)
        keep_safe(morning.dealer)


def ex_day(morning: Morning, action: CorporateAction, price: str, base: str) -> None:
    """The ex-date begins at the broker and in the store, and a first price comes."""
    with morning.desk.store.write() as tx:
        actions.put(tx, action)
    day = action.ex_date
    morning.clock.move_to(datetime(day.year, day.month, day.day, 3, 44, tzinfo=UTC))
    morning.broker.paper.go_ex(action, base=rs(base), pays_on=day)
    morning.clock.move_to(datetime(day.year, day.month, day.day, 5, 0, tzinfo=UTC))
    morning.tick(price, prev_close=base)
    work(morning)
    reconcile(morning.dealer)


def cost(morning: Morning) -> Money:
    with morning.desk.store.read() as tx:
        return sum((one.cost for one in ledger.positions(tx, ACCOUNT.id)), Money(0))


def agrees(morning: Morning) -> None:
    """The books sum to zero and count what the broker counts."""
    morning.books_are_clean()
    with morning.desk.store.read() as tx:
        every = {isin: sum(ledger.shares_of(tx, isin).values()) for isin in (MIDCO.isin,)}
    assert {isin: qty for isin, qty in every.items() if qty} == morning.broker.holdings()


def test_until_a_person_confirms_the_position_is_unprotected_and_nobody_calls_it_a_shortage(
    morning: Morning,
):
    held(morning)
    ex_day(morning, an_action(), "251", "250")
    [gtt] = morning.broker.gtts()
    assert not gtt.active and gtt.reason == "disabled by the broker: ex split 2:1 on 25 Nov 2026"
    assert morning.broker.holdings() == {MIDCO.isin: 200}
    cover = morning.cover()
    assert (cover.status, cover.covers) == (ProtectionStatus.STOP_FAILED, 0)
    assert len(morning.alarms()) == 1 and "nothing protects it" in morning.alarms()[0]
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
        # 100 old shares at 251 a new one are worth 50,200, not 25,100: no false loss
        now = standing(tx, ACCOUNT.id, quotes.all_quotes(tx))
    assert now.invested == rs("50200")
    with pytest.raises(IllegalTransition, match="confirm action ca-split"):
        exit_position(morning.desk, morning.plan().id, reason="mine", by="me")


def test_the_proposal_shows_before_and_after_at_one_cost(morning: Morning):
    held(morning)
    before = cost(morning)
    ex_day(morning, an_action(), "251", "250")
    [found] = proposals(morning.desk)
    [change] = found.changes
    assert (change.qty, change.new_qty, change.cost, found.why_not) == (100, 200, before, "")
    # stop 480 and target 540 of the plan stand at 240 and 270 of the new shares
    assert (change.plans[0].bracket.stop, change.plans[0].bracket.target) == (rs("240"), rs("270"))


def test_confirmed_the_stop_is_placed_anew_read_back_and_only_then_protects(morning: Morning):
    held(morning)
    before = cost(morning)
    ex_day(morning, an_action(), "251", "250")
    done = apply_action(morning.desk, "ca-split", by="me")
    assert "100 to 200" in done.sentence
    assert morning.cover().covers == 0  # nothing protects before the read-back
    work(morning)
    cover = morning.cover()
    assert (cover.status, cover.qty, cover.stop) == (ProtectionStatus.VERIFIED, 200, rs("240"))
    [gtt] = [one for one in morning.broker.gtts() if one.active]
    assert (gtt.qty, gtt.stop, gtt.target) == (200, rs("240"), rs("270"))
    assert morning.shares() == {MIDCO.isin: 200} and cost(morning) == before
    reconcile(morning.dealer)
    agrees(morning)
    with pytest.raises(BadInput, match="in the books already"):
        apply_action(morning.desk, "ca-split", by="me")
    exit_position(morning.desk, morning.plan().id, reason="mine", by="me")
    work(morning)
    assert morning.shares() == {} and morning.broker.holdings() == {}
    agrees(morning)


def test_new_shares_that_are_not_credited_yet_cannot_be_confirmed(morning: Morning):
    held(morning)
    action = an_action(ActionKind.BONUS, 1, 1)
    with morning.desk.store.write() as tx:
        actions.put(tx, action)
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    morning.tick("251", prev_close="250")
    work(morning)
    reconcile(morning.dealer)
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
    with pytest.raises(BadInput, match="the broker counts 100 and 200 are to come"):
        apply_action(morning.desk, action.id, by="me")
    assert not [gtt for gtt in morning.broker.gtts() if gtt.active]  # an old stop would sell


def test_a_count_the_action_does_not_explain_is_a_shortage(morning: Morning):
    held(morning)
    ex_day(morning, an_action(), "251", "250")
    morning.broker.paper.credit(MIDCO.isin, -7)
    reconcile(morning.dealer)
    with morning.desk.store.read() as tx:
        assert "193" in why_no_entry(tx, "paper")
    with pytest.raises(BadInput, match="its count is not what 200 shares would be"):
        apply_action(morning.desk, "ca-split", by="me")


def test_a_consolidation_leaves_a_fraction_that_is_paid_in_cash(morning: Morning):
    held(morning)
    before, free = cost(morning), morning.cash()
    # 100 of 8 into 1 are 12.5 shares; the half is paid at 4,000
    ex_day(morning, an_action(ActionKind.CONSOLIDATION, 1, 8), "4010", "4000")
    apply_action(morning.desk, "ca-consolidation", by="me")
    assert take_in(morning.desk, "paper", morning.broker.paper.payments()) == 1
    assert take_in(morning.desk, "paper", morning.broker.paper.payments()) == 0
    assert morning.cash() == free + rs("2000")
    assert morning.shares() == {MIDCO.isin: 12} and cost(morning) == before
    work(morning)
    assert morning.cover().stop == rs("3840")
    agrees(morning)


def test_a_demerger_asks_for_the_split_of_cost_and_keeps_both_parts(morning: Morning):
    held(morning)
    before = cost(morning)
    ex_day(morning, an_action(ActionKind.DEMERGER, 0, 0), "375", "375")
    with pytest.raises(BadInput, match="--keeps"):
        apply_action(morning.desk, "ca-demerger", by="me")
    with pytest.raises(BadInput, match="no split of 100 %"):
        Split(Decimal(70), Decimal(20))
    apply_action(morning.desk, "ca-demerger", by="me", keeps=Decimal(75), leaves=Decimal(25))
    with morning.desk.store.read() as tx:
        gone = ledger.balance(tx, ACCOUNT.id, f"spun off:{MIDCO.isin}")
    assert cost(morning) + gone == before and gone == before.times(Decimal("0.25"))
    work(morning)
    assert morning.cover().stop == rs("360") and morning.cover().covers == 100
    agrees(morning)


def test_rights_of_unknown_worth_are_left_to_a_person_in_plain_words(morning: Morning):
    held(morning)
    ex_day(morning, an_action(ActionKind.RIGHTS, 1, 5), "480", "480")
    with pytest.raises(BadInput, match="what the rights of 2026-11-25 were worth is not known"):
        apply_action(morning.desk, "ca-rights", by="me")
    assert OPENING  # the desk bought none


@pytest.mark.parametrize(
    ("parts", "whole", "found"),
    [
        ({"a": Fraction(99, 2), "b": Fraction(99, 2)}, 99, {"a": 50, "b": 49}),
        ({"a": Fraction(1, 3), "b": Fraction(2, 3)}, 1, {"a": 0, "b": 1}),
        ({"a": Fraction(5)}, 5, {"a": 5}),
    ],
)
def test_shares_are_parted_by_the_largest_fractions(parts, whole, found):
    assert allot(parts, whole) == found


def test_a_count_beyond_rounding_is_not_parted():
    with pytest.raises(BadInput, match="7 shares cannot be parted as 5"):
        allot({"a": Fraction(5)}, 7)
