"""Accounts in the terminal: list, show, create, add and take money, pause, resume, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from sqlmodel import Session

from core.cli.books import by_id_or_name
from core.cli.options import BY, Json
from core.cli.pnl import parts
from core.cli.show import answer, table
from core.desk.account import (
    clone_account,
    close_account,
    obstacles,
    open_account,
    own_switch,
    pause_account,
    resume_account,
)
from core.desk.deploy import PlanNow, deployable_of, deployables, plan_now, shown_until
from core.desk.desk import Desk, open_desk
from core.desk.fund import add_money, take_money
from core.desk.pnl import account_pnls
from core.domain.account import Account, FundingPlan
from core.domain.clock import ist_day
from core.domain.ledger import CASH, Transaction
from core.domain.mandate import Objective
from core.domain.words import rupees
from core.errors import BadInput, Repeated
from core.mandates.defaults import default_mandate
from core.mandates.typed import typed_rupees
from core.store import funding, ledger, mandates
from core.treasury.deployable import Deployable

group = typer.Typer(help="Accounts: whose money, under which rules.", no_args_is_help=True)
Why = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
Reference = Annotated[str, typer.Option(help="The bank's; the same one twice is refused.")]
Again = Annotated[bool, typer.Option(help="Book the same rupees a second time on one day.")]


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="accounts")


@group.command("list")
def list_accounts(json: Json = False) -> None:
    """Every account with its equity and what is deployable."""
    desk = open_desk()
    table(_rows(desk), as_json=json, empty="No accounts yet; start the desk once.")


def _rows(desk: Desk) -> list[dict[str, object]]:
    with desk.store.read() as tx:
        found = account_pnls(desk, tx)
        names = [one.account.id for one in found]
        rules = mandates.of_accounts(tx, names)
        free = deployables(tx, names, calendar=desk.calendar, today=ist_day(desk.clock.now()))
        levels = {name: own_switch(tx, name) for name in names}
    return [
        {
            "id": one.account.id,
            "name": one.account.name,
            "login": one.account.login_id,
            "objective": rules[one.account.id].objective,
            "mandate_version": rules[one.account.id].version,
            "cash_paise": one.now.cash,
            "reserved_paise": one.now.reserved,
            "invested_paise": one.now.invested,
            "equity_paise": one.now.equity,
            "deployable_paise": free[one.account.id].amount,
            "day_pnl_paise": one.day.net,
            "total_pnl_paise": one.earned.net,
            "open": one.account.closed_at is None,
            "level": switch.level if (switch := levels[one.account.id]) else "NORMAL",
        }
        for one in found
    ]


@group.command("show")
def show_account(name: str, json: Json = False) -> None:
    """One account: money step by step, profit and loss, mandate, plan, what keeps it open."""
    desk = open_desk()
    account = by_id_or_name(desk, name)
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        mandate = mandates.current(tx, account.id)
        [row] = [one for one in account_pnls(desk, tx) if one.account.id == account.id]
        free = deployable_of(tx, account.id, calendar=desk.calendar, today=today)
        plan = funding.current(tx, account.id)
        now = _plan_now(desk, tx, account, plan) if plan else None
        switch = own_switch(tx, account.id)
        left = obstacles(tx, account.id, today=today)
    document = {
        "account": account,
        "level": switch.level if switch else "NORMAL",
        "paused_because": switch.reason if switch else "",
        "mandate": mandate,
        "equity": row.now.equity,
        "paid_in": row.now.paid_in,
        "day": parts(row.day),
        "since_opened": parts(row.earned),
        "cash": _cash(free),
        "funding": _funding(now),
        "left": left,
    }
    answer(document, as_json=json)


def _plan_now(desk: Desk, tx: Session, account: Account, plan: FundingPlan) -> PlanNow:
    """The plan as the account's page shows it: half a year ahead, a closed one's as it was left."""
    if account.closed_at is not None:
        return plan_now(tx, plan, calendar=desk.calendar, today=ist_day(account.closed_at))
    today = ist_day(desk.clock.now())
    until = shown_until(desk.calendar, today)
    return plan_now(tx, plan, calendar=desk.calendar, today=today, until=until)


def _cash(free: Deployable) -> dict[str, object]:
    return {
        "broker_paise": free.cash,
        **{f"{name}_paise": amount for name, amount in free.parts},
        "short_paise": free.short,
    }


def _funding(now: PlanNow | None) -> dict[str, object] | None:
    if now is None:
        return None
    return {
        "plan": now.plan,
        "lump_in_paise": now.standing.lump_in,
        "lump_due_paise": now.standing.lump_due,
        "carried_paise": now.standing.carried,
        "part_paid_paise": now.standing.part_paid,
        "asked_paise": now.standing.asked,
        "instalments": now.standing.instalments,
        "tranches": [
            {
                "number": one.number,
                "amount_paise": one.tranche.amount,
                "trigger": one.tranche.trigger,
                "status": one.status,
                "free_paise": one.free,
                "fired_at": one.firing.fired_at if one.firing else None,
                "because": one.firing.words if one.firing else "",
            }
            for one in now.tranches
        ],
    }


@group.command("create")
def create(
    name: str,
    objective: str = typer.Option("", help="max profit, balanced (if left out), risk minimized."),
    login: str = typer.Option("", help="Its login; paper, or that of --like, when left out."),
    like: str = typer.Option("", help="Copy the rules of this account instead."),
    reason: Why = "",
    json: Json = False,
) -> None:
    """Open an account under an aim's usual rules, or under those of another account."""
    desk = open_desk()
    if like:
        if objective:
            raise BadInput("--like copies an account's rules, its aim too; leave --objective out")
        source = by_id_or_name(desk, like)
        made = clone_account(desk, source.id, name=name, login_id=login, by=BY, why=reason)
    else:
        aim = _aim(objective or Objective.BALANCED)
        rules = default_mandate("new", aim, signed_at=desk.clock.now())
        made = open_account(desk, name, login_id=login or "paper", rules=rules, by=BY, why=reason)
    answer(made, as_json=json, words=f"{made.name} is open as {made.id}; add money to it")


