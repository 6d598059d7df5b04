"""Stopping and closing from a terminal; works with the web page dead."""

from __future__ import annotations

from collections.abc import Callable

import typer

from core.cli.books import by_id_or_name
from core.cli.options import BY, Json
from core.cli.show import answer
from core.desk.desk import Desk, open_desk
from core.desk.exit import exit_position
from core.desk.kill import effective_level, resume, set_level
from core.desk.partial_exit import NO_UNDO, exit_part
from core.domain.order import Side
from core.domain.plan import Plan, PlanStatus
from core.domain.risk import DESK, KillLevel
from core.errors import BadInput, NotFound
from core.store import plans


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    for level in (KillLevel.PAUSE, KillLevel.REDUCE, KillLevel.HALT):
        app.command(level.name.lower(), help=HELP[level])(_verb(level))
    app.command("flatten")(flatten)
    app.command("resume")(let_go)
    app.command("exit")(sell)


HELP = {
    KillLevel.PAUSE: "Let no new entry through.",
    KillLevel.REDUCE: "Let only exits through.",
    KillLevel.HALT: "Cancel working entries and let none through; stops stay.",
}


def _verb(level: KillLevel) -> Callable[..., None]:
    def run(
        account: str = typer.Option("", help="One account instead of the whole desk."),
        reason: str = typer.Option("asked for in the terminal", help="Why."),
        json: Json = False,
    ) -> None:
        _set(level, account=account, reason=reason, json=json)

    return run


def flatten(
    confirm: str = typer.Option("", help="Type FLATTEN."),
    account: str = typer.Option("", help="One account instead of the whole desk."),
    json: Json = False,
) -> None:
    """Close everything: sell what is held, buy back what is short; needs `--confirm FLATTEN`."""
    if confirm != "FLATTEN":
        raise BadInput(
            "flatten closes every position, long and short; add --confirm FLATTEN to mean it"
        )
    _set(KillLevel.FLATTEN, account=account, reason="typed in the terminal", json=json)


def sell(
    symbol: str,
    qty: int = typer.Option(0, "--qty", help="Some of the shares; 0 closes all of them."),
    account: str = typer.Option("", help="Whose shares; not needed when one account holds them."),
    because: str = typer.Option("asked for in the terminal", help="Why."),
    json: Json = False,
) -> None:
    """Sell what an account holds of a share, or buy a short back; its stop goes first."""
    desk = open_desk()
    with desk.store.read() as tx:
        found = [p for p in plans.with_status(tx, PlanStatus.HOLDING) if p.symbol == symbol.upper()]
    if account:
        named = by_id_or_name(desk, account).id
        found = [plan for plan in found if plan.account_id == named]
    holders = sorted({plan.account_id for plan in found})
    if not found:
        whose = f" in {account}" if account else ""
        raise NotFound(f"no {symbol.upper()} is held{whose}; munim positions lists what is")
    if len(holders) > 1:
        raise BadInput(
            f"{symbol.upper()} is held by {len(holders)} accounts ({', '.join(holders)}); "
            "name one with --account"
        )
    if qty:
        _sell_part(desk, found, qty, because=because, json=json)
        return
    left = [exit_position(desk, plan.id, reason=because, by=BY) for plan in found]
    answer(
        [{"plan": plan.id, "symbol": plan.symbol, "status": plan.status} for plan in left],
        as_json=json,
        words=f"{symbol.upper()} of {holders[0]} is on its way out; the worker "
        f"{'sells it' if left[0].side is Side.BUY else 'buys it back'}",
    )


def _sell_part(desk: Desk, found: list[Plan], qty: int, *, because: str, json: bool) -> None:
    if len(found) > 1:
        raise BadInput(
            f"{found[0].symbol} is held by {len(found)} plans of one account; sell them whole, or "
            "wait until one is left"
        )
    plan = exit_part(desk, found[0].id, qty, reason=because, by=BY)
    answer(
        {"plan": plan.id, "symbol": plan.symbol, "status": plan.status, "qty": qty},
        as_json=json,
        words=f"{plan.symbol}: {qty} will be {'sold' if plan.side is Side.BUY else 'bought back'}, "
        f"the broker's stop shrinks first; {NO_UNDO}",
    )


def let_go(
    account: str = typer.Option("", help="One account instead of the whole desk."),
    reason: str = typer.Option(..., help="Why it is safe again."),
    json: Json = False,
) -> None:
    """Let entries through again."""
    desk = open_desk()
    scope = _scope(account)
    resume(desk, scope=scope, reason=reason, by=BY)
    answer({"scope": scope, "level": "NORMAL"}, as_json=json, words=f"{scope}: NORMAL")


def _set(level: KillLevel, *, account: str, reason: str, json: bool) -> None:
    desk = open_desk()
    scope = _scope(account)
    set_level(desk, level, scope=scope, reason=reason, by=BY)
    stands = effective_level(desk, scope)
    answer(
        {"scope": scope, "level": stands, "reason": reason},
        as_json=json,
        words=f"{scope}: {stands.name}",
    )


def _scope(account: str) -> str:
    if not account:
        return DESK
    return by_id_or_name(open_desk(), account).id
