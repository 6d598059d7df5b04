"""Audit, the doctor and the bench in the terminal."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.live import doctor_live
from core.cli.options import Json
from core.cli.show import answer, table
from core.config import settings_now
from core.desk import access, doctor
from core.desk.anchor import last_anchor
from core.desk.desk import open_desk
from core.desk.seen import read_seen
from core.errors import BadInput
from core.store import audit, decisions
from core.store.codec import to_json
from core.store.sound import spoiled_words, why_unsound
from core.views.seen import seen_view

audit_group = typer.Typer(help="The hash-chained record.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(audit_group, name="audit")
    app.command("doctor")(see_doctor)
    app.command("bench")(bench)


@audit_group.command("verify")
def verify(json: Json = False) -> None:
    """Walk the chain; exit 1 names the first bad row."""
    desk = open_desk()
    with desk.store.read() as tx:
        found = audit.verify(tx, anchor=last_anchor(desk.home))
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
    """Write the chain to FILE, one JSON document a line."""
    if not file.parent.is_dir():
        raise BadInput(f"there is no folder {file.parent} to write {file.name} in")
    desk = open_desk()
    with desk.store.read() as tx:
        rows = audit.entries(tx)
    file.write_text("".join(to_json(row) + "\n" for row in rows), encoding="utf-8")
    answer({"entries": len(rows), "file": str(file)}, as_json=json, words=f"{len(rows)} entries")


def see_doctor(
    link: bool = typer.Option(True, help="Print a fresh link."),
    live: bool = typer.Option(False, "--live", help="What real money takes, each PASS or FAIL."),
    login: str = typer.Option("", help="With --live: one login."),
    json: Json = False,
) -> None:
    """What works, what does not, and what to do about it."""
    if live:
        doctor_live(login, as_json=json)
        return
    if why := why_unsound(settings_now().database_url):
        _without_store(spoiled_words(why), as_json=json)
        raise typer.Exit(1)
    desk = open_desk()
    rows = doctor.rows(desk)
    if json:
        answer({"rows": rows, "ok": all(row.ok for row in rows)}, as_json=True)
    else:
        for row in rows:
            word = "-- " if row.unused else "ok " if row.ok else "NO "
            typer.echo(f"{word} {row.name:<14} {row.sentence}")
        if link:
            typer.echo(
                f"open {access.fresh_link(desk.home, desk.settings.port, host=desk.settings.bind)}"
            )
    if not all(row.ok for row in rows):
        raise typer.Exit(1)


def _without_store(sentence: str, *, as_json: bool) -> None:
    """Say that the store is spoiled, and what brokers hold as the worker read it last."""
    seen = read_seen(settings_now().home)
    sights = seen.sights if seen is not None else ()
    if as_json:
        store = doctor.Row("store", False, sentence)
        answer({"rows": [store], "ok": False, "brokers": sights}, as_json=True)
        return
    typer.echo(f"NO  {'store':<14} {sentence}")
    for login in seen_view(seen).logins if seen is not None else ():
        typer.echo(f"{'NO ' if login.trouble else 'ok '} {login.label}: {login.age}")
        for words in (login.trouble, *(row.line for row in login.rows)):
            if words:
                typer.echo(f"    {words}")
    if not sights:
        typer.echo("    the worker shows what brokers hold once make run has started it")


def bench(
    name: str = typer.Argument("", help="Part of a name, such as data; all if left out."),
    only: str = typer.Option("", help="The same as the name."),
    minutes: float = typer.Option(1.0, min=0.1, max=120.0, help="Before memory is read."),
    json: Json = False,
) -> None:
    """Measure the desk on this machine, in a scratch folder; takes some minutes."""
    from core.backtest.bench import run_bench

    only = only or name
    found = run_bench(only=only, minutes=minutes, say=lambda words: typer.echo(words, err=True))
    table(found, as_json=json, empty="")
