"""The charges of a day that is over, booked as its contract note and the depository will have them.

Orders are charged as they fill, by their product; what was bought and sold on one day is intraday
whatever the product (`treasury.day_note`). The difference is booked account by account and share by
share. A broker's own note comes last: once one of a day was taken in, nothing that stands on a
note is booked for that day here. The DP charge stands on none: a login pays it once for a share
of which more left than came, and its accounts bear it by what they sold (`_depository`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlmodel import Session

from core.desk.books import depository_reference, schedule
from core.desk.day_trades import DayTrade, day_trades
from core.desk.desk import Desk
from core.desk.noted_costs import DAY, DEPOSITORY, corrected_by
from core.desk.taken_in import imports
from core.domain.account import BrokerLogin
from core.domain.charges import Charges, Exact
from core.domain.clock import IST, ist_day
from core.domain.ledger import Transaction, TransactionKind, external_account
from core.domain.money import ZERO, Money, total
from core.domain.order import Product
from core.domain.statement import StatementKind
from core.domain.words import day as in_words
from core.store import accounts, audit, fills, ledger
from core.treasury import post
from core.treasury.charges import dp_charge
from core.treasury.day_note import by_product, by_the_day, shares_in
from core.treasury.parts import parted
from core.treasury.post import CHARGES

LOOKS_BACK = timedelta(days=10)  # a late fill, a corrected price or a note taken back changes a day
BY_DAY = ("brokerage", "stt", "stamp", "gst")  # the exchange's and SEBI's fees are alike for both
HALF_A_PAISA = Decimal("0.005")
FINE = 1_000_000
DP = "dp"


def settle_days(desk: Desk, *, by: str, back: timedelta = LOOKS_BACK) -> list[Transaction]:
    """Book the last days' charges by the day, today's too; a second call changes nothing.

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
    trades = [one for one in day_trades(tx, login.id, [on]) if not one.bought_in]
    standing = _standing(tx, login, on)
    made = []
    if not _has_note(tx, login, on):
        for (isin, exchange), mine in _shares(trades, standing).items():
            made += _share(tx, login, on, isin, exchange, mine, standing, at=at)
    for isin, mine in _given(trades, standing).items():
        made += _depository(tx, login, on, isin, mine, standing, at=at)
    if made:
        given = -total(_charged(entry, name) for entry in made for name in (*BY_DAY, DP)).paise
        body = {"login": login.id, "day": on.isoformat(), "entries": [one.id for one in made]}
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="settle day",
            subject=f"{login.id}:{on}",
            body=body | {"given_back_paise": given},
        )
    return made


def _shares(
    trades: Sequence[DayTrade], standing: Sequence[Transaction]
) -> dict[tuple[str, str], list[DayTrade]]:
    """Trades by share and exchange; none for a share whose charges stand and trades were annulled.

    A share goes by the ISIN under which its charges were booked.
    """
    by_id = {(one.noted.order_id, one.noted.trade_id, one.noted.account_id): one for one in trades}
    found = {}
    for share in shares_in(one.noted for one in trades):
        mine = [by_id[one.order_id, one.trade_id, one.account_id] for one in share]
        found[_booked_isin(mine), share[0].exchange] = mine
    for of in (corrected_by(entry) for entry in standing):
        if of is not None and of.at != DEPOSITORY:
            found.setdefault((of.isin, of.at), [])
    return found


def _given(
    trades: Sequence[DayTrade], standing: Sequence[Transaction]
) -> dict[str, list[DayTrade]]:
    """The same by share alone, at all exchanges together, as the depository counts."""
    by_share: dict[str, list[DayTrade]] = {}
    for one in trades:
        by_share.setdefault(one.noted.isin, []).append(one)
    found = {_booked_isin(mine): mine for mine in by_share.values()}
    for entry in standing:
        of = corrected_by(entry)
        if of is None or of.at == DEPOSITORY:
            found.setdefault(entry.reference.split(":")[1] if of is None else of.isin, [])
    return found


def _share(
    tx: Session,
    login: BrokerLogin,
    on: date,
    isin: str,
    exchange: str,
    trades: Sequence[DayTrade],
    standing: Sequence[Transaction],
    *,
    at: datetime,
) -> list[Transaction]:
    """One share's day at one exchange."""
    of = f"{DAY}{login.id}:{on}:{isin}:{exchange}:"
    earlier = [one for one in standing if one.reference.startswith(of)]
    noted = [one.noted for one in trades]
    exact = by_the_day(schedule(), noted, broker=login.broker, on=on)
    assumed = by_product(schedule(), noted, broker=login.broker, on=on)
    off: dict[str, dict[str, Money]] = {
        name: {} for name in {*exact, *(entry.account_id for entry in earlier)}
    }
    for item in BY_DAY:
        moved = any(_charged(entry, item) for entry in earlier)
        if moved or _differs(exact, assumed, item):
            parts = _to_the_paisa(exact, item)
            for name, amounts in off.items():
                amounts[item] = parts.get(name, ZERO) - _booked(name, trades, earlier, item)
    words = (
        f"charges of {noted[0].symbol if noted else isin} on {in_words(on)}: what was bought and "
        "sold on one day is charged as intraday"
    )
    return _post(tx, login, {name: Charges(**one) for name, one in off.items()}, of, words, at=at)


