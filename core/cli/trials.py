"""Replay, backtest and optimizer in the terminal."""

from __future__ import annotations

import json as jsons
from pathlib import Path

import typer

from core.cli.missing import not_built
from core.cli.options import Json, span, symbols
from core.cli.show import answer, table
from core.desk.desk import calendar_now, open_desk


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.command("replay")(replay)
    app.command("backtest")(backtest)
    app.command("optimize")(optimize)


def replay(
    start: str = typer.Option(..., "--from", help="First session, YYYY-MM-DD."),
    end: str = typer.Option(..., "--to", help="Last session, YYYY-MM-DD."),
    folder: Path | None = typer.Option(None, help="Where the scratch store goes."),
    speed: float | None = typer.Option(None, help="Not built yet; it plays as fast as it can."),
    json: Json = False,
) -> None:
    """Play imported history through the whole desk with a scripted approver."""
    from core.backtest.report import replay_store

    if speed is not None:
        raise not_built("munim replay --speed")
    first, last = span(start, end)
    outcome = replay_store(open_desk(), start=first, end=last, folder=folder, progress=_progress)
    answer(jsons.loads(outcome.to_json()), as_json=json, words=outcome.words())


def backtest(
    strategy: str = typer.Option(..., help="both, or one that mandates know."),
    start: str = typer.Option(..., "--from", help="First session, YYYY-MM-DD."),
    end: str = typer.Option(..., "--to", help="Last session, YYYY-MM-DD."),
    only: str = typer.Option("", "--symbols", help="Such as TCS,INFY; all when left out."),
    json: Json = False,
) -> None:
    """Play the store's own bars and news; every card is approved."""
    from core.backtest.run import backtest as play

    first, last = span(start, end)
    found = play(
        open_desk(),
        strategy=strategy,
        start=first,
        end=last,
        symbols=symbols(only),
        progress=_progress,
    )
    growth = found.equity[-1].share_of(found.equity[0]) - 1.0
    answer(
        found,
        as_json=json,
        words=(
            f"{len(found.days)} sessions of {found.shares} shares: {found.cards} cards, "
            f"{len(found.trades)} trades, {found.equity[0]} became {found.equity[-1]} "
            f"({growth:+.2%}; equal parts of every share {found.market[-1] - 1:+.2%}), "
            f"charges {found.charges}, postings sum to {found.books_off}"
            + ("; the prices are SIMULATED" if found.invented_prices else "")
        ),
    )


def optimize(
    file: Path,
    method: str = typer.Option(..., help="equal, min_variance, risk_parity or max_sharpe."),
    constraints: Path | None = typer.Option(None, help="JSON with weight_max, sector_max, …"),
    json: Json = False,
) -> None:
    """Weights over the shares in a file of daily prices; nothing is traded."""
    from core.cli.weigh import limits_in, weigh
    from core.providers.files import read_bars

    limits = limits_in(constraints) if constraints else None
    symbols_in, found = weigh(read_bars(file, calendar=calendar_now()), method, limits)
    rows = [{"symbol": symbol, "weight": weight} for symbol, weight in found.weights]
    if json:
        figures = {"mean": found.mean, "vol": found.vol, "sharpe": found.sharpe}
        answer({"method": found.method, "weights": rows, **figures}, as_json=True)
        return
    table(rows, as_json=False, empty="")
    typer.echo(
        f"{len(symbols_in)} shares by {found.method}: mean {found.mean:.1%} and volatility "
        f"{found.vol:.1%} a year in the file's own past"
    )


def _progress(share: float, sentence: str) -> None:
    typer.echo(f"{share:6.1%} {sentence}", err=True)
