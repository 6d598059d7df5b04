"""Accounts and positions in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

import typer
from sqlmodel import Session

from core.cli.options import Json
from core.cli.show import table
from core.desk.books import standing
from core.desk.desk import Desk, open_desk
from core.domain.account import Account
from core.domain.risk import DESK, RiskSnapshot
from core.domain.words import pct
from core.store import accounts, instruments, mandates, protections, quotes, risk


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
        names = {one.id: one.name for one in accounts.accounts(tx)}
        seen = [(look, _gross_max(tx, look.scope, names)) for look in risk.all_latest(tx)]
    rows = [_risk_row(look, most, names, as_json=json) for look, most in seen]
    table(rows, as_json=json, empty="No figures yet; the worker has not looked once.")


def _gross_max(tx: Session, scope: str, names: Mapping[str, str]) -> float | None:
    """The mandate's limit of an account's gross exposure; the whole desk has none."""
    return mandates.current(tx, scope).gross_exposure_max if scope in names else None


def _risk_row(
    look: RiskSnapshot, most: float | None, names: Mapping[str, str], *, as_json: bool
) -> dict[str, object]:
    """Fractions and ids for a document, names and percent beside their limit for a person."""
    name = names.get(look.scope, "All accounts" if look.scope == DESK else look.scope)
    if as_json:
        gross: dict[str, object] = {
            "gross_exposure": look.gross_exposure,
            "gross_exposure_max": most,
        }
    else:
        limit = f" of {pct(most)}" if most is not None else ""
        gross = {"gross_exposure": f"{pct(look.gross_exposure)}{limit}"}
    return {
        **({"scope": look.scope} if as_json else {}),
        "name": name,
        "level": look.level,
        **gross,
        "at_risk_paise": look.at_risk,
        "unprotected": look.unprotected,
        "breaches": "; ".join(breach.sentence for breach in look.breaches),
    }
