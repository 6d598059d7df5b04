"""Profit and loss of a stretch: figures, the way from gross to net, each day, and who earned it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.pnl import Day, Whose, days_of, stretch_pnl, whose
from core.desk.pnl_by import By, rows_by
from core.desk.pnl_entries import entries_of
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.words import charge_word, day, rupees
from core.store import accounts, ledger, ledger_days
from core.treasury.attribution import UNATTRIBUTED
from core.treasury.pnl import Pnl
from core.views.heat_map import HeatMap, heat_map, months_back
from core.views.pnl_entries import EntryRow, entry_rows
from core.views.pnl_files import days_sheet, rows_sheet
from core.views.shown import Figure, RowMark, Text, count, pnl, sign_tone

ALL = "All"
TODAY, WEEK, MONTH, YEAR, EVER, OTHER = PERIODS = (
    "Today", "Week", "Month", "Financial year", "Since the start", "Other days",
)  # fmt: skip
HEADS: dict[By, str] = {
    By.SYMBOL: "Share",
    By.TRADE: "Trade",
    By.STRATEGY: "Strategy",
    By.EVENT: "Event",
    By.SECTOR: "Sector",
    By.MODEL: "Decided by",
}
NOBODY = "Unattributed: no card of the desk brought it about"
REDRAWN_EVERY = 30  # seconds of real time


@dataclass(frozen=True, slots=True)
class Step:
    """One bar from gross to net; a `whole` one stands on the ground."""

    label: str
    amount: Money
    whole: bool = False


@dataclass(frozen=True, slots=True)
class PnlRow:
    """One row of the table; amounts to the paisa."""

    label: Text
    realised: Text
    unrealised: Text
    dividends: str
    charges: str
    net: Text
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class PnlView:
    """The page; `entries` are those of a single day, `empty` says why there is nothing and what
    comes next.
    """

    first: date
    last: date
    title: str
    note: str
    figures: tuple[Figure, ...]
    steps: tuple[Step, ...]
    heat: HeatMap
    head: str
    rows: tuple[PnlRow, ...]
    rows_note: str
    sheet: str
    file: str
    days_sheet: str
    days_file: str
    entries: tuple[EntryRow, ...]
    empty: str = ""


def choices(desk: Desk, login: str = ALL) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Accounts of a login by name, and labels of the logins that accounts trade through.

    All comes before each; no login is to be chosen where there is only one.
    """
    with desk.store.read() as tx:
        every, known = accounts.accounts(tx), accounts.logins(tx)
    used = {one.login_id for one in every}
    labels = {one.id: one.label for one in known if one.id in used}
    names = (one.name for one in every if login in (ALL, labels[one.login_id]))
    return (ALL, *names), (ALL, *sorted(labels.values())) if len(labels) > 1 else (ALL,)


def stretch_of(desk: Desk, account: str, period: str, *, login: str = ALL) -> tuple[date, date]:
    """First and last day of a period; a week begins on Monday, a financial year on 1 April."""
    today = ist_day(desk.clock.now())
    if period == EVER:
        with desk.store.read() as tx:
            begun = ledger_days.began(tx, _whose(tx, account, login).account_ids)
        return (ist_day(begun) if begun else today), today
    starts = {
        TODAY: today,
        OTHER: today,
        WEEK: today - timedelta(days=today.weekday()),
        MONTH: today.replace(day=1),
        YEAR: date(today.year - (today.month < 4), 4, 1),
    }
    return starts[period], today


def pnl_view(
    desk: Desk, *, account: str, first: date, last: date, by: By, login: str = ALL
) -> PnlView:
    """Everything about one stretch of some accounts; raises BadInput for one upside down."""
    with desk.store.read() as tx:
        of = _whose(tx, account, login)
        whole = stretch_pnl(desk, tx, of, first, last)
        begun = ledger_days.began(tx, of.account_ids)
        end = _calendar_end(desk, last)
        start = max(min(first, months_back(end)), ist_day(begun) if begun else last)
        days = days_of(desk, tx, of, min(start, last), end)
        rows = rows_by(desk, tx, of, first, last, by)
        entries = entries_of(desk, tx, of, first, last) if first == last else []
        names = {one.id: one.name for one in accounts.accounts(tx)}
    inside = [one for one in days if first <= one.day <= last]
    name = HEADS[by]
    return PnlView(
        first=first,
        last=last,
        title=of.name,
        note=_stretch_words(desk, first, last),
        figures=_figures(whole, inside),
        steps=_steps(whole),
        heat=heat_map(days, desk.calendar, end),
        head=name,
        rows=(*(_row(one.label, one.earned, one.key) for one in rows), _total(whole))
        if rows
        else (),
        rows_note=count(len(rows), "row"),
        sheet=rows_sheet(rows, whole, name),
        file=f"munim-pnl-{by.value}-{first}-{last}.csv",
        days_sheet=days_sheet(inside),
        days_file=f"munim-pnl-days-{first}-{last}.csv",
        entries=entry_rows(entries, whole, names) if entries else (),
        empty="" if any(one.trades for one in days) or whole else _why_empty(of, begun is not None),
    )


