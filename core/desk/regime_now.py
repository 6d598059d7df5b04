"""The regime as a person reads it: kept by the scan for the pages, worked out for the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import sheet
from core.desk.traded import traded_with_bars
from core.domain.clock import ist_day
from core.domain.regime import RegimeDay, RegimeRecord, Spells
from core.domain.signal import Regime
from core.errors import NoData
from core.features.hmm import States, Told, states_from
from core.features.regime import TREND, market_states, trend_regime, trend_regimes
from core.features.vol_regime import liquidity_now, volatility_now
from core.panel import Floats, Panel
from core.store import bars, instruments, models, settings
from core.store.codec import from_json, to_json

if TYPE_CHECKING:
    from core.desk.known import Known

KEY = "regime:newest"
MARKET = "market"
HISTORY = 252  # sessions kept for the page


def keep_regime(desk: Desk, known: Known) -> None:
    """Put the market's regime where the pages read it, once a session and model."""
    research = known.research
    version = research.version.version
    with desk.store.read() as tx:
        kept = last_regime(tx)
    if kept and (kept.session, kept.model_version) == (research.session, version):
        return
    found = market_regime_record(
        research.panel, manifest=research.model.manifest, model_version=version, at=known.at
    )
    with desk.store.write() as tx:
        settings.put(tx, KEY, json.loads(to_json(found)))


def last_regime(tx: Session) -> RegimeRecord | None:
    """What the newest scan kept; None before the first."""
    found = settings.get(tx, KEY)
    return None if found is None else from_json(RegimeRecord, json.dumps(found))


def regime_asked(desk: Desk, symbol: str = "") -> RegimeRecord:
    """The market's regime, or one share's, after the last closed session.

    What the scan kept is given while it is of that session and of the model in use.

    Raises:
        NotFound: nobody has the symbol.
        NoData: too few sessions of prices.
    """
    with desk.store.read() as tx:
        kept, model = last_regime(tx), models.current(tx, "primary")
        sessions = bars.sessions(tx, _whose(desk, tx, symbol))
    done = [day for day in sessions if day < ist_day(desk.clock.now())]
    version = model.version if model else ""
    if not symbol and kept and done and (kept.session, kept.model_version) == (done[-1], version):
        return kept
    panel, at = regime_panel(desk, symbol), desk.clock.now()
    if symbol or model is None:
        return regime_record(panel, of=symbol or MARKET, at=at)
    manifest = sheet(desk, model).manifest
    return market_regime_record(panel, manifest=manifest, model_version=version, at=at)


def regime_panel(desk: Desk, symbol: str = "") -> Panel:
    """Bars of the market or of one share up to the last session before today."""
    end = ist_day(desk.clock.now()) - timedelta(days=1)
    with desk.store.read() as tx:
        return bars.read_panel(tx, _whose(desk, tx, symbol), end=end)


def _whose(desk: Desk, tx: Session, symbol: str) -> list[str] | None:
    if symbol:
        return [instruments.by_symbol(tx, symbol).isin]
    return traded_with_bars(tx, until=ist_day(desk.clock.now()) - timedelta(days=1))


def market_regime_record(
    panel: Panel, *, manifest: Mapping[str, object], model_version: str, at: datetime
) -> RegimeRecord:
    """The market's regime as the states of a model tell it; raises NoData for a short panel."""
    states = manifest.get("states")
    if not isinstance(states, Mapping):
        return regime_record(panel, of=MARKET, at=at)
    return regime_record(
        panel, of=MARKET, at=at, states=states_from(states), model_version=model_version
    )


def regime_record(
    panel: Panel,
    *,
    of: str,
    at: datetime,
    states: States | None = None,
    model_version: str = "",
) -> RegimeRecord:
    """The regime after a panel's last session.

    Args:
        states: a fitted model to listen to; fitted on the panel's own past unless given.

    Raises:
        NoData: fewer sessions than the plain rule's trend needs.
    """
    told = market_states(panel, states)
    days = _days(panel, told)
    if not days:
        raise NoData(
            f"the regime of {of} needs {TREND + 1} sessions of prices and has "
            f"{len(panel.sessions)}; import more history"
        )
    now = days[-1]
    run = next((n for n, day in enumerate(reversed(days)) if day.regime is not now.regime), None)
    length = len(days) if run is None else run
    speaks = told.states if now.chances else None
    return RegimeRecord(
        of=of,
        at=at,
        session=now.session,
        regime=now.regime,
        score=now.chances.get(now.regime) or trend_regime(panel)[1],
        since=days[-length].session,
        sessions=length,
        chances=now.chances,
        durations=speaks.durations() if speaks else {},
        moves=speaks.table() if speaks else {},
        volatility=volatility_now(panel),
        liquidity=liquidity_now(panel),
        history=tuple(days[-HISTORY:]),
        model_version=model_version if speaks else "",
        fitted_to=speaks.fitted_to if speaks else None,
        looks=speaks.looks() if speaks else {},
        spells=_spells(days) if speaks else {},
        changed=speaks.changed if speaks else None,
    )


def _spells(days: Sequence[RegimeDay]) -> dict[Regime, Spells]:
    """Spells told by states that began and ended within the days."""
    told = [day.regime for day in days if day.chances]
    runs = [(name, len(list(run))) for name, run in groupby(told)][1:-1]
    lengths = {name: [length for of, length in runs if of is name] for name in Regime}
    return {
        name: Spells(len(found), float(np.mean(found))) for name, found in lengths.items() if found
    }


def regime_days(panel: Panel) -> list[RegimeDay]:
    """Every session's regime, each year told by states fitted before it began."""
    return _days(panel, market_states(panel))


def _days(panel: Panel, told: Told) -> list[RegimeDay]:
    """Each session that the states or the rule can tell, oldest first."""
    days = zip(panel.sessions, told.chances, trend_regimes(panel), strict=True)
    found = (_day(session, chances, rule) for session, chances, rule in days)
    return [day for day in found if day is not None]


def _day(session: date, chances: Floats, rule: Regime | None) -> RegimeDay | None:
    if np.isnan(chances[0]):
        return None if rule is None else RegimeDay(session, rule, {})
    likeliest = tuple(Regime)[int(np.argmax(chances))]
    return RegimeDay(session, likeliest, dict(zip(Regime, chances.tolist(), strict=True)))
