"""Accounts, positions and charges in the terminal."""

from __future__ import annotations

from datetime import date

import typer

from core.cli.options import Json, day
from core.cli.options import price as rupees
from core.cli.show import answer, table
from core.desk.books import order_charges, standing
from core.desk.desk import Desk, calendar_now, open_desk
from core.domain.account import Account, Broker
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.order import Product, Side
from core.errors import BadInput
from core.store import accounts, instruments, mandates, protections, quotes, risk
from core.treasury.charges import Charges

group = typer.Typer(help="Accounts and their mandates.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="accounts")
    app.command("positions")(positions)
    app.command("holdings")(positions)
    app.command("charges")(charges)
    app.command("pnl")(pnl)
    app.command("risk")(show_risk)


@group.command("list")
def list_accounts(json: Json = False) -> None:
    """Every account with its equity."""
    desk = open_desk()
    table(_account_rows(desk), as_json=json, empty="No accounts yet; start the desk once.")


def _account_rows(desk: Desk) -> list[dict[str, object]]:
    with desk.store.read() as tx:
        prices = quotes.all_quotes(tx)
        found = accounts.accounts(tx)
        marked = {account.id: standing(tx, account.id, prices) for account in found}
    return [
        {
            "id": account.id,
            "name": account.name,
            "login": account.login_id,
            "cash_paise": marked[account.id].cash,
            "reserved_paise": marked[account.id].reserved,
            "invested_paise": marked[account.id].invested,
            "equity_paise": marked[account.id].equity,
            "open": account.closed_at is None,
        }
        for account in found
    ]


@group.command("show")
def show_account(name: str, json: Json = False) -> None:
    """One account's mandate."""
    desk = open_desk()
    with desk.store.read() as tx:
        account = by_id_or_name(desk, name)
        mandate = mandates.current(tx, account.id)
    answer({"account": account, "mandate": mandate}, as_json=json)


def by_id_or_name(desk: Desk, name: str) -> Account:
    """An account by its id or its name; raises NotFound."""
    with desk.store.read() as tx:
        by_id = {account.id: account for account in accounts.accounts(tx)}
        return by_id[name] if name in by_id else accounts.by_name(tx, name)


def positions(json: Json = False) -> None:
    """Open positions of every account with their protection."""
    desk = open_desk()
    with desk.store.read() as tx:
        prices = quotes.all_quotes(tx)
        symbols = {item.isin: item.symbol for item in instruments.all_instruments(tx)}
        covers = {(c.account_id, c.isin): c for c in protections.live(tx)}
        rows = []
        for account in accounts.accounts(tx):
            now = standing(tx, account.id, prices)
            for held in now.positions:
                cover = covers.get((account.id, held.isin))
                rows.append(
                    {
                        "account": account.name,
                        "symbol": symbols.get(held.isin, held.isin),
                        "isin": held.isin,
                        "qty": held.qty,
                        "avg_paise": held.avg_price,
                        "ltp_paise": now.marks.get(held.isin),
                        "pnl_paise": now.value(held) - held.cost,
                        "protection": cover.status if cover else "NONE",
                        "stop_paise": cover.stop if cover else None,
                    }
                )
    table(rows, as_json=json, empty="No open positions.")


def charges(
    broker: str = typer.Option(..., help="zerodha, upstox, fyers or paper."),
    product: str = typer.Option(..., help="CNC or MIS."),
    qty: int = typer.Option(..., help="Shares."),
    buy: str = typer.Option("", help="Buy price in rupees."),
    sell: str = typer.Option("", help="Sell price in rupees."),
    exchange: str = typer.Option("NSE", help="NSE."),
    on: str = typer.Option("", "--date", help="YYYY-MM-DD, today at the market when left out."),
    json: Json = False,
) -> None:
    """What a trade costs, line by line, to the paisa."""
    if qty < 1:
        raise BadInput(f"--qty {qty} trades nothing; use 1 or more")
    if exchange != "NSE":
        raise BadInput(f"--exchange {exchange} is not built yet; use NSE")
    when = day(on, name="--date") if on else ist_day(open_desk().clock.now())
    calendar_now().is_session(when)  # raises OutsideCalendar
    sides = [(Side.BUY, "--buy", buy), (Side.SELL, "--sell", sell)]
    legs = [
        (side, _costs(broker, product, side, qty, rupees(text, name=name), when))
        for side, name, text in sides
        if text
    ]
    if not legs:
        raise BadInput("give --buy, --sell or both, in rupees")
    total = Money(sum(cost.total.paise for _, cost in legs))
    answer(
        {
            "date": when,
            "legs": {side.value: {"lines": cost, "total": cost.total} for side, cost in legs},
            "total": total,
        },
        as_json=json,
        words=f"{total} on {when}: " + ", ".join(f"{side} {cost.total}" for side, cost in legs),
    )


def _costs(broker: str, product: str, side: Side, qty: int, price: Money, when: date) -> Charges:
    try:
        at, kind = Broker(broker.lower()), Product(product.upper())
    except ValueError as wrong:
        raise BadInput(f"{wrong}; use zerodha, upstox, fyers or paper, and CNC or MIS") from None
    return order_charges(at, product=kind, side=side, qty=qty, price=price, on=when)


def pnl(json: Json = False) -> None:
    """Profit and loss of every account, as the risk loop last saw it."""
    desk = open_desk()
    with desk.store.read() as tx:
        seen = risk.all_latest(tx)
    rows = [
        {
            "scope": look.scope,
            "at": look.at,
            "equity_paise": look.equity,
            "day_pnl_paise": look.day_pnl,
            "total_pnl_paise": look.total_pnl,
            "drawdown": look.drawdown,
        }
        for look in seen
    ]
    table(rows, as_json=json, empty="No figures yet; the worker has not looked once.")


def show_risk(json: Json = False) -> None:
    """Levels, exposures and breaches."""
    desk = open_desk()
    with desk.store.read() as tx:
        seen = risk.all_latest(tx)
    rows = [
        {
            "scope": look.scope,
            "level": look.level,
            "gross_exposure": look.gross_exposure,
            "at_risk_paise": look.at_risk,
            "unprotected": look.unprotected,
            "breaches": "; ".join(breach.sentence for breach in look.breaches),
        }
        for look in seen
    ]
    table(rows, as_json=json, empty="No figures yet; the worker has not looked once.")