def _calendar_end(desk: Desk, last: date) -> date:
    """Where the calendar ends: today, so that a day chosen in it leaves it as it is, or with an
    older stretch.
    """
    today = ist_day(desk.clock.now())
    return today if months_back(today) <= last else last


def pnl_signature(desk: Desk) -> Hashable:
    """Changes when something is posted, and twice a minute for prices."""
    with desk.store.read() as tx:
        return (ledger.newest_posting(tx), int(desk.clock.monotonic() // REDRAWN_EVERY))


def _whose(tx: Session, account: str, login: str) -> Whose:
    return whose(tx, account=told(account), login=told(login))


def told(choice: str) -> str:
    """A choice of the page as the books are asked: empty for all."""
    return "" if choice == ALL else choice


def _why_empty(of: Whose, has_money: bool) -> str:
    if not of.account_ids:
        return "No account is open yet. The first start opens three paper accounts."
    if not has_money:
        return "No money came in yet. Add some on the account's page, then approve a card."
    return (
        "No trades yet. Approve a card: its fill shows here at once, and each session's close "
        "fills a day of the calendar."
    )


def _stretch_words(desk: Desk, first: date, last: date) -> str:
    today = ist_day(desk.clock.now())
    words = day(first) if first == last else f"{day(first)} to {day(last)}"
    return f"{words} · {'at the last prices' if last >= today else 'at official closes'}"


def _figures(whole: Pnl, days: Sequence[Day]) -> tuple[Figure, ...]:
    trades = sum(one.trades for one in days)
    up = sum(one.earned.net.paise > 0 for one in days)
    down = sum(one.earned.net.paise < 0 for one in days)
    sessions = count(len(days), "session")
    return (
        Figure("Net P&L, after charges", rupees(whole.net, signed=True), f"{up} up, {down} down "
               f"of {sessions}", sign_tone(whole.net)),
        Figure("Gross", rupees(whole.gross, signed=True), "before charges",
               sign_tone(whole.gross)),
        Figure("Charges", rupees(whole.cost), _share(whole), detail_tone="mute"),
        Figure("Realised", rupees(whole.realised, signed=True), count(trades, "trade"),
               sign_tone(whole.realised)),
        Figure("Unrealised", rupees(whole.unrealised, signed=True), "what is held, its change",
               sign_tone(whole.unrealised)),
        Figure("Dividends", rupees(whole.dividends), "before tax deducted"),
    )  # fmt: skip


def _share(whole: Pnl) -> str:
    if whole.gross.paise <= 0:
        return "broker, exchange and taxes"
    return f"{whole.cost.share_of(whole.gross):.0%} of gross"


def _steps(whole: Pnl) -> tuple[Step, ...]:
    """Realised, unrealised and dividends make gross; each charge takes from it; net is left."""
    earned = (
        Step("Realised", whole.realised),
        Step("Unrealised", whole.unrealised),
        Step("Dividends", whole.dividends),
    )
    return (
        *(one for one in earned if one.amount),
        Step("Gross", whole.gross, whole=True),
        *(Step(charge_word(name), -amount) for name, amount in whole.charges),
        Step("Net", whole.net, whole=True),
    )


def _row(label: str, earned: Pnl, key: str) -> PnlRow:
    nobody = key == UNATTRIBUTED
    return PnlRow(
        label=Text(NOBODY if nobody else label, "mute" if nobody else "", bold=not nobody),
        realised=pnl(earned.realised),
        unrealised=pnl(earned.unrealised),
        dividends=rupees(earned.dividends),
        charges=rupees(earned.cost),
        net=pnl(earned.net),
    )


def _total(whole: Pnl) -> PnlRow:
    found = _row("Total", whole, "")
    return PnlRow(found.label, found.realised, found.unrealised, found.dividends, found.charges,
                  found.net, mark="tot")  # fmt: skip
