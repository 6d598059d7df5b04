"""Profit and loss in the terminal: the figures of the P&L page, to the paisa."""

from __future__ import annotations

from datetime import date

import typer
from sqlmodel import Session

from core.cli.options import Json, span
from core.cli.show import answer, table
from core.desk.desk import Desk, open_desk
from core.desk.performance import Performance, Rate, performance
from core.desk.pnl import Whose, account_pnls, days_of, stretch_pnl, stretch_pnls, summed, whose
from core.desk.pnl_by import By, rows_by
from core.desk.pnl_entries import entries_of
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.risk import DESK
from core.domain.words import day as on_day
from core.domain.words import rupees
from core.errors import BadInput
from core.store import accounts, ledger_days, quotes
from core.treasury.pnl import Pnl
from core.views.pnl_entries import HELD

KINDS = ("day", "entry", *(one.value for one in By))
EMPTY = "No account is open yet; the first start opens three paper accounts."
ALL = "All accounts"
IDLE = "Nothing was earned or paid from {first} to {last}."


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.command("pnl")(pnl)
    app.command("performance")(show_performance)


def pnl(
    account: str = typer.Option("", help="An account's name or id; all when left out."),
    login: str = typer.Option("", help="A login's label or id."),
    start: str = typer.Option(
        "",
        "--from",
        help="First day, YYYY-MM-DD; today, or the first money where only --to is told.",
    ),
    end: str = typer.Option("", "--to", help="Last day, YYYY-MM-DD."),
    by: str = typer.Option("", help=f"Rows by {', '.join(KINDS)}; by account when left out."),
    json: Json = False,
) -> None:
    """Profit and loss, net of charges: today and so far, or of a stretch of days."""
    if by and by not in KINDS:
        raise BadInput(f"--by {by} is not known; use {', '.join(KINDS)}")
    desk = open_desk()
    today = ist_day(desk.clock.now())
    if not (start or end or by):
        table(_named(_now(desk, account, login), json), as_json=json, empty=EMPTY)
        return
    with desk.store.read() as tx:
        of = whose(tx, account=account, login=login)
        begun = ledger_days.began(tx, of.account_ids) if end and not start else None
    first, last = span(start or end or today.isoformat(), end or today.isoformat())
    if begun is not None:
        first = min(ist_day(begun), last)
    rows = _stretch(desk, of, first, last, by)
    table(
        _named(rows, json), as_json=json, empty=IDLE.format(first=on_day(first), last=on_day(last))
    )


def _named(rows: list[dict[str, object]], as_json: bool) -> list[dict[str, object]]:
    """Rows for a person without the ids that stand beside the names in the document."""
    if as_json:
        return rows
    return [{name: one for name, one in row.items() if name != "scope"} for row in rows]


def parts(earned: Pnl) -> dict[str, Money]:
    """A profit or loss in its parts, as every row of the terminal shows them."""
    return {
        "realised_paise": earned.realised,
        "unrealised_paise": earned.unrealised,
        "dividends_paise": earned.dividends,
        "gross_paise": earned.gross,
        "charges_paise": earned.cost,
        "net_paise": earned.net,
    }


def _now(desk: Desk, account: str, login: str) -> list[dict[str, object]]:
    """One row an account, and one of the whole desk or of a login with several accounts."""
    with desk.store.read() as tx:
        of = whose(tx, account=account, login=login)
        every = account_pnls(desk, tx, quotes.all_quotes(tx))
    mine = [one for one in every if one.account.id in of.account_ids]
    at = desk.clock.now()
    rows: list[dict[str, object]] = [
        {"scope": one.account.id, "name": one.account.name, "at": at,
         "equity_paise": one.now.equity, "day_pnl_paise": one.day.net,
         "total_pnl_paise": one.earned.net, **parts(one.earned)}
        for one in mine
    ]  # fmt: skip
    if (of.is_family and mine) or len(mine) > 1:
        desk_now = summed(mine)
        rows.insert(0, {
            "scope": DESK if of.is_family else of.name,
            "name": ALL if of.is_family else of.name, "at": at, "equity_paise": desk_now.equity,
            "day_pnl_paise": desk_now.day.net, "total_pnl_paise": desk_now.earned.net,
            **parts(desk_now.earned),
        })  # fmt: skip
    return rows


