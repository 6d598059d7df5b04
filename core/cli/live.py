"""Real money in the terminal: the rows it takes, rupee caps, the switch, alarms and backups."""

from __future__ import annotations

import sys

import typer

from core.cli.options import BY, Json, price
from core.cli.show import answer
from core.desk import live
from core.desk.alarm_out import try_channels
from core.desk.backup import back_up
from core.desk.caps import set_caps
from core.desk.desk import Desk, open_desk
from core.desk.live_rows import note_ip
from core.domain.account import Broker, BrokerLogin
from core.domain.live import Caps, LiveRow
from core.domain.words import rupees
from core.errors import BadInput, Refused
from core.providers.alarm_channels import channels
from core.providers.keys import find_key
from core.store import accounts

group = typer.Typer(help="Real money: what it takes, its caps, and the switch.",
                    no_args_is_help=True)  # fmt: skip
alarms = typer.Typer(help="Alarms outside the desk.", no_args_is_help=True)
PERSON = f"person at the {BY}"


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="live")
    app.add_typer(alarms, name="alarms")
    app.command("backup")(backup)


def doctor_live(login: str, *, as_json: bool) -> None:
    """Print every row of each login at a real broker; exit 1 unless all pass."""
    desk = open_desk()
    found = {one.id: live.live_rows(desk, one.id) for one in _logins(desk, login)}
    ok = all(row.passed for rows in found.values() for row in rows)
    if as_json:
        answer({"logins": found, "ok": ok}, as_json=True)
    else:
        for login_id, rows in found.items():
            _print(login_id, rows)
    if not ok:
        raise typer.Exit(1)


@group.command("caps")
def caps(
    login: str = typer.Option("", help="A login's id."),
    account: str = typer.Option("", help="Or an account's name."),
    order: str = typer.Option(..., help="Rupees one entry may cost."),
    day: str = typer.Option(..., help="Rupees all entries of a day may cost."),
    json: Json = False,
) -> None:
    """Cap the rupees of entries; exits are never capped."""
    if bool(login) == bool(account):
        raise BadInput("say one of --login and --account")
    desk = open_desk()
    made = Caps(price(order, name="--order"), price(day, name="--day"))
    id = login
    if account:
        with desk.store.read() as tx:
            id = accounts.by_name(tx, account).id
    set_caps(desk, "account" if account else "login", id, made, by=PERSON)
    words = f"{account or login}: {rupees(made.per_order)} an order, {rupees(made.per_day)} a day"
    answer(made, as_json=json, words=words)


@group.command("static-ip")
def static_ip(address: str, login: str = typer.Option(..., help="A login's id.")) -> None:
    """State the address your broker has on record for this machine."""
    note_ip(open_desk(), login, address, said_by=PERSON)
    typer.echo(f"{login}: {address} by your word; nothing checked it")


@group.command("switch")
def switch(login: str) -> None:
    """Let a login move real money: every row must pass, and you type its words."""
    desk = open_desk()
    with desk.store.read() as tx:
        wanted = live.live_words(accounts.login(tx, login))
    typed = ask_at_terminal(f"Type {wanted} to let it move real money", what="switching to LIVE")
    rows = live.go_live(desk, login, typed=typed, by=PERSON)
    typer.echo(f"{login} is LIVE; all {len(rows)} rows pass")


@group.command("paper")
def paper(login: str) -> None:
    """Take a login back to PAPER; what it holds stays protected."""
    live.go_paper(open_desk(), login, by=PERSON)
    typer.echo(f"{login} is PAPER")


@alarms.command("test")
def test(json: Json = False) -> None:
    """Send a test message through every channel that is set up; exit 1 when one fails."""
    ways, wrong = channels(find_key)
    for sentence in wrong:
        typer.echo(f"NO  {sentence}", err=True)
    if not ways:
        raise Refused(
            "no alarm channel is set up; put MUNIM_ALARM_WEBHOOK, MUNIM_ALARM_TELEGRAM_TOKEN or "
            "MUNIM_ALARM_MAIL into the environment, .env or the keyring"
        )
    found = try_channels(open_desk(), ways, by=PERSON)
    if json:
        rows = [{"channel": name, "delivered": ok, "said": said} for name, ok, said in found]
        answer({"channels": rows, "wrong": wrong}, as_json=True)
    else:
        for name, ok, said in found:
            typer.echo(f"{'ok ' if ok else 'NO '} {name:<10} {said}")
    if wrong or not all(ok for _, ok, _ in found):
        raise typer.Exit(1)


def backup(json: Json = False) -> None:
    """Copy the store into the desk's home and check the copy."""
    made = back_up(open_desk())
    answer({"file": made}, as_json=json, words=f"the store is copied to backups/{made.name}")


def ask_at_terminal(words: str, *, what: str) -> str:
    """What a person types; raises Refused when standard input is no terminal."""
    if not sys.stdin.isatty():
        raise Refused(
            f"{what} needs a person at a terminal, and standard input is a pipe or a file; "
            "run it in a terminal and type the words"
        )
    return str(typer.prompt(words, err=True))


def _logins(desk: Desk, login: str) -> list[BrokerLogin]:
    """The one asked for, or all at real brokers; without any, the first there is."""
    with desk.store.read() as tx:
        if login:
            return [accounts.login(tx, login)]
        known = accounts.logins(tx)
    if not known:
        raise BadInput("there is no login yet; make run opens the desk's accounts")
    return [one for one in known if one.broker is not Broker.PAPER] or known[:1]


def _print(login_id: str, rows: list[LiveRow]) -> None:
    passed = sum(row.passed for row in rows)
    typer.echo(f"{login_id}: {passed} of {len(rows)} pass")
    for row in rows:
        typer.echo(f"{'PASS' if row.passed else 'FAIL'} {row.name:<17} {row.sentence}")
