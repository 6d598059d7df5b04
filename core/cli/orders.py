"""Orders in the terminal, what became of those nobody can tell, and broker against books."""

from __future__ import annotations

import typer

from core.cli.options import BY, Json, price, rupees_from_zero
from core.cli.show import answer, table
from core.desk.annul import annul_fill
from core.desk.closed_out import book_close_out, booked_words
from core.desk.correct import correct_fill, price_that_stands
from core.desk.desk import Desk, open_desk
from core.desk.give import give_to_plan
from core.desk.resolve import accept_difference, say_absent, say_is, terms
from core.domain.ledger import external_account
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Side
from core.domain.words import ist_time
from core.errors import BadInput
from core.store import accounts, fills, ledger, lookups, orders, reconciliations

group = typer.Typer(help="Orders, newest first.", invoke_without_command=True)
books = typer.Typer(help="Broker against books.", invoke_without_command=True)
BECAUSE = typer.Option("", help="Why: what you looked at. It goes into the record.")


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="orders")
    app.add_typer(books, name="reconcile")


@group.callback()
def list_orders(context: typer.Context, limit: int = 50, json: Json = False) -> None:
    """The latest orders, newest first."""
    if context.invoked_subcommand is not None:
        return
    if limit < 1:
        raise BadInput(f"--limit {limit} shows nothing; use 1 or more")
    desk = open_desk()
    with desk.store.read() as tx:
        found = orders.recent(tx, limit)
    rows = [
        {
            "id": order.id,
            "at": order.prepared_at,
            "account": order.account_id,
            "side": order.side,
            "qty": order.qty,
            "symbol": order.symbol,
            "purpose": order.purpose,
            "limit_paise": order.limit_price,
            "status": order.status,
            "reason": order.reason,
        }
        for order in found
    ]
    table(rows, as_json=json, empty="No orders yet.")


@group.command("resolve")
def resolve(
    order: str = typer.Argument(..., help="The order's id."),
    absent: bool = typer.Option(False, "--absent", help="It never reached the broker."),
    broker_order: str = typer.Option("", "--is", help="It is this order of the broker."),
    because: str = BECAUSE,
    json: Json = False,
) -> None:
    """Say what became of an order whose outcome is unknown."""
    desk = open_desk()
    if absent == bool(broker_order):
        raise BadInput(f"say --absent or --is BROKER_ORDER, one of them; {_shown(desk, order)}")
    if absent:
        said = say_absent(desk, order, because=because, by=BY)
        answer({"order": order, "status": "ABSENT", "sentence": said}, as_json=json, words=said)
        return
    moved = say_is(desk, order, broker_order, because=because, by=BY)
    answer(
        {"order": moved.id, "status": moved.status, "broker_order": moved.broker_order_id},
        as_json=json,
        words=f"{moved.symbol}: order {moved.id} is broker order {moved.broker_order_id}, "
        f"{moved.status.lower()}",
    )


@group.command("correct")
def correct(
    order: str = typer.Argument(..., help="The order's id."),
    to: str = typer.Argument(..., help="The price a share that the exchange gives now."),
    trade: str = typer.Option("", help="The trade's id, where the order has more than one."),
    because: str = BECAUSE,
    json: Json = False,
) -> None:
    """Book a trade anew at the price the exchange corrected it to."""
    desk = open_desk()
    told = price(to, name="the corrected price")
    fill, stood = _booked(desk, order, trade)
    made = correct_fill(desk, order, fill.trade_id, price=told, because=because, by=BY)
    answer(
        {"order": order, "trade": fill.trade_id, "from": stood, "to": told, "booking": made.id},
        as_json=json,
        words=f"{fill.symbol}: trade {fill.trade_id} of {fill.qty:+d} was booked at {stood} and "
        f"stands at {told} now; the first booking and its reversal stay in the books",
    )


@group.command("annul")
def annul(
    order: str = typer.Argument(..., help="The order's id."),
    trade: str = typer.Option("", help="The trade's id, where the order has more than one."),
    because: str = BECAUSE,
    json: Json = False,
) -> None:
    """Undo a trade that the exchange annulled; its plan and stop follow."""
    desk = open_desk()
    fill, stood = _booked(desk, order, trade)
    made, left = annul_fill(desk, order, fill.trade_id, because=because, by=BY)
    answer(
        {"order": order, "trade": fill.trade_id, "booking": made.id, "left": left},
        as_json=json,
        words=f"{fill.symbol}: trade {fill.trade_id} of {fill.qty:+d} at {stood} is undone; its "
        f"plan holds {left} now, and the first booking and its reversal stay in the books",
    )


