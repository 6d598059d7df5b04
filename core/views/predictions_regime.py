"""The market's regime as the newest scan kept it: chances, how long each lasts, what follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from core.desk.desk import Desk
from core.desk.regime_now import last_regime
from core.domain.regime import Look, Place, RegimeRecord
from core.domain.regime_words import likely_words, returns_words, seen_words, sentences
from core.domain.signal import Regime
from core.domain.words import age_of, counted, day, decimal, eod, pct
from core.panel import Floats
from core.views.shown import Cells, Figure, Meter

EMPTY = "No scan has told the market's regime yet. The next scan keeps it here."
BY_RULE = "Too few sessions for hidden states, so a plain rule of trend and volatility tells it."


@dataclass(frozen=True, slots=True)
class StateRow:
    """One regime: its chance now, how long it lasts, what it is like and what follows it.

    `seen` is how long it lasted where it was told, `returns` its mean return a session with its
    standard error, `vol` its volatility a year, `breadth` the share of shares above their average.
    """

    name: str
    chance: Cells
    share: str
    lasts: str
    seen: str
    returns: str
    vol: str
    breadth: str
    to_bull: str
    to_bear: str
    to_sideways: str
    to_volatile: str
    mark: str


@dataclass(frozen=True, slots=True)
class RegimeView:
    """The regime; `chances` are by session, shape (n_sessions, 4) in the order of `names`."""

    figures: tuple[Figure, ...]
    rows: tuple[StateRow, ...]
    note: str
    by_rule: str
    fitted: tuple[str, ...]
    names: tuple[str, ...]
    days: tuple[date, ...]
    chances: Floats


def regime_view(desk: Desk) -> RegimeView | None:
    """What the newest scan kept; None before the first."""
    with desk.store.read() as tx:
        found = last_regime(tx)
    if found is None:
        return None
    told = [one for one in found.history if one.chances]
    return RegimeView(
        figures=_figures(found),
        rows=_rows(found),
        note=f"{eod(found.session)} · told {age_of(found.at, desk.clock.now())} ago",
        by_rule="" if found.chances else BY_RULE,
        fitted=sentences(found),
        names=tuple(name.value for name in Regime),
        days=tuple(one.session for one in told),
        chances=np.array([[one.chances[name] for name in Regime] for one in told]),
    )


def _figures(found: RegimeRecord) -> tuple[Figure, ...]:
    vol, traded = found.volatility, found.liquidity
    chance = f"{likely_words(found.score)} likely" if found.chances else "by the plain rule"
    crore = "" if traded.value is None else f"₹{decimal(traded.value / 1e7)} Cr a share and session"
    return (
        Figure("Market", found.regime.value, chance),
        Figure("Since", day(found.since), counted(found.sessions, "session")),
        Figure(
            "Volatility",
            vol.words,
            _stands(vol, "" if vol.value is None else f"{pct(vol.value)} a year"),
        ),
        Figure("Liquidity", traded.words, _stands(traded, crore)),
    )


def _stands(place: Place, value: str) -> str:
    if place.share is None:
        return value
    return f"{value}, above {pct(place.share, digits=0)} of {place.n} sessions"


def _rows(found: RegimeRecord) -> tuple[StateRow, ...]:
    if not found.chances:
        return ()
    return tuple(
        StateRow(
            name=name.value,
            chance=Meter(found.chances[name], plain=True),
            share=likely_words(found.chances[name]),
            lasts=counted(round(found.durations[name]), "session"),
            seen=seen_words(found.spells.get(name)),
            returns=returns_words(found.looks.get(name)),
            **_like(found.looks.get(name)),
            to_bull=pct(found.moves[name][Regime.BULL], digits=1),
            to_bear=pct(found.moves[name][Regime.BEAR], digits=1),
            to_sideways=pct(found.moves[name][Regime.SIDEWAYS], digits=1),
            to_volatile=pct(found.moves[name][Regime.VOLATILE], digits=1),
            mark="on" if name is found.regime else "",
        )
        for name in Regime
    )


def _like(look: Look | None) -> dict[str, str]:
    if look is None:
        return {"vol": "–", "breadth": "–"}
    return {"vol": pct(look.volatility, digits=1), "breadth": pct(look.breadth, digits=0)}
