"""The books in the terminal: balances, the trial balance, entries and a file of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer

from core.cli.options import BY, Json, day
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.desk.take_back import take_back
from core.domain.ledger import CASH
from core.domain.ledger import balance as balance_of
from core.domain.words import rupees
from core.errors import BadInput
from core.treasury.chart import CHART
from core.views.ledger import balance_lines, entry_lines, lines_csv, trial_view

group = typer.Typer(help="The double-entry books.", no_args_is_help=True)
ON = typer.Option("", "--on", help="At the end of this day, YYYY-MM-DD; now when left out.")
ACCOUNT = typer.Option("", "--account", help="An account's id or name; all when left out.")
LEDGER = typer.Option("", "--ledger", help="Such as cash, or charges: for all that begin so.")
KIND = typer.Option("", "--kind", help="Such as trade, deposit, transfer or corporate action.")
START = typer.Option("", "--from", help="First day, YYYY-MM-DD.")
END = typer.Option("", "--to", help="Last day, YYYY-MM-DD.")
WORDS = typer.Option("", "--words", help="Part of the words, the reference or the id.")


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="ledger")


@group.command("chart")
def chart(json: Json = False) -> None:
    """Which ledger accounts there are, how they stand and what they mean."""
    rows = [{"ledger": one.name, "stands": one.stands, "meaning": one.meaning} for one in CHART]
    table(rows, as_json=json, empty="")


@group.command("balance")
def balance(
    account: str = typer.Argument("", help="An account's id or name; all when left out."),
    on: str = ON,
    json: Json = False,
) -> None:
    """What stands on each ledger account."""
    found = balance_lines(open_desk(), account, on=_day(on, "--on"))
    rows = [
        {
            "account": one.account,
            "ledger": one.ledger,
            "symbol": one.symbol,
            "amount_paise": one.amount,
            "shares": one.qty or None,
        }
        for one in found
    ]
    table(rows, as_json=json, empty="Nothing is posted.")


@group.command("trial")
def trial(on: str = ON, json: Json = False) -> None:
    """The trial balance by kind; everything together is ₹0.00, exit 1 otherwise."""
    view = trial_view(open_desk(), on=_day(on, "--on"))
    rows = [
        {
            "kind": one.kind.name,
            "ledgers": one.ledgers,
            "amount_paise": one.amount,
            "look_at": one.wrong or None,
        }
        for one in view.lines
    ]
    if json:
        answer({"kinds": rows, "sum_paise": view.off}, as_json=True)
    else:
        table(rows, as_json=False, empty="Nothing is posted.")
        typer.echo(f"Everything together is {rupees(view.off)}.")
    if view.off:
        raise typer.Exit(1)


@group.command("entries")
def entries(
    account: str = ACCOUNT,
    ledger: str = LEDGER,
    kind: str = KIND,
    start: str = START,
    end: str = END,
    words: str = WORDS,
    limit: int = typer.Option(100, help="The newest so many."),
    json: Json = False,
) -> None:
    """Entries, newest first."""
    if limit < 1:
        raise BadInput(f"--limit {limit} shows nothing; use 1 or more")
    first, last = _span(start, end)
    found = entry_lines(
        open_desk(), account=account, ledger_name=ledger, kind=kind, start=first, end=last,
        words=words, limit=limit,
    )  # fmt: skip
    rows = [
        {
            "at": one.at,
            "account": one.account_id,
            "kind": one.kind,
            "ledger": one.ledger,
            "amount_paise": one.amount,
            "shares": one.qty or None,
            "words": one.words,
            "id": one.transaction_id,
        }
        for one in found
    ]
    table(rows, as_json=json, empty="No entry is like that.")


@group.command("export")
def export(
    file: Path = typer.Argument(..., help="A CSV file that is not there yet."),
    account: str = ACCOUNT,
    ledger: str = LEDGER,
    kind: str = KIND,
    start: str = START,
    end: str = END,
    words: str = WORDS,
    json: Json = False,
) -> None:
    """Write entries to FILE as CSV, oldest first, in rupees."""
    if file.exists():
        raise BadInput(f"{file.name} is there already; give another name")
    if not file.parent.is_dir():
        raise BadInput(f"there is no folder {file.parent} to write {file.name} in")
    desk, (first, last) = open_desk(), _span(start, end)
    found = entry_lines(
        desk, account=account, ledger_name=ledger, kind=kind, start=first, end=last, words=words
    )
    file.write_text(lines_csv(desk, found), encoding="utf-8")
    answer({"entries": len(found), "file": str(file)}, as_json=json, words=f"{len(found)} entries")


@group.command("reverse")
def reverse(
    entry: str = typer.Argument(..., help="The id of a deposit or withdrawal."),
    because: str = typer.Option("", help="What was wrong with it; it goes into the record."),
    json: Json = False,
) -> None:
    """Take back a deposit or withdrawal that was booked wrongly; both entries stay."""
    made = take_back(open_desk(), entry, because=because, by=f"person at the {BY}")
    came = balance_of(made.postings, CASH)
    row = {"id": made.id, "reverses": entry, "account": made.account_id, "cash_paise": came}
    answer(row, as_json=json, words=f"{entry} is taken back; cash changes by {rupees(came)}")


def _day(text: str, name: str) -> date | None:
    return day(text, name=name) if text else None


def _span(start: str, end: str) -> tuple[date | None, date | None]:
    first, last = _day(start, "--from"), _day(end, "--to")
    if first and last and last < first:
        raise BadInput(f"--to {last} is before --from {first}; swap them")
    return first, last
