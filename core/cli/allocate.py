"""What each account would take of signals in a file, from the terminal; nothing is written."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.options import Json
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.desk.signal_file import read_signals
from core.desk.weigh_signals import Weighed, weigh_signals
from core.domain.allocation import Allocation
from core.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Add this file's verb."""
    app.command("allocate")(allocate)


def allocate(
    signal: Path = typer.Option(..., help="JSON: one signal, or a list of them."),
    account: str = typer.Option("", help="One account only, by id or name."),
    json: Json = False,
) -> None:
    """Shares each account would take of the signals in a file, with every cut and refusal.

    A signal is {"symbol": "TCS"}, and may have direction (up, down), strategy, event, and
    together edge, target_first, stop_first and cases.
    """
    found = weigh_signals(open_desk(), read_signals(signal))
    known = {name for row in found for name in (row.account_id, row.account_name)}
    if account and account not in known:
        raise BadInput(f"no running account is called {account!r}; use one of "
                       f"{', '.join(sorted({row.account_id for row in found}))}")  # fmt: skip
    rows = [row for row in found if account in ("", row.account_id, row.account_name)]
    if json:
        answer([_document(row) for row in rows], as_json=True)
        return
    table([_line(row) for row in rows], as_json=False, empty="No account is running.")
    for row in rows:
        for said in _sentences(row):
            typer.echo(f"{row.account_id} {row.symbol}: {said}")


def _document(row: Weighed) -> dict[str, object]:
    """One account and one signal; no allocation where a filter said no first."""
    made = row.allocation
    return {
        "account": row.account_id,
        "account_name": row.account_name,
        "isin": row.isin,
        "symbol": row.symbol,
        "place": row.place or None,
        "ranked_by": row.ranked_by,
        "qty": made.qty if made else 0,
        "sized": made.sized if made else 0,
        "turned_down_by": row.turned_down_by,
        "rejected": row.reason,
        "allocation": made,
    }


def _line(row: Weighed) -> dict[str, object]:
    made = row.allocation
    return {
        "account": row.account_id,
        "symbol": row.symbol,
        "place": row.place or None,
        "qty": made.qty if made else 0,
        "sized": made.sized if made else 0,
        "value_paise": made.notional if made and made.qty else None,
        "at_risk_paise": made.at_risk if made and made.qty else None,
        "charges_paise": made.charges if made and made.qty else None,
        "cut_by": ", ".join(clamp.name for clamp in made.clamps) if made else "",
        "refused_by": row.turned_down_by or _failed(made),
    }


def _failed(made: Allocation | None) -> str:
    if made is None or made.qty:
        return ""
    if not made.clamps and made.bracket is None:
        return "Bracket"
    last = made.clamps[-1].name if made.clamps and not made.clamps[-1].to_qty else ""
    return ", ".join([*([last] if last else []), *(rail.name for rail in made.failed)])


def _sentences(row: Weighed) -> list[str]:
    """Every cut, then the refusal."""
    made = row.allocation
    cuts = made.clamps if made else ()
    said = [f"{cut.name}, {cut.from_qty} to {cut.to_qty}: {cut.reason}" for cut in cuts]
    if made is None:
        return [f"{row.turned_down_by}: {row.reason}"]
    if made.bracket is None:
        return [row.reason]
    return said + [f"{rail.name}: {rail.sentence}" for rail in made.failed]
