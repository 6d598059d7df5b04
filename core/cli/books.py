"""Accounts and positions in the terminal."""

from __future__ import annotations

import typer

from core.cli.options import Json
from core.cli.show import table
from core.desk.books import standing
from core.desk.desk import Desk, open_desk
from core.domain.account import Account
from core.store import accounts, instruments, protections, quotes, risk


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.command("positions")(positions)
    app.command("holdings")(positions)
    app.command("risk")(show_risk)


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
                        "pnl_paise": now.gain(held),
                        "protection": cover.status if cover else "NONE",
                        "stop_paise": cover.stop if cover else None,
                    }
                )
    table(rows, as_json=json, empty="No open positions.")


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
