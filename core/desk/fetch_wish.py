"""What a person asks to be fetched, from a page or the terminal: whose prices, when, of what kind.

A page may import this: it puts the wish into a job request and reaches no vendor's client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from core.desk.desk import Desk
from core.desk.imports import refuse_sim
from core.desk.jobs import ask
from core.desk.share_names import shares_named
from core.desk.universe import universe_named
from core.domain.clock import ist_day
from core.domain.job import JobRequest
from core.errors import BadInput
from core.providers.bar_run import DAY, MINUTES
from core.providers.catalog import vendor
from core.store import watchlists

AUTO: Final = "auto"
SYMBOLS, WATCHLIST, UNIVERSE = "symbols", "watchlist", "universe"
SCOPES: Final = (SYMBOLS, WATCHLIST, UNIVERSE)


@dataclass(frozen=True, slots=True)
class FetchWish:
    """What is asked for; days are ISO text or empty, as a job's arguments carry them.

    `minutes` is 0 for daily bars. With `figures` companies' fundamentals are fetched, and spans
    and minutes play no part. `name` is the watchlist's or the universe's.
    """

    scope: str = SYMBOLS
    symbols: tuple[str, ...] = ()
    name: str = ""
    start: str = ""
    end: str = ""
    minutes: int = DAY
    providers: tuple[str, ...] = (AUTO,)
    figures: bool = False
    again: bool = False

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise BadInput(f"{self.scope!r} is no scope; use one of {', '.join(SCOPES)}")
        if self.scope != SYMBOLS and not self.name:
            raise BadInput(f"name the {self.scope} whose shares are to be fetched")
        if self.minutes and self.minutes not in MINUTES:
            lengths = ", ".join(str(one) for one in MINUTES)
            raise BadInput(f"there are no bars of {self.minutes} minutes; choose one of {lengths}")
        for one in self.providers:
            if one != AUTO:
                vendor(one)
        for which, typed in (("first", self.start), ("last", self.end)):
            day_of(typed, which)


def ask_fetch(desk: Desk, wish: FetchWish, *, by: str) -> JobRequest:
    """Ask the worker for a fetch; raises what can be told before anybody is asked.

    Raises:
        BadInput: a simulated store, or nobody to fetch.
        NotFound: a symbol, watchlist or universe that is not known.
    """
    refuse_sim(desk, "prices")
    shares_named(desk, names_of(desk, wish), ist_day(desk.clock.now()))
    return ask(desk, "fetch", by=by, **asdict(wish))


def wish_of(arguments: dict[str, Any]) -> FetchWish:
    """The wish out of a job's arguments."""
    lists = {key: tuple(arguments[key]) for key in ("symbols", "providers")}
    return FetchWish(**{**arguments, **lists})


def names_of(desk: Desk, wish: FetchWish) -> Sequence[str]:
    """The symbols or ISINs a wish is about; raises BadInput for none, NotFound for no list."""
    if wish.scope == SYMBOLS:
        names = [one.strip().upper() for one in wish.symbols if one.strip()]
    elif wish.scope == WATCHLIST:
        with desk.store.read() as tx:
            names = list(watchlists.by_name(tx, wish.name).isins)
    else:
        names = [one.isin for one in universe_named(desk, wish.name).now]
    if not names:
        whose = f"{wish.scope} {wish.name} is empty" if wish.name else "no symbol was given"
        raise BadInput(f"{whose}; name one or more shares, such as RELIANCE")
    return [*dict.fromkeys(names)]


def day_of(typed: str, which: str) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadInput(f"the {which} day {typed!r} is no date; write it as 2026-08-21") from None
