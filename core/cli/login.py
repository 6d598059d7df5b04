"""Logins at brokers in the terminal: add, open by a link and a pasted address, close, remove."""

from __future__ import annotations

import secrets
import time

import typer

from core.cli.options import BY, Json
from core.cli.show import answer
from core.desk import logins
from core.desk.desk import Desk, open_desk
from core.domain.account import Broker
from core.domain.login import ENDED, TERMINAL, AskStatus, LoginAsk
from core.errors import MunimError, Refused, SourceFailed
from core.store import accounts
from core.store import logins as kept

group = typer.Typer(help="Logins at brokers; make run does what they ask for.",
                    no_args_is_help=True)  # fmt: skip
PERSON = f"person at the {BY}"
LINK_SECONDS = 15.0
OPEN_SECONDS = 45.0


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="login")


@group.command("add")
def add(
    id: str = typer.Argument(help="A short name, such as zerodha-asha."),
    broker: str = typer.Option("zerodha", help="zerodha or upstox."),
    user: str = typer.Option(..., help="The user id that must log in."),
    label: str = typer.Option("", help="What pages call it; broker and user by default."),
    address: str = typer.Option("", help="A sandbox, as http://127.0.0.1:8770; else the broker."),
    control: str = typer.Option("", help="The sandbox's control port; the next one by default."),
) -> None:
    """Add a login; a sandbox is always PAPER."""
    login = logins.new_login(
        id=id, broker=broker, user=user, label=label, address=address, control=control
    )
    logins.add_login(open_desk(), login, by=PERSON)
    typer.echo(f"{login.label} is added as {login.mode}; munim login open {login.id} logs in")


@group.command("list")
def list_(json: Json = False) -> None:
    """Every login, how its session is, and who trades through it."""
    desk = open_desk()
    with desk.store.read() as tx:
        known, states, running = accounts.logins(tx), kept.states(tx), accounts.accounts(tx)
    rows = []
    for login in known:
        state = states.get(login.id)
        own = "the desk's own exchange" if login.broker is Broker.PAPER else "not looked at yet"
        rows.append(
            {
                "id": login.id,
                "broker": login.broker.value,
                "mode": login.mode.value,
                "sandbox": login.is_sandbox,
                "state": state.status.value if state else "",
                "sentence": state.sentence if state else own,
                "accounts": [one.name for one in running if one.login_id == login.id],
            }
        )
    words = "\n".join(
        f"{row['id']:<16} {row['mode']:<6} {row['state'] or '-':<8} {row['sentence']}"
        for row in rows
    )
    answer({"logins": rows}, as_json=json, words=words)


@group.command("open")
def open_(
    id: str, address: str = typer.Option("", help="The pasted address, for scripts.")
) -> None:
    """Print the link to log in at, and take the address that it returned to."""
    desk = open_desk()
    session = f"{TERMINAL} {secrets.token_hex(16)}"
    ask = logins.ask_to_log_in(desk, id, session=session, by=PERSON)
    ready = _waited(desk, ask, LINK_SECONDS, (AskStatus.READY,), "the worker made no link")
    typer.echo(f"Log in within 10 minutes at\n  {ready.link}")
    typer.echo("then copy the address your browser ends at, even if it shows no page.")
    pasted = address or str(typer.prompt("Address", err=True))
    state, code = logins.read_address(pasted)
    logins.take_return(desk, state=state, code=code, session=session)
    done = _waited(desk, ask, OPEN_SECONDS, ENDED, "the worker did not answer")
    if done.status is not AskStatus.DONE:
        raise Refused(done.sentence)
    typer.echo(done.sentence)


@group.command("close")
def close(id: str) -> None:
    """Log out; stops at the broker go on resting."""
    logins.ask_to_log_out(open_desk(), id, by=PERSON)
    typer.echo(f"{id}: the worker logs out; stops at the broker go on resting")


@group.command("remove")
def remove(id: str) -> None:
    """Remove a login that no account trades through."""
    logins.remove_login(open_desk(), id, by=PERSON)
    typer.echo(f"{id} is removed, and its session with it")


@group.command("use")
def use(id: str, account: str = typer.Option(..., help="An account's name.")) -> None:
    """Let an account trade through a login; it must be flat."""
    desk = open_desk()
    with desk.store.read() as tx:
        found = accounts.by_name(tx, account)
    logins.move_account(desk, found.id, id, by=PERSON)
    typer.echo(f"{account} trades through {id} from now on")


def _waited(
    desk: Desk, ask: LoginAsk, seconds: float, wanted: tuple[AskStatus, ...], missing: str
) -> LoginAsk:
    """The wish once it is where it should be; raises Refused when it ended, SourceFailed late."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with desk.store.read() as tx:
            found = kept.ask(tx, ask.id)
        if found is not None and found.status in wanted:
            return found
        if found is None or found.status in ENDED:
            raise Refused(found.sentence if found else f"{ask.login_id}: the wish is gone")
        time.sleep(0.2)
    raise _late(missing, seconds)


def _late(missing: str, seconds: float) -> MunimError:
    return SourceFailed(f"{missing} within {seconds:.0f} s; is it running? make run starts it")
