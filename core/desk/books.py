"""Books of one account as the desk reads them, and the postings an order brings about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlmodel import Session

from core.desk.desk import REFERENCE
from core.desk.estimate import spun_off
from core.desk.pnl_at import above_cost, pnl_until
from core.desk.share_terms import marks, sold_meanwhile
from core.domain.account import Broker
from core.domain.candidate import Book, Held
from core.domain.card import Card
from core.domain.charges import Security
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.ledger import (
    CASH,
    RECEIVABLE,
    RESERVED,
    Position,
    Transaction,
)
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill, Order, Product, Side
from core.domain.plan import PlanStatus
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.providers.charges_file import load_charges
from core.store import accounts, fills, ledger, plans, protections
from core.treasury import post
from core.treasury.charges import Charges, Schedule, charges, dp_charge, fill_charges
from core.treasury.kept import NOTHING as NOTHING_KEPT
from core.treasury.kept import KeptBack
from core.treasury.pnl import NOTHING, Pnl, pnl, unrealised_of

REST = "rest"  # the part of an entry that ended unfilled
LIVE_PLANS = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)


@lru_cache(maxsize=1)
def schedule() -> Schedule:
    """The committed, dated charge schedule, read once."""
    return load_charges(REFERENCE / "charges.json")


def kind_of(isin: str, symbol: str) -> Security:
    """What a share is for the tax on transactions: every question for charges asks this."""
    return schedule().security_of(isin, symbol)


def order_charges(
    broker: Broker,
    *,
    product: Product,
    side: Side,
    qty: int,
    price: Money,
    on: date,
    security: Security,
) -> Charges:
    """What one executed NSE order costs on a day; `security` is what `kind_of` says."""
    return charges(
        schedule(),
        broker=broker,
        product=product,
        exchange="NSE",
        side=side,
        qty=qty,
        price=price,
        on=on,
        security=security,
    )


def fill_costs(broker: Broker, fill: Fill, *, before: Money) -> Charges:
    """What one fill adds to its order's charges; `before` is the turnover of earlier fills."""
    return turnover_costs(broker, fill, before=before, traded=fill.notional)


def turnover_costs(broker: Broker, fill: Fill, *, before: Money, traded: Money) -> Charges:
    """What turnover adds to the charges of an order that has such a fill."""
    return fill_charges(
        schedule(),
        broker=broker,
        product=fill.product,
        exchange=fill.exchange,
        side=Side.BUY if fill.qty > 0 else Side.SELL,
        before=before,
        traded=traded,
        on=ist_day(fill.traded_at),
        security=kind_of(fill.isin, fill.symbol),
    )


def depository_fee(broker: Broker, fill: Fill) -> Transaction | None:
    """The DP charge of a delivery sale, one a share and day; None where nothing is charged.

    Every sale of a day makes the same transaction id, so only the first is posted.
    """
    day = ist_day(fill.traded_at)
    fee = dp_charge(schedule(), broker=broker, on=day)
    if fill.product is not Product.CNC or not fee:
        return None
    return post.charge(
        account_id=fill.account_id,
        charges=Charges(dp=fee),
        at=fill.traded_at,
        reference=depository_reference(fill.isin, day),
        words=f"DP charge of selling {fill.symbol}",
    )


def depository_reference(isin: str, on: date) -> str:
    """What the books call the DP charge that a sale brings about."""
    return f"dp:{isin}:{on}"


