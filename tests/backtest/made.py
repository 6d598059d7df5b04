"""A small history for replay: 40 shares of the simulated market, its bars and its news."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from core.backtest.replay import History, Run, opened, play
from core.backtest.report import Outcome, outcome_of
from core.config import Settings
from core.desk.desk import REFERENCE, calendar_now
from core.providers.sim.market import SimMarket
from core.providers.universe_file import load_universe

SHARES = 40
BEFORE = 380  # sessions
PLAYED = 8


@lru_cache(maxsize=1)
def history() -> History:
    """Large shares, since every mandate of the first start may own them."""
    universe = load_universe(REFERENCE / "universe.csv")
    market = SimMarket(universe, calendar_now(), seed=42)
    chosen = sorted(
        [item for item in universe if item.has_derivatives][:SHARES], key=lambda item: item.isin
    )
    panel = market.history(BEFORE + PLAYED).only([item.isin for item in chosen])
    first = calendar_now().session(panel.sessions[0]).opens_at
    news = [event for event in market.past_events() if event.known_at >= first]
    return History(instruments=tuple(chosen), panel=panel, events=tuple(news))


@contextmanager
def replayed(folder: Path) -> Iterator[tuple[Run, Outcome]]:
    """The last sessions of that history, played with every card approved."""
    past = history()
    sessions = list(past.panel.sessions[-PLAYED:])
    settings = Settings(home=folder, database_url=f"sqlite:///{folder / 'unused.db'}")
    with opened(past, settings=settings, calendar_start=sessions[0], folder=folder) as run:
        play(run, sessions)
        yield run, outcome_of(run, sessions=sessions, symbols=SHARES, store=folder)