def _depository(
    tx: Session,
    login: BrokerLogin,
    on: date,
    isin: str,
    trades: Sequence[DayTrade],
    standing: Sequence[Transaction],
    *,
    at: datetime,
) -> list[Transaction]:
    """One share's DP charge: once where the demat account gave some away, else none."""
    of = f"{DAY}{login.id}:{on}:{isin}:{DEPOSITORY}:"
    booked: dict[str, Money] = {}
    for entry in standing:
        if entry.reference.startswith((of, depository_reference(isin, on))):
            name = entry.account_id
            booked[name] = booked.get(name, ZERO) + _charged(entry, DP)
    parts = _fee_parts(login, trades, on)
    off = {
        name: Charges(dp=parts.get(name, ZERO) - booked.get(name, ZERO))
        for name in {*parts, *booked}
    }
    symbol = trades[0].noted.symbol if trades else isin
    words = f"DP charge of {symbol} on {in_words(on)}: once a demat account, for what left it"
    return _post(tx, login, off, of, words, at=at)


def _fee_parts(login: BrokerLogin, trades: Sequence[DayTrade], on: date) -> dict[str, Money]:
    """What each account bears of one share's DP charge, by the shares that it gave."""
    net = dict.fromkeys((one.noted.account_id for one in trades), 0)
    for one in trades:
        net[one.noted.account_id] += one.noted.qty
    leaves = sum(net.values()) < 0 and any(
        one.noted.qty < 0 and one.noted.product is Product.CNC for one in trades
    )
    fee = dp_charge(schedule(), broker=login.broker, on=on) if leaves else ZERO
    parts = parted(fee.paise, {name: max(0, -shares) for name, shares in net.items()})
    return {name: Money(paise) for name, paise in parts.items()}


def _post(
    tx: Session,
    login: BrokerLogin,
    off: Mapping[str, Charges],
    of: str,
    words: str,
    *,
    at: datetime,
) -> list[Transaction]:
    """Book what each account is charged too little or, below zero, too much; the owner's is not."""
    made = []
    for name in sorted(off.keys() - {external_account(login.id)}):
        if any(amount for _, amount in off[name].items):
            reference = f"{of}{_times(tx, name, of)}"
            entry = post.charge(
                account_id=name, charges=off[name], at=at, reference=reference, words=words
            )
            ledger.post(tx, entry)
            made.append(entry)
    return made


def _booked_isin(trades: Sequence[DayTrade]) -> str:
    """The ISIN under which the desk's own fills of a share are booked, else the newest."""
    return next((one.fill.isin for one in trades if one.fill is not None), trades[0].noted.isin)


def _differs(exact: Mapping[str, Exact], assumed: Mapping[str, Exact], item: str) -> bool:
    """Whether the day makes another charge than the products, beyond the rounding of orders."""
    return any(
        abs(getattr(of, item) - getattr(assumed[name], item)) >= HALF_A_PAISA
        for name, of in exact.items()
    )


def _to_the_paisa(exact: Mapping[str, Exact], item: str) -> dict[str, Money]:
    """Each account's part of an item, parts that sum to the whole rounded half up."""
    by: dict[str, Decimal] = {name: getattr(of, item) for name, of in exact.items()}
    whole = int((sum(by.values(), Decimal(0)) * 100).to_integral_value(ROUND_HALF_UP))
    parts = parted(whole, {name: int(part * FINE) for name, part in by.items()})
    return {name: Money(paise) for name, paise in parts.items()}


def _booked(
    account_id: str, trades: Sequence[DayTrade], earlier: Sequence[Transaction], item: str
) -> Money:
    filled: list[Money] = [
        getattr(one.charges, item)
        for one in trades
        if one.fill is not None and one.noted.account_id == account_id
    ]
    return total(filled) + total(
        _charged(entry, item) for entry in earlier if entry.account_id == account_id
    )


def _charged(entry: Transaction, item: str) -> Money:
    return total(line.amount for line in entry.postings if line.ledger == CHARGES + item)


def _standing(tx: Session, login: BrokerLogin, on: date) -> list[Transaction]:
    """What stands for this day beyond its trades, not reversed since."""
    since = datetime.combine(on, time(), IST)
    mine = [one.id for one in accounts.accounts(tx) if one.login_id == login.id]
    made = {one.id: one for name in mine for one in ledger.transactions(tx, name, since=since)}
    return [
        one
        for one in made.values()
        if f"correction:{one.id}" not in made and _is_about(one, login, on)
    ]


def _is_about(entry: Transaction, login: BrokerLogin, on: date) -> bool:
    """A day's DP charge or what an evening made of a share's day; a note's is neither."""
    of = corrected_by(entry)
    if of is not None:
        return (of.login_id, of.on) == (login.id, on) and bool(of.isin)
    name, _, day = entry.reference.rpartition(":")
    is_fee = entry.kind is TransactionKind.CHARGES and name.startswith("dp:")
    return is_fee and day == on.isoformat()


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
