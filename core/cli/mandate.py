"""Mandates in the terminal: show a version, who signed what, compare two, clone into an account."""

from __future__ import annotations

import typer

from core.cli.books import by_id_or_name
from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk.account import clone_account
from core.desk.desk import Desk, open_desk
from core.desk.mandate import history, sign, version_of
from core.errors import BadInput, Refused
from core.mandates.compare import changes
from core.views.account import account_view
from core.views.mandate_diff import compare, preview
from core.views.mandate_form import mandate_from, values_typed

group = typer.Typer(help="Mandates: the rules an account is run by.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="mandate")


@group.command("show")
def show(
    account: str,
    version: int = typer.Option(0, help="Which version; the one that stands when left out."),
    json: Json = False,
) -> None:
    """One version of an account's rules."""
    desk = open_desk()
    of = by_id_or_name(desk, account)
    with desk.store.read() as tx:
        answer(version_of(tx, of.id, version or None), as_json=json)


@group.command("history")
def see_history(account: str, json: Json = False) -> None:
    """Every version: when, by whom, what it changed and why; newest first."""
    desk = open_desk()
    of = by_id_or_name(desk, account)
    with desk.store.read() as tx:
        told = history(tx, of.id)
    older = [*(one.mandate for one in told[1:]), None]
    rows = [
        {
            "version": one.mandate.version,
            "signed_at": one.at,
            "by": one.by,
            "changed": [c.name for c in changes(before, one.mandate)] if before else [],
            "why": one.why,
        }
        for one, before in zip(told, older, strict=True)
    ]
    table(rows, as_json=json, empty=f"{of.name} has no mandate yet.")


@group.command("compare")
def see_compare(
    left: str = typer.Argument(help="An account, or account@version."),
    right: str = typer.Argument(help="Another, or another version of the same."),
    every: bool = typer.Option(False, "--all", help="Rules that agree too."),
    json: Json = False,
) -> None:
    """Two mandates side by side."""
    desk = open_desk()
    found = compare(desk, _side(desk, left), _side(desk, right), every=every)
    rows = [
        {"rule": row.rule, found.left: row.left.text, found.right: row.right.text}
        for row in found.rows
    ]
    if json:
        document = {
            "left": found.left,
            "right": found.right,
            "same": found.same,
            "rules": [
                {"rule": row.rule, "left": row.left.text, "right": row.right.text}
                for row in found.rows
            ],
        }
        answer(document, as_json=True)
        return
    table(rows, as_json=False, empty=f"{found.left} and {found.right} have the same rules.")


@group.command("edit")
def edit(
    account: str,
    change: list[str] = typer.Option(..., "--set", help='"RULE=VALUE"; a list by commas.'),
    signed: bool = typer.Option(False, "--sign", help="Sign it; else it is only shown."),
    reason: str = typer.Option("", help="Why, for the record."),
    json: Json = False,
) -> None:
    """Show what an edit would change, percent in percent; with --sign, sign it."""
    desk = open_desk()
    of = by_id_or_name(desk, account)
    values = values_typed(change, account_view(desk, of.id).fields)
    found = preview(desk, of.id, values)
    if signed and not found.can_sign:
        raise Refused(found.refused or f"{of.name}: nothing changes, so nothing is signed")
    if signed:
        with desk.store.read() as tx:
            before = version_of(tx, of.id)
        sign(desk, mandate_from(before, values), by=BY, why=reason, over=found.version - 1)
    rows = [
        {"rule": row.rule, "now": row.left.text, "then": row.right.text} for row in found.diff.rows
    ]
    if json:
        said = {"version": found.version, "signed": signed, "rules": rows,
                "effects": found.effects, "refused": found.refused}  # fmt: skip
        answer(said, as_json=True)
        return
    table(rows, as_json=False, empty="Nothing changes.")
    for sentence in (*found.effects, found.refused):
        if sentence:
            typer.echo(sentence)
    done = f"version {found.version} is signed" if signed else "nothing is signed; add --sign"
    typer.echo(f"{of.name}: {done}")


@group.command("clone")
def clone(
    account: str = typer.Argument(help="Whose rules, or account@version."),
    name: str = typer.Option(..., "--to", help="The name of the new account."),
    login: str = typer.Option("", help="Its login; that of the first account when left out."),
    json: Json = False,
) -> None:
    """Open a new account under the rules of another one, without money."""
    desk = open_desk()
    source, version = _side(desk, account)
    made = clone_account(desk, source, name=name, login_id=login, version=version, by=BY)
    words = f"{made.name} is open as {made.id} under the rules of {source}; add money to it"
    answer(made, as_json=json, words=words)


def _side(desk: Desk, text: str) -> tuple[str, int | None]:
    """`account` or `account@version`."""
    name, at, version = text.rpartition("@")
    if not at:
        return by_id_or_name(desk, text).id, None
    if not version.isdecimal() or int(version) < 1:
        raise BadInput(f"{text!r} names no version; write account@2")
    return by_id_or_name(desk, name).id, int(version)