def _aim(text: str) -> Objective:
    try:
        return Objective(" ".join(text.lower().replace("_", " ").split()))
    except ValueError:
        known = ", ".join(Objective)
        raise BadInput(f"--objective {text!r} is none of {known}") from None


@group.command("pause")
def pause(name: str, reason: Why = "", json: Json = False) -> None:
    """Let no new entry of an account through; what it holds stays protected."""
    desk = open_desk()
    account = by_id_or_name(desk, name)
    switch = pause_account(desk, account.id, why=reason, by=BY)
    answer(switch, as_json=json, words=f"{account.name} is paused")


@group.command("resume")
def resume(name: str, reason: Why = "", json: Json = False) -> None:
    """Let entries of a paused account through again."""
    desk = open_desk()
    account = by_id_or_name(desk, name)
    switch = resume_account(desk, account.id, why=reason, by=BY)
    answer(switch, as_json=json, words=f"{account.name} trades again")


@group.command("close")
def close(name: str, reason: Why = "", json: Json = False) -> None:
    """Close an account for good, once it holds neither shares, orders nor money."""
    desk = open_desk()
    closed = close_account(desk, by_id_or_name(desk, name).id, why=reason, by=BY)
    answer(closed, as_json=json, words=f"{closed.name} is closed; its books and record stay")


@group.command("add")
def add(
    name: str,
    amount: str = typer.Argument(help="Rupees: 50000.50, 5L, '5 lakh' or '1.5 cr'."),
    reference: Reference = "",
    again: Again = False,
    json: Json = False,
) -> None:
    """Post money that came into an account."""
    _move(name, amount, add_money, reference=reference, again=again, json=json)


@group.command("take")
def take(
    name: str,
    amount: str = typer.Argument(help="Rupees, no more than are free, written the same way."),
    reference: Reference = "",
    again: Again = False,
    json: Json = False,
) -> None:
    """Post money that went out of an account."""
    _move(name, amount, take_money, reference=reference, again=again, json=json)


def _move(
    name: str,
    amount: str,
    move: Callable[..., Transaction],
    *,
    reference: str,
    again: bool,
    json: bool,
) -> None:
    desk = open_desk()
    account = by_id_or_name(desk, name)
    rs = typed_rupees(amount)
    try:
        made = move(desk, account.id, rs, reference=reference, by=BY, again=again)
    except Repeated as same:
        raise Repeated(f"{same} with --again") from None
    with desk.store.read() as tx:
        cash = ledger.balance(tx, account.id, CASH)
    document = {"account": account.id, "transaction": made.id, "kind": made.kind, "cash": cash}
    answer(
        document,
        as_json=json,
        words=f"{account.name}: {made.kind} posted, {rupees(cash)} is in cash",
    )
