"""What a fetch may be asked for, and why it cannot be asked now."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.fetch_wish import SYMBOLS, UNIVERSE, WATCHLIST
from core.desk.universe import all_universes
from core.domain.account import Market
from core.providers.bar_run import DAY, MINUTES
from core.store import watchlists

FIGURES = "Fundamentals"
KINDS = {"Daily bars": DAY, **{f"{one}-minute bars": one for one in MINUTES}, FIGURES: DAY}
BY_SYMBOL = "Symbols typed below"


@dataclass(frozen=True, slots=True)
class FetchForm:
    """Whose prices may be fetched, by label: scope and name; `refused` says why none may."""

    whose: dict[str, tuple[str, str]]
    refused: str


def fetch_form(desk: Desk) -> FetchForm:
    """Watchlists and universes to choose from; a simulated market takes nothing."""
    refused = ""
    if desk.market is Market.SIM:
        refused = (
            "This market is simulated and makes its own prices. Start with MUNIM_MARKET=replay "
            "and another MUNIM_HOME to fetch real ones."
        )
    with desk.store.read() as tx:
        lists = [one.name for one in watchlists.all_watchlists(tx)]
    whose = {BY_SYMBOL: (SYMBOLS, "")}
    whose |= {f"Watchlist {name}": (WATCHLIST, name) for name in lists}
    for one in all_universes(desk):
        label = f"Universe {one.name}, {len(one.now)} shares"
        whose[label] = (UNIVERSE, one.name)
    return FetchForm(whose, refused)
