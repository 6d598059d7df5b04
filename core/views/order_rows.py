"""Rows of the order tabs, with what each order, resting stop and approved trade is worth now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.account import BrokerLogin
from core.domain.capability import CAPABILITIES
from core.domain.money import Money
from core.domain.order import Fill, Order, OrderStatus
from core.domain.plan import Plan, PlanStatus
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.domain.words import day, pct, price, qty
from core.execution.gap import stop_limit
from core.execution.plan import closing_side
from core.views.protected import STATUS_WORDS
from core.views.shown import ORDER_TYPES, Cells, RowMark, Tag, Text, entry_tag, side_tag, when

BAD = (OrderStatus.REJECTED, OrderStatus.UNKNOWN, OrderStatus.ABSENT)
LIVE_PLANS = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)
GONE = "removed login"


@dataclass(frozen=True, slots=True)
class Known:
    """What every row needs: names of accounts, logins, the last prices and the time."""

    accounts: Mapping[str, str]
    logins: Mapping[str, BrokerLogin]
    prices: Mapping[str, Quote]
    now: datetime

    def account(self, account_id: str) -> str:
        """An account's name."""
        return self.accounts.get(account_id, account_id)

    def login(self, login_id: str) -> str:
        """A login's label."""
        return self.logins[login_id].label if login_id in self.logins else GONE

    def ltp(self, isin: str) -> str:
        """The last price, or a dash where there is none."""
        return price(self.prices[isin].ltp) if isin in self.prices else "–"

    def away(self, isin: str, level: Money) -> str:
        """The way from the last price to a level as a signed percentage of the price."""
        quote = self.prices.get(isin)
        if quote is None or not quote.ltp:
            return "–"
        return pct((level - quote.ltp).share_of(quote.ltp), digits=1, signed=True)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order; `filled` is shares filled over shares asked."""

    time: str
    account: str
    login: str
    side: Cells
    instrument: str
    purpose: str
    product: str
    filled: str
    ltp: str
    price: str
    average: str
    status: Cells
    broker: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class GttRow:
    """One stop that rests outside the desk; `limit` is what it asks once it fired."""

    instrument: str
    account: str
    login: str
    gtt: str
    qty: str
    ltp: str
    stop: str
    limit: str
    to_stop: str
    target: Cells
    to_target: str
    status: Cells
    since: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One approved trade from first order to last share; stop and target are those that stand."""

    opened: str
    account: str
    login: str
    side: Cells
    instrument: str
    qty: str
    band: str
    ltp: str
    stop: str
    to_stop: str
    target: str
    trail: str
    until: str
    status: Cells
    mark: RowMark = ""


def order_row(order: Order, trades: Sequence[Fill], known: Known) -> OrderRow:
    """One order with what it filled at."""
    done = abs(sum(trade.qty for trade in trades))
    asked = order.limit_price or order.trigger_price
    return OrderRow(
        time=when(order.sent_at or order.prepared_at, known.now),
        account=known.account(order.account_id),
        login=known.login(order.login_id),
        side=side_tag(order.side),
        instrument=order.symbol,
        purpose=order.purpose.value,
        product=f"{order.product} · {ORDER_TYPES[order.order_type]} · {order.validity}",
        filled=f"{qty(done)} / {qty(order.qty)}",
        ltp=known.ltp(order.isin),
        price=price(asked) if asked else "market",
        average=price(average) if (average := average_price(trades)) else "–",
        status=(
            Tag(order.status.lower(), "bad" if order.status in BAD else ""),
            Text("", note=order.reason),
        ),
        broker=" ".join(part for part in (order.broker_status, order.broker_order_id) if part)
        or "not told yet",
        mark="red" if order.status is OrderStatus.UNKNOWN else "",
    )


def average_price(trades: Sequence[Fill]) -> Money | None:
    """What the filled shares cost each, to the paisa; None before the first."""
    shares = sum(abs(trade.qty) for trade in trades)
    if not shares:
        return None
    return Money(round(sum(abs(trade.qty) * trade.price.paise for trade in trades) / shares))


def gtt_row(shield: Protection, plan: Plan, known: Known) -> GttRow:
    """One stop at the broker or the exchange; amber until it was read back."""
    at = shield.verified_at if shield.status is ProtectionStatus.VERIFIED else None
    login = known.logins.get(plan.login_id)
    quote = known.prices.get(shield.isin)
    closing = closing_side(plan)
    limit = stop_limit(shield.stop, closing, tick=tick_now(quote)) if quote else None
    at_exchange = shield.owner is Owner.EXCHANGE_SL
    desk_target = at_exchange or (login and CAPABILITIES[login.broker].desk_keeps_target)
    return GttRow(
        instrument=shield.symbol,
        account=known.account(shield.account_id),
        login=known.login(plan.login_id),
        gtt="stop order" if at_exchange else shield.gtt_id,
        qty=qty(shield.qty),
        ltp=known.ltp(shield.isin),
        stop=price(shield.stop),
        limit="market" if at_exchange else price(limit) if limit else "–",
        to_stop=known.away(shield.isin, shield.stop),
        target=Text(price(shield.target), note="desk") if desk_target else price(shield.target),
        to_target=known.away(shield.isin, shield.target),
        status=Tag(STATUS_WORDS[shield.status], "ok" if at else "warn"),
        since=when(at, known.now) if at else "not yet",
        mark="" if at else "red",
    )


def plan_row(plan: Plan, shield: Protection | None, held: int, known: Known) -> PlanRow:
    """One plan; an ended one is greyed."""
    stop = shield.stop if shield else plan.bracket.stop
    target = shield.target if shield else plan.bracket.target
    live = plan.status in LIVE_PLANS
    low, high = plan.bracket.entry_low, plan.bracket.entry_high
    return PlanRow(
        opened=when(plan.opened_at, known.now),
        account=known.account(plan.account_id),
        login=known.login(plan.login_id),
        side=entry_tag(plan.side),
        instrument=plan.symbol,
        qty=f"{qty(abs(held))} / {qty(plan.qty)}",
        band=f"{price(low)} – {price(high)}",
        ltp=known.ltp(plan.isin) if live else "",
        stop=price(stop),
        to_stop=known.away(plan.isin, stop) if live else "",
        target=price(target),
        trail=f"{price(plan.bracket.trail)} from {price(plan.bracket.trail_from)}",
        until=day(plan.time_exit_on),
        status=(Tag(plan.status.lower()), Text("", note=plan.reason)),
        mark="" if live else "off",
    )
