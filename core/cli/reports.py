"""Reports in the terminal: of a session, of a month, and what became of every card."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer

from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.desk.month_report import make_month
from core.desk.report import make_report
from core.desk.scorecard import CAME, WAITING, Fate, fates
from core.domain.clock import ist_day
from core.errors import BadInput
from core.reports.pdf import pdf
from core.store import reports
from core.store.reports import Report
from core.views.reports import file_name
from core.views.scorecard import scorecard_view

report_group = typer.Typer(help="Reports.", no_args_is_help=True)
PDF = typer.Option(False, "--pdf", help="Write it as a PDF into this folder instead.")


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(report_group, name="report")


@report_group.command("eod")
def eod(as_pdf: bool = PDF, json: Json = False) -> None:
    """Make and print today's end-of-day report."""
    _tell(make_report(open_desk(), by=BY), as_pdf=as_pdf, json=json)


@report_group.command("month")
def month(
    of: str = typer.Option("", "--month", help="YYYY-MM; this month when left out."),
    as_pdf: bool = PDF,
    json: Json = False,
) -> None:
    """Make and print a month's report: P&L, returns, charges, who earned it, each session."""
    desk = open_desk()
    on = _month(of) if of else ist_day(desk.clock.now())
    _tell(make_month(desk, on, by=BY), as_pdf=as_pdf, json=json)


@report_group.command("list")
def list_reports(json: Json = False) -> None:
    """Every stored report."""
    desk = open_desk()
    with desk.store.read() as tx:
        rows = [{"kind": one.kind, "day": one.day} for one in reports.all_reports(tx)]
    table(rows, as_json=json, empty="No report yet; the first comes after the close.")


@report_group.command("scorecard")
def scorecard(json: Json = False) -> None:
    """What became of every card: traded, rejected, expired or not sent, and what it left."""
    desk = open_desk()
    with desk.store.read() as tx:
        found = fates(tx)
    rows = [_score(fate) for fate in found if fate.what != WAITING]
    table(rows, as_json=json, empty="No card is done with yet.")
    if not json:
        for sentence in scorecard_view(desk).sentences:
            typer.echo(sentence)


def _tell(made: Report, *, as_pdf: bool, json: bool) -> None:
    if not as_pdf:
        told = {"day": made.day, "markdown": made.markdown}
        answer(told, as_json=json, words=made.markdown)
        return
    file = Path(f"{file_name(made)}.pdf")
    file.write_bytes(pdf(made.markdown))
    answer({"day": made.day, "file": str(file)}, as_json=json, words=f"{file} is written")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadInput(f"--month {text!r} is no month; write it as 2026-01") from None


def _score(fate: Fate) -> dict[str, object]:
    return {
        "card": fate.card.id,
        "symbol": fate.card.symbol,
        "account": fate.card.account_name,
        "written_at": fate.card.written_at,
        "was": fate.what,
        "market": CAME.get(fate.belief.outcome, fate.belief.outcome),
        "closed_at": fate.belief.closed_at,
        "left_paise": fate.left,
    }