def reserve_per_share(order: Order, *, on: date) -> Money:
    """Cash held back for one share of an entry: its limit and its share of the charges.

    A short sale brings cash, and its broker asks for as much margin as the shares are worth.
    """
    price = order.limit_price or ZERO
    cost = order_charges(
        Broker.PAPER,
        product=order.product,
        side=order.side,
        qty=order.qty,
        price=price,
        on=on,
        security=kind_of(order.isin, order.symbol),
    ).total
    return price + Money(-(-cost.paise // order.qty))


def reserve_for(card: Card, order: Order, *, at: datetime) -> Transaction:
    """Cash set aside for an approved entry until it fills or ends."""
    amount = reserve_per_share(order, on=ist_day(at)) * order.qty
    return post.reserve(
        account_id=order.account_id,
        amount=amount,
        at=at,
        order_id=order.id,
        words=f"set aside for {card.symbol}",
    )


def release_filled(tx: Session, order: Order, *, trade_id: str, qty: int, at: datetime) -> None:
    """Let go of the cash reserved for shares that a trade just paid for."""
    share = reserve_per_share(order, on=ist_day(order.prepared_at)) * qty
    _release(tx, order, part=trade_id, amount=min(share, _left(tx, order)), at=at)


def release_rest(tx: Session, order: Order, *, at: datetime) -> None:
    """Let go of what the books still hold back for an ended entry, whatever its row says now.

    A second call changes nothing.
    """
    _release(tx, order, part=REST, amount=_left(tx, order), at=at)


def is_let_go(tx: Session, order: Order) -> bool:
    """Whether an ended entry gave back its cash, so that a fill from now on is a late one."""
    return ledger.is_posted(tx, post.release_id(order.id, REST))


def _left(tx: Session, order: Order) -> Money:
    """What was set aside for an order, less what was let go of since."""
    parts = [REST, *(fill.trade_id for fill in fills.of_order(tx, order.id))]
    let_go = (post.release_id(order.id, part) for part in parts)
    return ledger.amount_of(tx, RESERVED, [post.reserve_id(order.id), *let_go])


def _release(tx: Session, order: Order, *, part: str, amount: Money, at: datetime) -> None:
    if amount.paise <= 0:
        return
    made = post.release(
        account_id=order.account_id,
        amount=amount,
        at=at,
        order_id=order.id,
        part=part,
        words=f"let go for {order.symbol}",
    )
    ledger.post(tx, made)


@dataclass(frozen=True, slots=True)
class Standing:
    """One account now: cash, reserved cash and open positions at their marks.

    `dividends` are past their ex-date and not paid yet, `spun_off` is what went into businesses
    that demerged, `to_confirm` new shares that the books, out of old ones, do not count yet.
    `earned` is profit and loss since the account opened.
    """

    account_id: str
    cash: Money
    reserved: Money
    positions: tuple[Position, ...]
    marks: Mapping[str, Money]
    stops: Mapping[str, Money]
    dividends: Money = ZERO
    spun_off: Money = ZERO
    to_confirm: Money = ZERO
    earned: Pnl = NOTHING

    @property
    def paid_in(self) -> Money:
        """Equity that was not earned: money that came, less money that went."""
        return self.equity - self.earned.net

    @property
    def owed(self) -> Money:
        """What is in equity and neither in cash nor in a position."""
        return self.dividends + self.spun_off + self.to_confirm

    @property
    def invested(self) -> Money:
        """Market value of open positions."""
        return total(self.value(position) for position in self.positions)

    @property
    def blocked(self) -> Money:
        """Cash that open short positions keep: what their sale brought and their worth now.

        A broker pays neither out nor lets another trade use it until the shares are bought back;
        Munim takes no leverage, so the margin is the whole worth.
        """
        short = [one for one in self.positions if one.qty < 0]
        return total(-one.cost - self.value(one) for one in short)

    @property
    def equity(self) -> Money:
        """Cash, reserved cash, what is owed and positions at market."""
        return self.cash + self.reserved + self.owed + self.invested

    def value(self, position: Position) -> Money:
        """A position at its mark, at cost where no price is known."""
        return position.cost + self.gain(position)

    def gain(self, position: Position) -> Money:
        """What a position would earn at its mark, before charges; nothing without a price."""
        known = position.isin in self.marks
        return unrealised_of(position, self.marks) if known else ZERO


def standing(tx: Session, account_id: str, prices: Mapping[str, Quote]) -> Standing:
    """Fold the ledger of one account and mark it."""
    held = ledger.positions(tx, account_id)
    balances = ledger.balances(tx, account_id)
    at = marks(tx, account_id, [p.isin for p in held], prices)
    more = sold_meanwhile(tx, account_id, prices)
    return Standing(
        account_id=account_id,
        cash=balances.get(CASH, ZERO),
        reserved=balances.get(RESERVED, ZERO),
        positions=tuple(held),
        marks=at,
        stops=stops_of(tx, account_id),
        dividends=balances.get(RECEIVABLE, ZERO),
        spun_off=spun_off(tx, account_id, balances),
        to_confirm=more,
        earned=pnl(balances, held, at, beyond=above_cost(tx, account_id, balances) + more),
    )


def stops_of(tx: Session, account_id: str) -> dict[str, Money]:
    """The stop that covers each instrument of an account, the farthest when there are two."""
    found: dict[str, list[Money]] = {}
    shorts = set()
    for cover in protections.live(tx):
        if cover.account_id == account_id:
            found.setdefault(cover.isin, []).append(cover.stop)
            shorts |= {cover.isin} if cover.stop > cover.target else set()
    return {isin: max(stops) if isin in shorts else min(stops) for isin, stops in found.items()}


def farthest(stops: Sequence[Money], *, qty: int) -> Money | None:
    """The stop of several that lets a position of `qty` shares lose most; None without any."""
    if not stops:
        return None
    return min(stops) if qty > 0 else max(stops)


def book(
    tx: Session,
    account_id: str,
    *,
    prices: Mapping[str, Quote],
    instruments: Mapping[str, Instrument],
    level: KillLevel,
    since: date,
    kept: KeptBack = NOTHING_KEPT,
) -> Book:
    """The account as sizing and guardrails see it, working entries counted as if filled.

    Args:
        since: the session before, from whose close the day's P&L counts.
        kept: cash that plan and broker keep out of the market (`desk.deploy.kept_back`).
    """
    now = standing(tx, account_id, prices)
    before = pnl_until(tx, [account_id], since, prices)[account_id]
    held = [_held(now, position, instruments) for position in now.positions]
    held += _coming(tx, account_id, instruments)
    equity = now.equity
    return Book(
        account_id=account_id,
        equity=equity,
        cash_free=now.cash - now.blocked - kept.total,
        positions=tuple(held),
        day_pnl=(now.earned - before).net,
        at_risk_total=total(item.at_risk for item in held),
        kill_level=level,
        gross=total(item.value for item in held).share_of(equity) if equity.paise > 0 else 0.0,
        unsettled=kept.unsettled,
        settles_on=kept.settles_on,
    )


def _held(now: Standing, position: Position, instruments: Mapping[str, Instrument]) -> Held:
    mark = now.marks.get(position.isin, position.avg_price)
    stop = now.stops.get(position.isin)
    value = abs(mark * position.qty)
    return Held(
        isin=position.isin,
        sector=instruments[position.isin].sector if position.isin in instruments else "Unknown",
        qty=position.qty,
        mark=mark,
        value=value,
        at_risk=value if stop is None else max(ZERO, (mark - stop) * position.qty),
    )


def _coming(tx: Session, account_id: str, instruments: Mapping[str, Instrument]) -> list[Held]:
    """Approved entries that have not filled yet, so that two cards cannot use one limit."""
    coming = []
    for plan in plans.with_status(tx, PlanStatus.ENTERING):
        if plan.account_id != account_id:
            continue
        left = plan.qty - abs(sum(fill.qty for fill in fills.of_plan(tx, plan.id)))
        if left > 0:
            price = plan.bracket.entry_high
            sector = instruments[plan.isin].sector if plan.isin in instruments else "Unknown"
            risk, signed = plan.bracket.risk_per_share * left, left * plan.side.sign
            coming.append(Held(plan.isin, sector, signed, price, price * left, risk))
    return coming


def broker_of(tx: Session, account_id: str) -> Broker:
    """The broker an account trades through."""
    return accounts.login(tx, accounts.by_id(tx, account_id).login_id).broker