def _stretch(desk: Desk, of: Whose, first: date, last: date, by: str) -> list[dict[str, object]]:
    with desk.store.read() as tx:
        if by == "day":
            return [
                {"day": one.day, "trades": one.trades, "flow_paise": one.flow,
                 "equity_paise": one.worth, **parts(one.earned)}
                for one in days_of(desk, tx, of, first, last)
            ]  # fmt: skip
        if by == "entry":
            return _entries(desk, tx, of, first, last)
        if by:
            found = rows_by(desk, tx, of, first, last, By(by))
            return [{by: one.key, "label": one.label, **parts(one.earned)} for one in found]
        each = stretch_pnls(desk, tx, of, first, last)
        names = {DESK: ALL, **{one.id: one.label for one in accounts.logins(tx)},
                 **{one.id: one.name for one in accounts.accounts(tx)}}  # fmt: skip
        return [
            {"scope": scope, "name": names.get(scope, scope), "from": first, "to": last,
             **parts(one)}
            for scope, one in each.items()
        ]  # fmt: skip


def _entries(
    desk: Desk, tx: Session, of: Whose, first: date, last: date
) -> list[dict[str, object]]:
    """Every posting that earned or cost, and the change of what is held; they sum to the whole."""
    change = stretch_pnl(desk, tx, of, first, last).unrealised
    names = {one.id: one.name for one in accounts.accounts(tx)}
    rows: list[dict[str, object]] = [
        {"at": one.at, "scope": one.account_id, "name": names[one.account_id], "entry": one.id,
         "kind": one.kind, "words": one.words, **parts(one.earned)}
        for one in entries_of(desk, tx, of, first, last)
    ]  # fmt: skip
    held = {"at": None, "scope": "", "name": "", "entry": "", "kind": "held", "words": HELD}
    return [*rows, {**held, **parts(Pnl(unrealised=change))}] if change else rows


def show_performance(
    account: str = typer.Option("", help="An account's name or id; all when left out."),
    login: str = typer.Option("", help="A login's label or id."),
    start: str = typer.Option("", "--from", help="First day; the first money when left out."),
    end: str = typer.Option("", "--to", help="Last day; today when left out."),
    json: Json = False,
) -> None:
    """XIRR, time-weighted return, drawdown and the index, of an account or all of them."""
    desk = open_desk()
    first, last = _ends(start, end)
    with desk.store.read() as tx:
        of = whose(tx, account=account, login=login)
        found = performance(desk, tx, of, first=first, last=last)
    answer(_told(found), as_json=json, words=_in_words(found))


def _ends(start: str, end: str) -> tuple[date | None, date | None]:
    if start and end:
        return span(start, end)
    one = span(start or end, start or end)[0] if start or end else None
    return (one, None) if start else (None, one)


def _told(found: Performance) -> dict[str, object]:
    returns = sorted(zip(found.returns, found.days, strict=True), key=lambda one: one[0])
    return {
        "scope": found.of.name,
        "from": found.days[0].day,
        "to": found.days[-1].day,
        "sessions": found.sessions,
        "start_paise": found.start,
        "worth_paise": found.worth,
        "paid_in_paise": found.paid_in,
        **parts(found.earned),
        "xirr": _rate(found.xirr),
        "time_weighted": _rate(found.time_weighted),
        "drawdown": min(found.falls),
        "best_day": {"day": returns[-1][1].day, "return": returns[-1][0]},
        "worst_day": {"day": returns[0][1].day, "return": returns[0][0]},
        "index": None
        if found.against is None
        else {
            "name": found.against.name,
            "counts": found.against.words,
            "return": found.against.whole,
            "same_rupees_worth_paise": found.against.worth,
            "same_rupees_earned_paise": found.against.earned,
            "xirr": _rate(found.against.xirr),
            "excess_return": (found.time_weighted.whole or 0.0) - found.against.whole,
            "ahead_paise": found.ahead,
            "last_level": found.against.last_level,
        },
        "no_index": found.no_index,
    }


def _rate(one: Rate) -> dict[str, object]:
    return {"whole": one.whole, "per_year": one.per_year, "why": one.why}


def _in_words(found: Performance) -> str:
    per_year = found.xirr.per_year
    rate = f"XIRR {per_year:.2%} a year" if per_year is not None else found.xirr.why
    against = (
        f"the same rupees in the {found.against.name} earned "
        f"{rupees(found.against.earned, signed=True)}, the account "
        f"{rupees(abs(found.ahead))} {'more' if found.ahead.paise >= 0 else 'less'}"
        if found.against and found.ahead is not None
        else found.no_index
    )
    return (
        f"{found.of.name}, {on_day(found.days[0].day)} to {on_day(found.days[-1].day)}, "
        f"{found.sessions} sessions: {rupees(found.earned.net, signed=True)} net; "
        f"time-weighted {found.time_weighted.whole or 0.0:.2%}; {rate}; "
        f"drawdown {min(found.falls):.2%}; {against}"
    )
