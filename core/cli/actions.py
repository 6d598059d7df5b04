"""Corporate actions in the terminal: import lists, see what prices suggest, say yes or no."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk.actions import accept_action, import_actions, refuse_action, waiting
from core.desk.allotted import book_allotted
from core.desk.apply_action import apply_action, percent
from core.desk.desk import open_desk
from core.desk.dividends import mark_paid, owed
from core.desk.fractions import mark_fraction
from core.desk.propose import proposals
from core.desk.suggest_actions import infer_actions
from core.domain.action import CorporateAction
from core.domain.money import Money
from core.store import actions, instruments

group = typer.Typer(help="Splits, bonuses, rights, demergers and dividends.", no_args_is_help=True)
NONE = "No corporate action waits for you."


@group.command("import")
def take_in(files: list[Path], json: Json = False) -> None:
    """Read lists of NSE, BSE or Yahoo, or a list of divisors."""
    done = import_actions(open_desk(), files, by=BY)
    answer(done, as_json=json, words=done.sentence)


@group.command("infer")
def infer(json: Json = False) -> None:
    """Look for breaks in the stored prices that no action explains; what is found waits."""
    found = infer_actions(open_desk(), by=BY)
    table([_row(one) for one in found], as_json=json, empty="Every break is explained.")


@group.command("list")
def see(
    symbol: str = typer.Option("", help="Every action of one share, decided or not."),
    json: Json = False,
) -> None:
    """What waits for a yes or a no."""
    desk = open_desk()
    if not symbol:
        table([_row(one) for one in waiting(desk)], as_json=json, empty=NONE)
        return
    with desk.store.read() as tx:
        share = instruments.by_symbol(tx, symbol)
        found = actions.of_isins(tx, [share.isin])
    empty = f"No corporate action of {share.symbol} is stored."
    table([_row(one) for one in found], as_json=json, empty=empty)


@group.command("accept")
def accept(action_id: str, json: Json = False) -> None:
    """Believe a waiting action; its divisor goes into every adjusted price."""
    done = accept_action(open_desk(), action_id, by=BY)
    answer(done, as_json=json, words=f"accepted: {_words(done)}")


@group.command("refuse")
def refuse(
    action_id: str,
    reason: str = typer.Option(..., help="Why it is none; kept in the record."),
    json: Json = False,
) -> None:
    """Say that a break was the market; nobody is asked about it again."""
    done = refuse_action(open_desk(), action_id, reason=reason, by=BY)
    answer(done, as_json=json, words=f"refused: {_words(done)}")


@group.command("apply")
def apply(
    action_id: str,
    keeps: str = typer.Option("", help="Demerger: percent of cost that stays."),
    leaves: str = typer.Option("", help="Demerger: percent of cost that leaves."),
    json: Json = False,
) -> None:
    """Confirm what an action made of shares held through it; cost does not change."""
    done = apply_action(
        open_desk(),
        action_id,
        by=BY,
        keeps=percent(keeps, name="--keeps") if keeps else None,
        leaves=percent(leaves, name="--leaves") if leaves else None,
    )
    answer(done, as_json=json, words=done.sentence)


@group.command("held")
def held(json: Json = False) -> None:
    """Shares held through an ex-date, before and after, until you confirm."""
    found = proposals(open_desk())
    rows: list[dict[str, object]] = [
        {
            "id": one.action.id,
            "what": _words(one.action),
            "account": change.name if change else None,
            "shares": change.qty if change else None,
            "becomes": change.new_qty if change else None,
            "cost": change.cost if change else None,
            "new_isin": one.renamed[1] if one.renamed else None,
            "estimate": one.estimate or None,
            "why_not": one.why_not or None,
        }
        for one in found
        for change in one.changes or (None,)
    ]
    table(rows, as_json=json, empty="Nothing held waits in old share terms.")


@group.command("owed")
def see_owed(json: Json = False) -> None:
    """Dividends past their ex-date that are not paid yet, before tax."""
    desk = open_desk()
    with desk.store.read() as tx:
        rows: list[dict[str, object]] = [
            {
                "id": one.action_id,
                "account": one.account_id,
                "symbol": one.symbol,
                "ex_date": one.ex_date,
                "amount": one.amount,
            }
            for one in owed(tx)
        ]
    table(rows, as_json=json, empty="No dividend is owed.")


@group.command("paid")
def paid(
    action_id: str,
    received: str = typer.Option("", help="Rupees that came; all of it when left out."),
    account: str = typer.Option("", help="One account's id; every account when left out."),
    json: Json = False,
) -> None:
    """Say that a dividend's money came; what is missing is booked as tax deducted."""
    came = Money.rupees(received) if received else None
    done = mark_paid(open_desk(), action_id, received=came, by=BY, account_id=account)
    words = "; ".join(f"{one.account_id}: {one.words}" for one in done)
    answer(done, as_json=json, words=words)


@group.command("fraction")
def fraction(
    action_id: str,
    received: str = typer.Option(..., help="Rupees that came for all fractions together."),
    account: str = typer.Option("", help="One account's id; every account when left out."),
    json: Json = False,
) -> None:
    """Say that a company paid for a fraction of a share that a split or bonus left over."""
    came = Money.rupees(received)
    done = mark_fraction(open_desk(), action_id, received=came, by=BY, account_id=account)
    words = "; ".join(f"{one.account_id}: {one.words}" for one in done)
    answer(done, as_json=json, words=words)


@group.command("allotted")
def allotted(
    action_id: str,
    isin: str = typer.Option(..., help="The new company's ISIN."),
    symbol: str = typer.Option(..., help="Its symbol."),
    shares: int = typer.Option(0, min=0, help="As credited; by the ratio when left out."),
    login: str = typer.Option("", help="The login's id, where several held the parent."),
    json: Json = False,
) -> None:
    """Book the shares that a demerger brought; they stand beside the accounts, as yours."""
    done = book_allotted(
        open_desk(), action_id, isin=isin, symbol=symbol, shares=shares, login_id=login, by=BY
    )
    answer(done, as_json=json, words=done.sentence)


def _words(one: CorporateAction) -> str:
    return f"{one.symbol} {one.kind} {_ratio(one)} ex {one.ex_date}".replace("  ", " ")


def _ratio(one: CorporateAction) -> str:
    return f"{one.new}:{one.old}" if one.has_ratio else ""


def _row(one: CorporateAction) -> dict[str, object]:
    return {
        "id": one.id,
        "symbol": one.symbol,
        "ex_date": one.ex_date,
        "kind": one.kind,
        "ratio": _ratio(one) or None,
        "amount": one.amount,
        "status": one.status,
        "source": one.source,
        "subject": one.subject,
    }
