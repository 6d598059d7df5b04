"""A demerger held through: valued in old terms until a person says how its cost is split."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from core.desk.apply_action import apply_action
from core.desk.books import standing
from core.desk.estimate import price_ratio
from core.desk.propose import proposals
from core.desk.watch import Returns, watch
from core.domain.action import ActionKind, Factor
from core.domain.money import Money
from core.domain.risk import KillLevel
from core.store import factors, ledger, quotes
from core.views.ex_dates import ex_dates_view
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.test_apply_action import EX, an_action, cost, ex_day, held
from tests.made import MIDCO, rs

DEMERGER = an_action(ActionKind.DEMERGER, 0, 0)


def worth(morning: Morning) -> Money:
    with morning.desk.store.read() as tx:
        return standing(tx, ACCOUNT.id, quotes.all_quotes(tx)).equity


def test_the_fall_that_left_with_the_business_is_no_loss_and_raises_no_level(morning: Morning):
    held(morning)
    before = worth(morning)
    # the last bar closed near 504 and the first price is 375: a quarter left
    ex_day(morning, DEMERGER, "375", "500")
    assert abs(worth(morning) - before).paise <= rs("500").paise
    looks = watch(morning.desk, returns=Returns())
    assert {one.level for one in looks} == {KillLevel.NORMAL}
    assert all(not one.breaches for one in looks)


def test_the_estimate_stays_while_the_price_moves_and_is_said_on_screen(morning: Morning):
    held(morning)
    ex_day(morning, DEMERGER, "375", "500")
    with morning.desk.store.read() as tx:
        first = price_ratio(tx, DEMERGER, quotes.last(tx, MIDCO.isin))
    morning.tick("360", prev_close="500")
    with morning.desk.store.read() as tx:
        later = price_ratio(tx, DEMERGER, quotes.last(tx, MIDCO.isin))
        now = standing(tx, ACCOUNT.id, quotes.all_quotes(tx))
    assert later == first and "an estimate: the last close" in later.words
    # 100 shares at 360, each 1/3 more with what left: the 4 % fall since the open is real
    assert now.invested == Money(36_000 * first.ratio.numerator // first.ratio.denominator * 100)
    [waiting] = ex_dates_view(morning.desk).waiting
    assert waiting.asks_split and "an estimate" in waiting.notes[0]


def test_a_divisor_of_a_list_comes_before_the_estimate(morning: Morning):
    held(morning)
    told = Factor(MIDCO.isin, EX, 1.25, ActionKind.DEMERGER, "a list", morning.clock.now())
    with morning.desk.store.write() as tx:
        factors.put(tx, [told])
    ex_day(morning, DEMERGER, "375", "500")
    with morning.desk.store.read() as tx:
        found = price_ratio(tx, DEMERGER, quotes.last(tx, MIDCO.isin))
    assert float(found.ratio) == 1.25 and "by a list" in found.words


def test_confirming_moves_no_figure_by_itself(morning: Morning):
    held(morning)
    paid = cost(morning)
    ex_day(morning, DEMERGER, "375", "500")
    before = worth(morning)
    [found] = proposals(morning.desk)
    assert "--keeps" in found.why_not
    apply_action(morning.desk, "ca-demerger", by="me", keeps=Decimal(60), leaves=Decimal(40))
    assert abs(worth(morning) - before).paise <= 100  # a paisa a share of rounding
    with morning.desk.store.read() as tx:
        gone = ledger.balance(tx, ACCOUNT.id, f"spun off:{MIDCO.isin}")
    assert gone == paid.times(Decimal("0.4")) and cost(morning) + gone == paid
    morning.clock.move_to(datetime(2026, 11, 26, 5, 0, tzinfo=UTC))
    morning.tick("375", prev_close="375")
    assert abs(worth(morning) - before).paise <= 100
