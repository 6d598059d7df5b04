"""One row a session: where each share opens and closes, what moved it, what was traded.

Paise are integers on the tick of the month. The range of a past session is drawn from the exact
law of a Brownian bridge between open and close; a live session's comes from its own path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.domain.instrument import TICK_ABOVE, TICKS
from core.providers.sim.climate import Climate
from core.providers.sim.items import DRIFT_SESSIONS, Item, effects, left_of_session
from core.providers.sim.streams import Floats, Ints, heavy_tailed, stream
from core.providers.sim.traits import SECTOR_VOL, Traits

OVERNIGHT = 0.22  # share of a session's variance that falls between close and open
CLOSES_AT = 55_800  # seconds after midnight; later items move the next session
OPENS_AT = 33_300
_TICK_LIMITS = np.array([limit.paise for limit, _ in TICKS])
_TICK_SIZES = np.array([*(tick.paise for _, tick in TICKS), TICK_ABOVE.paise])


@dataclass(frozen=True, slots=True)
class Shocks:
    """Log returns before any news; each array has shape (n_sessions, n_instruments)."""

    gap: Floats
    inside: Floats
    vol: Floats
    activity: Floats


@dataclass(frozen=True, slots=True)
class Daily:
    """The simulated market by session; shape (n_sessions, n_instruments), prices in paise.

    `log_open` is the open before rounding, `inside` the log return from there without the
    session's own items, `quiet_volume` the shares traded but for the news.
    """

    log_open: Floats
    log_prev: Floats
    inside: Floats
    vol: Floats
    tick: Ints
    prev_close: Ints
    open: Ints
    close: Ints
    band_low: Ints
    band_high: Ints
    quiet_volume: Floats


def shocks(n_sessions: int, traits: Traits, weather: Climate, *, seed: int) -> Shocks:
    """Market, sector and own returns with clustering vol and a slowly turning own drift."""
    isins = traits.isins
    own = _per_share(seed, "own", isins, n_sessions)
    turn = _per_share(seed, "turn", isins, n_sessions)
    log_vol, trend, busy = (np.zeros_like(own) for _ in range(3))
    state, lean, crowd = (np.zeros(len(isins)) for _ in range(3))
    for row in range(n_sessions):
        state = 0.96 * state + 0.09 * np.abs(own[row - 1] if row else 0.8) - 0.07
        lean = 0.992 * lean + 0.126 * turn[row]
        crowd = 0.85 * crowd + 0.18 * turn[row - 1 if row else 0]
        log_vol[row], trend[row], busy[row] = np.clip(state, -0.5, 0.8), lean, crowd
    own_vol = traits.own_vol * np.exp(log_vol)
    sector = weather.sectors[:, traits.sector_of] * traits.sector_beta
    market = weather.market[:, None] * traits.beta
    total = market + sector + own_vol * own + 0.035 * traits.own_vol * trend
    vol = np.sqrt(
        own_vol**2
        + (weather.market_vol[:, None] * traits.beta) ** 2
        + (SECTOR_VOL * traits.sector_beta) ** 2
    )
    split = np.sqrt(OVERNIGHT * (1 - OVERNIGHT))
    gap = OVERNIGHT * total + split * vol * _per_share(seed, "gap", isins, n_sessions)
    return Shocks(
        gap=gap,
        inside=total - gap,
        vol=vol,
        activity=np.exp(busy) * (0.75 + 0.30 * np.abs(own)),
    )


def daily(
    sessions: Sequence[date],
    traits: Traits,
    before_news: Shocks,
    items: Sequence[Item],
    *,
    first_live: int,
) -> Daily:
    """Lay the news on the shocks, keep every move inside its band and round to ticks.

    Nothing of an item reaches an earlier moment: it adds to the gap, to the session or to the
    sessions after, never to what lies before.
    """
    gap, inside = before_news.gap.copy(), before_news.inside.copy()
    own_items = np.zeros_like(gap)
    for item in items:
        _lay(item, traits=traits, gap=gap, inside=inside, own_items=own_items)
    low, high = np.log1p(-traits.band), np.log1p(traits.band)
    gap = np.clip(gap, low, high)
    total = np.clip(gap + inside + own_items, low, high)
    walked = np.cumsum(total, axis=0)
    log_close = np.log(traits.price) + walked - walked[first_live - 1]
    log_prev = log_close - total
    tick, close = _rounded_closes(sessions, np.exp(log_close) * 100)
    first_prev = _to_tick(np.exp(log_prev[:1]) * 100, tick[:1])
    prev_close = np.vstack([first_prev, close[:-1]])
    pct = np.rint(traits.band * 100).astype(np.int64)
    band_low = -(-(prev_close * (100 - pct)) // (100 * tick)) * tick
    band_high = prev_close * (100 + pct) // (100 * tick) * tick
    log_open = log_prev + gap
    opens = _to_tick(np.exp(log_open) * 100, tick)
    return Daily(
        log_open=log_open,
        log_prev=log_prev,
        inside=inside,
        vol=before_news.vol,
        tick=tick,
        prev_close=prev_close,
        open=np.clip(opens, band_low, band_high),
        close=np.clip(close, band_low, band_high),
        band_low=band_low,
        band_high=band_high,
        quiet_volume=before_news.activity * traits.turnover / np.exp(log_prev),
    )


def past_ranges(day: Daily, traits: Traits, *, rows: int, seed: int) -> tuple[Ints, Ints]:
    """High and low of the first `rows` sessions, in paise, drawn given open and close."""
    opens, closes = (np.log(side[:rows].astype(np.float64)) for side in (day.open, day.close))
    draws = np.stack(
        [stream(seed, "range", isin).random((rows, 2)) for isin in traits.isins], axis=1
    )
    spread = 2 * day.vol[:rows, :, None] ** 2 * (1 - OVERNIGHT) * -np.log1p(-draws * 0.999)
    reach = np.sqrt((closes - opens)[..., None] ** 2 + spread)
    middle = (opens + closes) / 2
    tick = day.tick[:rows]
    high = _to_tick(np.exp(middle + reach[..., 0] / 2), tick)
    low = _to_tick(np.exp(middle - reach[..., 1] / 2), tick)
    top = np.maximum(day.open[:rows], day.close[:rows])
    bottom = np.minimum(day.open[:rows], day.close[:rows])
    return (
        np.clip(np.maximum(high, top), None, day.band_high[:rows]),
        np.clip(np.minimum(low, bottom), day.band_low[:rows], None),
    )


def news_volume(item: Item, *, quiet: float) -> float:
    """Shares traded because of an item in its own session, given the quiet session's shares."""
    if not item.moves:
        return 0.0
    return quiet * (1.4 if item.strong else 0.4) * left_of_session(item.second)


