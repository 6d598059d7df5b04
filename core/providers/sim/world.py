"""The whole simulated market at once: constants, weather, items and daily rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar, Phase
from core.domain.instrument import Instrument
from core.errors import BadInput, OutsideCalendar
from core.providers.sim.climate import Climate, climate
from core.providers.sim.daily import Daily, Shocks, daily, news_volume, past_ranges, shocks
from core.providers.sim.earnings import results_rows
from core.providers.sim.items import Item, items_of
from core.providers.sim.opening import openers
from core.providers.sim.payouts import Payout, Terms, payouts, terms_of
from core.providers.sim.streams import Floats, Ints
from core.providers.sim.traits import Traits, traits_of

HISTORY_SESSIONS = 1_250


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is fixed once seed, universe and calendar are; rows before `first_live`
    are history. `high`, `low` and `volume` cover the history alone, in paise and shares.
    """

    sessions: tuple[date, ...]
    first_live: int
    traits: Traits
    weather: Climate
    results: tuple[tuple[date, ...], ...]
    items: tuple[tuple[Item, ...], ...]
    payouts: tuple[Payout, ...]
    terms: Terms
    daily: Daily
    high: Ints
    low: Ints
    volume: Floats


def make_world(
    universe: Sequence[Instrument], calendar: Calendar, *, seed: int, starts_on: date
) -> World:
    """Simulate the history and every live session's close up to the calendar's end."""
    if not universe:
        raise BadInput("the simulated market needs at least one instrument, was given 0")
    sessions, first_live = _sessions(calendar, starts_on)
    traits = traits_of(universe, seed=seed)
    weather = climate(len(sessions), traits.sectors, first_live=first_live, seed=seed)
    by_session, by_column = results_rows(sessions, traits, seed=seed)
    before_news = shocks(len(sessions), traits, weather, seed=seed)
    planned = payouts(sessions, traits, first_live=first_live, seed=seed)
    auctioned = auctions(sessions, universe, calendar)

    def drawn(row: int, columns: Sequence[int] | None = None) -> tuple[Item, ...]:
        return tuple(
            items_of(
                sessions[row],
                row=row,
                traits=traits,
                results=by_session[row],
                live=row >= first_live,
                seed=seed,
                openers=columns,
            )
        )

    past_items = [drawn(row) for row in range(first_live)]
    past = daily(
        sessions[:first_live],
        traits,
        _first(before_news, first_live),
        _flat(past_items),
        jumps=weather.jumps,
        terms=terms_of(
            planned, n_sessions=first_live, n_shares=len(universe), first_live=first_live
        ),
        by_auction=auctioned[:first_live],
        first_live=first_live,
    )
    first_news = openers(universe, traits, past, first_live=sessions[first_live], results=by_column)
    live_items = [drawn(first_live, first_news)]
    live_items += [drawn(row) for row in range(first_live + 1, len(sessions))]
    return assemble(
        sessions,
        first_live,
        traits,
        weather=weather,
        before_news=before_news,
        results=tuple(by_column),
        items=(*past_items, *live_items),
        planned=planned,
        by_auction=auctioned,
        seed=seed,
    )


def auctions(
    sessions: Sequence[date], universe: Sequence[Instrument], calendar: Calendar
) -> NDArray[np.bool_]:
    """Where the official close is an auction's price, shape (n_sessions, n_instruments)."""
    held = [
        any(
            window.phase is Phase.CLOSING_AUCTION
            for window in calendar.windows(day, has_derivatives=True)
        )
        for day in sessions
    ]
    eligible = [one.has_derivatives for one in universe]
    return np.asarray(np.array(held)[:, None] & np.array(eligible)[None, :])


def assemble(
    sessions: tuple[date, ...],
    first_live: int,
    traits: Traits,
    *,
    weather: Climate,
    before_news: Shocks,
    results: tuple[tuple[date, ...], ...],
    items: tuple[tuple[Item, ...], ...],
    planned: tuple[Payout, ...],
    by_auction: NDArray[np.bool_],
    seed: int,
) -> World:
    """Turn shocks and items into the daily rows and the history's ranges and volume."""
    terms = terms_of(
        planned, n_sessions=len(sessions), n_shares=len(traits.isins), first_live=first_live
    )
    rows = daily(
        sessions,
        traits,
        before_news,
        _flat(items),
        jumps=weather.jumps,
        terms=terms,
        by_auction=by_auction,
        first_live=first_live,
    )
    high, low = past_ranges(rows, traits, rows=first_live, seed=seed)
    volume = rows.quiet_volume[:first_live].copy()
    for item in _flat(items[:first_live]):
        quiet = rows.quiet_volume[item.row, item.column]
        volume[item.row, item.column] += news_volume(item, quiet=quiet)
    return World(
        sessions=sessions,
        first_live=first_live,
        traits=traits,
        weather=weather,
        results=results,
        items=items,
        payouts=planned,
        terms=terms,
        daily=rows,
        high=high,
        low=low,
        volume=np.maximum(np.floor(volume), 1.0),
    )


def _sessions(calendar: Calendar, starts_on: date) -> tuple[tuple[date, ...], int]:
    """The simulated sessions and the place of the first live one; one without hours is left out."""
    if not calendar.is_session(starts_on):
        raise BadInput(f"the simulated market cannot start on {starts_on}, no session that day")
    before = calendar.sessions(calendar.first, starts_on - timedelta(days=1))
    if len(before) < HISTORY_SESSIONS:
        raise OutsideCalendar(
            f"the simulated market needs {HISTORY_SESSIONS} sessions before {starts_on} and the "
            f"calendar from {calendar.first} has {len(before)}; load an earlier calendar"
        )
    past = tuple(before[-HISTORY_SESSIONS:])
    live = [
        day
        for day in calendar.sessions(starts_on, calendar.last)
        if day not in calendar.specials or calendar.specials[day].hours_known
    ]
    return (*past, *live), len(past)


def _first(part: Shocks, rows: int) -> Shocks:
    return Shocks(
        *(side[:rows] for side in (part.gap, part.inside, part.vol, part.activity, part.settle))
    )


def _flat(items: Sequence[Sequence[Item]]) -> list[Item]:
    return [item for session in items for item in session]
