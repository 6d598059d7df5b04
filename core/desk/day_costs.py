"""The tax on transactions of a day that is over, booked as its contract note will have it.

Orders are charged as they fill, by their product; the tax goes by the day (`treasury.day_stt`).
The difference is booked account by account and share by share. A broker's own note comes last:
once one of a day was taken in, nothing is booked for that day here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlmodel import Session

from core.desk.books import kind_of, schedule
from core.desk.day_trades import DayTrade, charges_in, day_trades
from core.desk.desk import Desk
from core.desk.noted_costs import DAY, corrected_by
from core.desk.taken_in import imports
from core.domain.account import BrokerLogin
from core.domain.charges import Charges
from core.domain.clock import IST, ist_day
from core.domain.ledger import Transaction, external_account
from core.domain.money import ZERO, Money
from core.domain.order import Side
from core.domain.statement import StatementKind
from core.domain.words import day as in_words
from core.store import accounts, audit, fills, ledger
from core.treasury import post
from core.treasury.charges import charges_on
from core.treasury.day_note import shares_in
from core.treasury.day_stt import stt_by_account
from core.treasury.parts import parted

LOOKS_BACK = timedelta(days=10)  # a late fill, a corrected price or a note taken back changes a day
HALF_A_PAISA = Decimal("0.005")
FINE = 1_000_000


def settle_days(desk: Desk, *, by: str, back: timedelta = LOOKS_BACK) -> list[Transaction]:
    """Book the last days' tax by the day, today's included; a second call changes nothing.

    `back` is how far before today to look, nothing where no day changes afterwards.
    """
    at = desk.clock.now()
    today = ist_day(at)
    since = datetime.combine(today - back, time(), IST)
    made = []
    with desk.store.write() as tx:
        days = sorted({ist_day(one.traded_at) for one in fills.since(tx, since)})
        for login in accounts.logins(tx):
            for on in days:
                made += _settle(tx, login, on, at=at, by=by) if on <= today else []
    return made


def _settle(
    tx: Session, login: BrokerLogin, on: date, *, at: datetime, by: str
) -> list[Transaction]:
    """One login's day."""
    if _has_note(tx, login, on):
        return []
    trades = [one for one in day_trades(tx, login.id, [on]) if not one.bought_in]
    standing = _standing(tx, login, on)
    by_id = {(one.noted.order_id, one.noted.trade_id, one.noted.account_id): one for one in trades}
    made = []
    for share in shares_in(one.noted for one in trades):
        mine = [by_id[one.order_id, one.trade_id, one.account_id] for one in share]
        made += _share(tx, login, on, mine, standing, at=at)
    if made:
        moved = {entry.account_id: -charges_in(entry).total.paise for entry in made}
        body = {"login": login.id, "day": on.isoformat(), "entries": [one.id for one in made]}
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="settle day",
            subject=f"{login.id}:{on}",
            body=body | {"given_back_paise": sum(moved.values())},
        )
    return made


def _share(
    tx: Session,
    login: BrokerLogin,
    on: date,
    trades: Sequence[DayTrade],
    standing: Sequence[Transaction],
    *,
    at: datetime,
) -> list[Transaction]:
    """One share's day at one exchange."""
    first = trades[0].noted
    isin = next((one.fill.isin for one in trades if one.fill is not None), first.isin)
    of = f"{DAY}{login.id}:{on}:{isin}:{first.exchange}:"
    earlier = [one for one in standing if one.reference.startswith(of)]
    exact = stt_by_account(schedule(), [one.noted for one in trades], on=on)
    if not earlier and not _differs(exact, _by_product(login, trades, on=on)):
        return []
    whole = int((sum(exact.values(), Decimal(0)) * 100).to_integral_value(ROUND_HALF_UP))
    parts = parted(whole, {name: int(part * FINE) for name, part in exact.items()})
    made = []
    for name in sorted(parts.keys() - {external_account(login.id)}):
        off = Money(parts[name]) - _booked(name, trades, earlier)
        if off:
            made.append(
                post.charge(
                    account_id=name,
                    charges=Charges(stt=off),
                    at=at,
                    reference=f"{of}{_times(tx, name, of)}",
                    words=f"STT of {first.symbol} on {in_words(on)}: shares bought and sold on one "
                    "day bear the intraday rate, the others the delivery rate",
                )
            )
            ledger.post(tx, made[-1])
    return made


def _by_product(login: BrokerLogin, trades: Sequence[DayTrade], *, on: date) -> dict[str, Decimal]:
    """What the product of each trade's order makes of its tax, unrounded, by account."""
    found: dict[str, Decimal] = {}
    for one in (each.noted for each in trades):
        cost = charges_on(
            schedule(),
            broker=login.broker,
            product=one.product,
            exchange=one.exchange,
            side=Side.BUY if one.qty > 0 else Side.SELL,
            turnover=one.value,
            on=on,
            security=kind_of(one.isin, one.symbol),
        )
        found[one.account_id] = found.get(one.account_id, Decimal(0)) + cost.stt
    return found


def _differs(exact: Mapping[str, Decimal], booked: Mapping[str, Decimal]) -> bool:
    """Whether the day makes another tax than the products, beyond the rounding of each order."""
    return any(abs(part - booked[name]) >= HALF_A_PAISA for name, part in exact.items())


def _booked(account_id: str, trades: Sequence[DayTrade], earlier: Sequence[Transaction]) -> Money:
    found = ZERO
    for one in trades:
        if one.fill is not None and one.noted.account_id == account_id:
            found += one.charges.stt
    for entry in earlier:
        if entry.account_id == account_id:
            found += charges_in(entry).stt
    return found


def _standing(tx: Session, login: BrokerLogin, on: date) -> list[Transaction]:
    """What was booked for this day before and not reversed since."""
    since = datetime.combine(on, time(), IST)
    mine = [one.id for one in accounts.accounts(tx) if one.login_id == login.id]
    made = {one.id: one for name in mine for one in ledger.transactions(tx, name, since=since)}
    return [
        one
        for one in made.values()
        if (of := corrected_by(one)) is not None
        and (of.login_id, of.on) == (login.id, on)
        and of.isin
        and f"correction:{one.id}" not in made
    ]


def _times(tx: Session, account_id: str, of: str) -> int:
    """How often this share's day was booked for an account before, so that no name comes twice."""
    times = 1
    while ledger.is_posted(tx, f"charges:{account_id}:{of}{times}"):
        times += 1
    return times


def _has_note(tx: Session, login: BrokerLogin, on: date) -> bool:
    """Whether a broker's note of the day stands in the books."""
    return any(
        one.login_id == login.id
        and one.kind == StatementKind.NOTE.value
        and one.first == on.isoformat()
        and not one.undone
        for one in imports(tx)
    )