def ticks_for(paise: Ints) -> Ints:
    """The NSE tick in paise for month-end closes in paise, any shape."""
    return np.asarray(_TICK_SIZES[np.searchsorted(_TICK_LIMITS, paise, side="left")])


def _lay(item: Item, *, traits: Traits, gap: Floats, inside: Floats, own_items: Floats) -> None:
    """Add one item's jump and drift in place."""
    row, column, unit = item.row, item.column, float(traits.vol[item.column])
    drift = effects(item) * unit
    if item.second < OPENS_AT:
        gap[row, column] += item.jump * unit
    elif item.second < CLOSES_AT:
        own_items[row, column] += item.jump * unit
    elif row + 1 < len(gap):
        gap[row + 1, column] += item.jump * unit
    if item.second < OPENS_AT:
        inside[row, column] += drift[0]
    else:
        own_items[row, column] += drift[0]
    after = inside[row + 1 : row + 1 + DRIFT_SESSIONS, column]
    after += drift[1 : 1 + len(after)]


def _rounded_closes(sessions: Sequence[date], exact: Floats) -> tuple[Ints, Ints]:
    """Ticks and closes in paise; a month's tick comes from the close that ended the last one."""
    tick, close = np.empty(exact.shape, np.int64), np.empty(exact.shape, np.int64)
    months = np.array([day.year * 12 + day.month for day in sessions])
    now = ticks_for(np.rint(exact[0]).astype(np.int64))
    for month in np.unique(months):
        rows = np.flatnonzero(months == month)
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        tick[part] = now
        close[part] = _to_tick(exact[part], tick[part])
        now = ticks_for(close[part.stop - 1])
    return tick, close


def _to_tick(paise: Floats, tick: Ints) -> Ints:
    return np.maximum(np.rint(paise / tick).astype(np.int64), 1) * tick


def _per_share(seed: int, label: str, isins: Sequence[str], n: int) -> Floats:
    return np.stack([heavy_tailed(seed, label, isin, size=n) for isin in isins], axis=1)