@group.command("closed-out")
def closed_out(
    plan: str = typer.Argument(..., help="The short plan whose shares were bought in."),
    at: str = typer.Argument(..., help="Rupees a share, as the contract note says."),
    charges: str = typer.Option(
        "", help="Rupees the broker took for it in all: charges, penalty and their GST."
    ),
    because: str = BECAUSE,
    json: Json = False,
) -> None:
    """Book what the exchange bought in for a short sale that its day did not buy back."""
    told = price(at, name="the price it was closed out at")
    cost = rupees_from_zero(charges, name="--charges") if charges else ZERO
    order = book_close_out(open_desk(), plan, told, charges=cost, because=because, by=BY)
    answer(
        {
            "order": order.id,
            "plan": plan,
            "qty": order.qty,
            "price_paise": told,
            "charges_paise": cost,
        },
        as_json=json,
        words=booked_words(order, told, cost),
    )


def _booked(desk: Desk, order_id: str, trade_id: str) -> tuple[Fill, Money]:
    """A trade of an order, its only one where none is named, and the price it stands at."""
    with desk.store.read() as tx:
        made = fills.of_order(tx, orders.by_id(tx, order_id).id)
        named = [one for one in made if trade_id in ("", one.trade_id)]
        if len(named) == 1:
            return named[0], price_that_stands(tx, named[0])
    shown = ", ".join(f"{one.trade_id} ({one.qty:+d} at {one.price})" for one in made)
    raise BadInput(f"name one trade of order {order_id} with --trade; it has {shown or 'none'}")


def _shown(desk: Desk, order_id: str) -> str:
    """What the broker's order book shows that is not ours, in the rest of a sentence."""
    with desk.store.read() as tx:
        orders.by_id(tx, order_id)
        seen = lookups.of_order(tx, order_id)
    if seen is None:
        return "the broker's order book was not read since it went out"
    book = ", ".join(f"{one.broker_order_id} ({terms(one)})" for one in seen.book)
    return f"the order book of {ist_time(seen.read_at)} shows {book or 'nothing that is not ours'}"


@books.callback()
def list_differences(context: typer.Context, json: Json = False) -> None:
    """Shares and trades that the broker and the books count differently."""
    if context.invoked_subcommand is not None:
        return
    desk = open_desk()
    with desk.store.read() as tx:
        found = reconciliations.all_latest(tx)
    if json:
        answer(found, as_json=True)
        return
    rows = [
        {
            "login": one.login_id,
            "symbol": differs.symbol,
            "books": differs.desk_qty,
            "broker": differs.broker_qty,
            "worth_paise": differs.worth,
            "since": differs.since,
        }
        for one in found
        for differs in one.mismatches
    ]
    agree = ", ".join(f"{one.login_id} at {ist_time(one.at)}" for one in found)
    empty = f"Shares agree: {agree}." if agree else "Nothing was compared yet; start the worker."
    table(rows, as_json=False, empty=empty)
    for one in found:
        for sentence in one.trades:
            typer.echo(sentence)


@books.command("accept")
def accept(
    symbol: str,
    login: str = typer.Option("", help="Where the symbol differs on more than one login."),
    because: str = BECAUSE,
    json: Json = False,
) -> None:
    """Take the broker's count of a share as right; the difference stands as done elsewhere."""
    made = accept_difference(open_desk(), symbol, login_id=login, because=because, by=BY)
    answer(made, as_json=json, words=made.words)


@books.command("elsewhere")
def list_elsewhere(json: Json = False) -> None:
    """Shares that came to a login or left it past the desk."""
    desk = open_desk()
    with desk.store.read() as tx:
        made = [
            one
            for login in accounts.logins(tx)
            for one in ledger.transactions(tx, external_account(login.id))
        ]
    rows = [{"id": one.id, "at": one.at, "kind": one.kind, "words": one.words} for one in made]
    table(rows, as_json=json, empty="Nothing was done elsewhere.")


@books.command("give")
def give(
    sale: str = typer.Argument(..., help="The id that `munim reconcile elsewhere` shows."),
    plan: str = typer.Argument(..., help="The plan whose sale it was."),
    because: str = BECAUSE,
    json: Json = False,
) -> None:
    """Count a sale done elsewhere as a plan's own exit."""
    order = give_to_plan(open_desk(), sale, plan, because=because, by=BY)
    answer(
        {"order": order.id, "plan": order.plan_id, "qty": order.qty},
        as_json=json,
        words=f"{order.symbol}: {order.qty} {'sold' if order.side is Side.SELL else 'bought back'} "
        f"elsewhere count as plan {order.plan_id}'s own",
    )
