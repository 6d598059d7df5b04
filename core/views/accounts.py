"""Every account on one screen: equity, the day, what may be put to work and what is used up."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from urllib.parse import quote

from sqlmodel import Session

from core.audit.words import brief
from core.desk.account import own_switch
from core.desk.deploy import deployables
from core.desk.desk import Desk
from core.desk.pnl import AccountPnl, account_pnls, summed
from core.domain.account import Account
from core.domain.clock import ist_day
from core.domain.mandate import Mandate
from core.domain.money import Money, total
from core.domain.risk import KillLevel, RiskSnapshot
from core.domain.words import day, ist_time, pct, rupees
from core.errors import OutsideCalendar
from core.store import accounts, audit, mandates, risk
from core.treasury.deployable import Deployable
from core.views.funding_due import due_words
from core.views.shown import (
    HOT,
    MODES,
    Cells,
    Figure,
    Meter,
    RowMark,
    Tag,
    Text,
    Tone,
    count,
    pnl,
    sign_tone,
)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account; the bars are what it invested and lost today of the mandate's limits."""

    id: str
    account: Text
    state: Tag | str
    rules: str
    equity: str
    day: Text
    deployable: Text
    reserved: str
    used: Text
    used_bar: Cells
    lost: Text
    lost_bar: Cells
    note: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class AccountsView:
    """Every account, the totals of those that are open, and where figures come from."""

    figures: tuple[Figure, ...]
    rows: tuple[AccountRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows are made of."""

    running: dict[str, AccountPnl]
    looks: dict[str, RiskSnapshot]
    rules: dict[str, Mandate]
    free: dict[str, Deployable]
    notes: dict[str, str]
    due: dict[str, str]


def account_names(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Ids and names, in the order they were opened."""
    with desk.store.read() as tx:
        return tuple((one.id, one.name) for one in accounts.accounts(tx))


def login_names(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Ids and labels of the logins that an account may trade through."""
    with desk.store.read() as tx:
        return tuple((one.id, one.label) for one in accounts.logins(tx))


def accounts_signature(desk: Desk) -> Hashable:
    """What the overview depends on: the market's half minute and how the accounts stand."""
    with desk.store.read() as tx:
        found = [(one.id, one.closed_at, _level(tx, one)) for one in accounts.accounts(tx)]
    return (int(desk.clock.monotonic() // 30), *found)


def accounts_view(desk: Desk) -> AccountsView:
    """Every account, closed ones last."""
    with desk.store.read() as tx:
        every = accounts.accounts(tx)
        known = _known(desk, tx, every)
        logins = {one.id: one for one in accounts.logins(tx)}
        rows = [
            _row(tx, one, known, where=f"{logins[one.login_id].label}, "
                 f"{MODES[logins[one.login_id].mode]}")
            for one in sorted(every, key=lambda one: one.closed_at is not None)
        ]  # fmt: skip
    at = max((look.at for look in known.looks.values()), default=None)
    seen = f"day's figures at {ist_time(at)}" if at else "the risk loop has not looked yet"
    opened = [one for one in every if one.closed_at is None]
    return AccountsView(
        figures=_figures(known, opened) if opened else (),
        rows=tuple(rows),
        note=f"{count(len(opened), 'open account')} · {seen}" if every else "",
    )


def state_tag(level: KillLevel, account: Account) -> Tag | str:
    """How an account stands in one word; nothing for one that trades."""
    if account.closed_at is not None:
        return Tag("closed", "line")
    if level is KillLevel.NORMAL:
        return ""
    return Tag("paused", "warn") if level is KillLevel.PAUSE else Tag(level.name, "bad")


def rules_line(rules: Mandate) -> str:
    """A mandate in one line."""
    return (
        f"{rules.objective}, v{rules.version}: {rules.positions_max} positions, "
        f"{pct(rules.risk_per_trade_max)} a trade, {pct(rules.daily_loss_max)} a day, "
        f"{rules.horizon_months} months"
    )


def _known(desk: Desk, tx: Session, every: list[Account]) -> Known:
    names = {one.id: one.name for one in every}
    running = [one.id for one in every if one.closed_at is None]
    looks = {one.scope: one for one in risk.all_latest(tx) if one.scope in running}
    try:
        free = deployables(
            tx, running, calendar=desk.calendar, today=ist_day(desk.clock.now())
        )  # fmt: skip
    except OutsideCalendar:
        free = {}
    return Known(
        running={
            one.account.id: one for one in account_pnls(desk, tx) if one.account.id in running
        },
        looks=looks,
        rules=mandates.of_accounts(tx, list(names)),
        free=free,
        due=due_words(desk, tx, running),
        notes={
            id: brief(one, of=names[id]) for id, one in audit.newest_of(tx, list(names)).items()
        },
    )


def _row(tx: Session, account: Account, known: Known, *, where: str) -> AccountRow:
    rules = known.rules[account.id]
    level = _level(tx, account)
    name = Text(account.name, bold=True, note=where, link=f"/account?account={quote(account.id)}")
    if account.closed_at is not None:
        note = f"closed {day(account.closed_at)}"
        return AccountRow(account.id, name, state_tag(level, account), rules_line(rules), "–",
                          Text("–"), Text("–"), "–", Text("–"), "", Text("–"), "", note,
                          mark="off")  # fmt: skip
    mine, look = known.running[account.id], known.looks.get(account.id)
    books, earned = mine.now, mine.day.net
    free = known.free.get(account.id)
    lost = max(0.0, -look.day_return) if look else 0.0
    gross = look.gross_exposure if look else 0.0
    return AccountRow(
        id=account.id,
        account=name,
        state=state_tag(level, account),
        rules=rules_line(rules),
        equity=rupees(books.equity, digits=0),
        day=pnl(earned),
        deployable=_free(free),
        reserved=rupees(books.reserved, digits=0),
        used=_used(gross, rules.gross_exposure_max),
        used_bar=Meter(gross / rules.gross_exposure_max),
        lost=_used(lost, rules.daily_loss_max),
        lost_bar=Meter(lost / rules.daily_loss_max),
        note=_note(tx, account, look, known),
        mark="red" if level > KillLevel.PAUSE else "",
    )


def _free(free: Deployable | None) -> Text:
    if free is None:
        return Text("–")
    if free.short:
        kept = "floor and buffer" if free.buffer else "floor"
        return Text(rupees(free.amount, digits=0), "warn", note=f"under its {kept}")
    return Text(rupees(free.amount, digits=0))


def _used(value: float, limit: float) -> Text:
    tone: Tone = "loss" if value > limit else "warn" if value >= HOT * limit else ""
    return Text(pct(value, digits=1), tone, note=f"of {pct(limit, digits=1)}")


def _note(tx: Session, account: Account, look: RiskSnapshot | None, known: Known) -> str:
    """Why it is stopped, else the limit it crossed, the money due, or what was done to it last."""
    switch = own_switch(tx, account.id)
    if switch is not None:
        return f"{switch.reason} ({switch.set_by})"
    if look is not None and look.breaches:
        return look.breaches[0].sentence
    return known.due.get(account.id) or known.notes.get(account.id, "")


def _level(tx: Session, account: Account) -> KillLevel:
    switch = own_switch(tx, account.id)
    return KillLevel.NORMAL if switch is None else switch.level


def _figures(known: Known, opened: list[Account]) -> tuple[Figure, ...]:
    books = [one.now for one in known.running.values()]
    mine = summed(known.running.values())
    equity, moved = mine.equity, mine.day.net
    free = total(one.amount for one in known.free.values())
    kept = total(
        Money(sum(amount.paise for name, amount in one.parts if name in ("waiting", "late")))
        for one in known.free.values()
    )
    reserved = total(one.reserved for one in books)
    cash = total(one.cash for one in books)
    return (
        Figure("Equity", rupees(equity, digits=0), count(len(opened), "account")),
        Figure("Day's P&L", rupees(moved, signed=True),
               f"{pct(mine.day_return, signed=True)} of equity" if equity else "",
               sign_tone(moved)),
        Figure("Deployable", rupees(free, digits=0), "after floors, buffers and what waits"),
        Figure("Waiting", rupees(kept, digits=0), "tranches and late instalments"),
        Figure("Reserved", rupees(reserved, digits=0), "for orders on their way"),
        Figure("Cash", rupees(cash + reserved, digits=0), "at the brokers"),
    )  # fmt: skip
