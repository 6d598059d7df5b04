"""Audit, reports, the doctor and the bench in the terminal."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk import access, doctor
from core.desk.desk import open_desk
from core.desk.report import make_report
from core.errors import NotBuilt
from core.store import audit, decisions, reports

audit_group = typer.Typer(help="The hash-chained record.", no_args_is_help=True)
report_group = typer.Typer(help="Reports.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(audit_group, name="audit")
    app.add_typer(report_group, name="report")
    app.command("doctor")(see_doctor)
    app.command("bench")(bench)


@audit_group.command("verify")
def verify(json: Json = False) -> None:
    """Walk the chain; exit 1 names the first bad row."""
    desk = open_desk()
    with desk.store.read() as tx:
        found = audit.verify(tx)
    answer(
        found, as_json=json, words=f"{found.entries} entries, head {found.head.hash[:16]}, clean"
    )


@audit_group.command("explain")
def explain(card_id: str, json: Json = False) -> None:
    """Why a card was written, stage by stage."""
    desk = open_desk()
    with desk.store.read() as tx:
        decision = decisions.by_card(tx, card_id)
    answer(decision, as_json=json)


@audit_group.command("export")
def export(file: Path, json: Json = False) -> None:
    """Write the chain as JSON lines."""
    desk = open_desk()
    with desk.store.read() as tx:
        rows = audit.entries(tx)
    from core.store.codec import to_json

    file.write_text("".join(to_json(row) + "\n" for row in rows), encoding="utf-8")
    answer({"entries": len(rows), "file": str(file)}, as_json=json, words=f"{len(rows)} entries")


@report_group.command("eod")
def eod(json: Json = False) -> None:
    """Make and print today's end-of-day report."""
    made = make_report(open_desk(), by=BY)
    answer({"day": made.day, "markdown": made.markdown}, as_json=json, words=made.markdown)


@report_group.command("list")
def list_reports(json: Json = False) -> None:
    """Every stored report."""
    desk = open_desk()
    with desk.store.read() as tx:
        rows = [{"kind": one.kind, "day": one.day} for one in reports.all_reports(tx)]
    table(rows, as_json=json, empty="No report yet; the first comes after the close.")


@report_group.command("month")
def month() -> None:
    """Not built yet."""
    raise NotBuilt("munim report month: not built yet")


def see_doctor(
    link: bool = typer.Option(True, help="Print a fresh link."), json: Json = False
) -> None:
    """What works, what does not, and what to do about it."""
    desk = open_desk()
    rows = doctor.rows(desk)
    if json:
        answer({"rows": rows, "ok": all(row.ok for row in rows)}, as_json=True)
    else:
        for row in rows:
            typer.echo(f"{'ok ' if row.ok else 'NO '} {row.name:<14} {row.sentence}")
        if link:
            typer.echo(
                f"open {access.fresh_link(desk.home, desk.settings.port, host=desk.settings.bind)}"
            )
    if not all(row.ok for row in rows):
        raise typer.Exit(1)


def bench(only: str = typer.Option("", help="Part of a name."), json: Json = False) -> None:
    """Measure the desk on this machine."""
    from core.backtest.bench import run_bench

    table(run_bench(only=only), as_json=json, empty="Nothing by that name.")
