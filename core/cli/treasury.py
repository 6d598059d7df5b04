"""Money between accounts in the terminal: where it is, and transfers from wish to last step."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import typer

from core.cli.options import BY, Json
from core.cli.options import price as above_zero
from core.cli.show import answer, table
from core.desk.desk import Desk, open_desk
from core.desk.suggest_transfers import keep_to_deploy
from core.desk.transfer import approve as approve_transfer
from core.desk.transfer import cancel as cancel_transfer
from core.desk.transfer import confirm as confirm_step
from core.desk.transfer import propose as propose_transfer
from core.desk.transfer import seen_hash
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.transfer import OWNER, StepName, Transfer
from core.domain.words import day, qty, rupees
from core.errors import BadInput
from core.store import instruments, transfers
from core.views.ledger import account_of
from core.views.transfer_rows import route
from core.views.treasury_money import LoginMoney, TreasuryMoney, treasury_money

group = typer.Typer(help="Money of logins and accounts, and transfers.", no_args_is_help=True)
STEPS = {one.name.lower(): one for one in (StepName.WITHDRAW, StepName.BANK, StepName.ADD)}
TRANSFER = typer.Argument(..., help="The transfer's id.")


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="treasury")


@group.command("show")
def show(json: Json = False) -> None:
    """Logins beside their accounts, what has not settled, transfers and suggestions."""
    desk = open_desk()
    money = treasury_money(desk)
    if json:
        answer(_document(money), as_json=True)
        return
    with desk.store.read() as tx:
        listed = instruments.of(tx, [part.isin for part in money.staged])
    rows = [row for login in money.logins for row in _account_rows(login)]
    table(rows, as_json=False, empty="No account is open yet.")
    for login in money.logins:
        if login.told is not None and login.accounts:
            off = "agrees" if not login.differs else f"differs by {rupees(login.differs)}"
            typer.echo(f"{login.label}: the broker says {rupees(login.told)} and {off}.")
    for part in money.staged:
        settles = day(part.settles_on) if part.settles_on else "a day not loaded yet"
        share = listed[part.isin].symbol if part.isin in listed else part.isin
        typer.echo(f"{money.names[part.account_id]} {share}: {qty(part.qty, signed=True)} shares "
                   f"and {rupees(part.amount)} settle on {settles}")  # fmt: skip
    for one in money.under_way:
        typer.echo(_said(one, money))
    for idea in money.suggestions:
        amount = f"{rupees(idea.amount)} {route(idea, money.names)}"
        typer.echo(f"suggested: {amount}: {idea.reason}")


@group.command("propose")
def propose(
    amount: str = typer.Argument(..., help="Rupees, such as 25000."),
    giver: str = typer.Option(..., "--from", help="The account that gives, by id or name."),
    to: str = typer.Option(..., "--to", help="The account that gets it, or owner."),
    because: str = typer.Option(..., "--because", help="What the money is for."),
    instalment: bool = typer.Option(
        False, "--instalment", help="It pays an instalment of the account that gets it."
    ),
    json: Json = False,
) -> None:
    """Put a transfer before a person; nothing moves yet."""
    desk = open_desk()
    told = above_zero(amount, name="the amount")
    with desk.store.read() as tx:
        source = account_of(tx, giver)
        target = OWNER if to == "owner" else account_of(tx, to)
    made = propose_transfer(
        desk,
        from_account=source,
        to_account=target,
        amount=told,
        reason=because,
        by=BY,
        pays_instalment=instalment,
    )
    _answer(desk, made, json=json)


@group.command("approve")
def approve(
    transfer: str = TRANSFER,
    hash: str = typer.Option("", help="The hash you saw; left out, as it stands now."),
    json: Json = False,
) -> None:
    """Say yes: inside one login the money moves, else it leaves for clearing."""
    desk = open_desk()
    with desk.store.read() as tx:
        shown = hash or seen_hash(tx, desk, transfers.by_id(tx, transfer))
    _answer(desk, approve_transfer(desk, transfer, seen=shown, by=f"person at the {BY}"), json=json)


@group.command("confirm")
def confirm(
    transfer: str = TRANSFER,
    step: str = typer.Argument(..., help="withdraw, bank or add."),
    seen: str = typer.Option(..., help="The rupees you saw."),
    json: Json = False,
) -> None:
    """Say that the next step happened, and how many rupees were seen."""
    if step.lower() not in STEPS:
        raise BadInput(f"no step is called {step!r}; use {', '.join(STEPS)}")
    told = above_zero(seen, name="--seen")
    desk = open_desk()
    done = confirm_step(desk, transfer, STEPS[step.lower()], seen=told, by=f"person at the {BY}")
    _answer(desk, done, json=json)


@group.command("cancel")
def cancel(
    transfer: str = TRANSFER,
    because: str = typer.Option("", help="Why; it goes into the record."),
    json: Json = False,
) -> None:
    """Call a transfer off before its money left a broker."""
    desk = open_desk()
    _answer(desk, cancel_transfer(desk, transfer, because=because, by=BY), json=json)


@group.command("keep")
def keep(
    account: str = typer.Argument(..., help="An account's id or name."),
    amount: str = typer.Argument(..., help="Rupees it keeps to deploy, or none."),
    json: Json = False,
) -> None:
    """Let an account give what it may deploy beyond this; none takes the rule away."""
    desk = open_desk()
    with desk.store.read() as tx:
        name = account_of(tx, account)
    kept = keep_to_deploy(desk, name, None if amount == "none" else _rupees(amount), by=BY)
    said = "gives nothing" if kept is None else f"keeps {rupees(kept)} before it gives"
    answer({"account": name, "keeps_paise": kept}, as_json=json, words=f"{account} {said}")


def _rupees(text: str) -> Money:
    try:
        return Money.rupees(Decimal(text))
    except InvalidOperation:
        raise BadInput(f"{text!r} is no amount; write it as 250000, or none") from None


def _answer(desk: Desk, one: Transfer, *, json: bool) -> None:
    money = treasury_money(desk)
    answer(_transfer(one, money), as_json=json, words=_said(one, money))


def _said(one: Transfer, money: TreasuryMoney) -> str:
    """A transfer in one sentence with what comes next."""
    step = one.next_step
    due = f" by {day(step.due_on)}" if step and step.due_on else ""
    following = {
        "PROPOSED": f"waits for munim treasury approve {one.id}",
        "MOVING": f"next: {step.name}{due}" if step else "",
    }.get(one.status.value, one.ended)
    return f"{one.id} {one.status}: {rupees(one.amount)} {route(one, money.names)}; {following}"


def _account_rows(login: LoginMoney) -> list[dict[str, object]]:
    return [
        {
            "login": login.label,
            "account": one.name,
            "free_paise": one.free,
            "reserved_paise": one.reserved,
            "blocked_paise": one.blocked,
            "not_settled_paise": one.not_settled,
            "spendable_paise": one.spendable,
            "withdrawable_paise": one.withdrawable,
            "deployable_paise": one.deployable.amount,
            "leaving_paise": one.leaving,
            "coming_paise": one.coming,
        }
        for one in login.accounts
    ]


def _transfer(one: Transfer, money: TreasuryMoney) -> dict[str, object]:
    step = one.next_step
    return {
        "id": one.id,
        "from": one.from_account,
        "to": one.to_account or "owner",
        "amount_paise": one.amount,
        "reason": one.reason,
        "pays_instalment": one.pays_instalment,
        "status": one.status,
        "asked_by": one.asked_by,
        "made_at": one.made_at,
        "expires_at": one.expires_at,
        "approved_at": one.approved_at,
        "in_clearing_paise": one.in_clearing,
        "next_step": step.name.name.lower() if step else None,
        "steps": [
            {
                "step": part.name.name.lower(),
                "due_on": part.due_on,
                "seen_paise": part.seen,
                "confirmed_at": part.confirmed_at,
                "confirmed_by": part.confirmed_by,
            }
            for part in one.steps
        ],
        "hash": money.hashes.get(one.id),
        "ended": one.ended,
        "ended_at": one.ended_at,
    }


def _document(money: TreasuryMoney) -> dict[str, object]:
    return {
        "at": money.at,
        "day": ist_day(money.at),
        "in_clearing_paise": money.in_clearing,
        "logins": [
            {
                "id": login.login_id,
                "label": login.label,
                "broker_paise": login.told,
                "used_paise": login.used,
                "books_paise": login.books,
                "differs_paise": login.differs,
                "lines": [
                    {"line": row.line, "books": row.books, "broker": row.broker, "why": row.why}
                    for row in login.lines
                ],
                "accounts": _account_rows(login),
            }
            for login in money.logins
        ],
        "staged": money.staged,
        "transfers": [_transfer(one, money) for one in money.under_way],
        "suggestions": money.suggestions,
        "ended": [_transfer(one, money) for one in money.ended],
    }
