"""One row a session: where each share opens and closes, what moved it, what was traded.

Paise are integers on the tick of the month. The range of a past session is drawn from the exact
law of a Brownian bridge between open and close; a live session's comes from its own path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import TICK_ABOVE, TICKS
from core.providers.sim.climate import CLOSES_AT, OPENS_AT, Climate, Jump
from core.providers.sim.items import DRIFT_SESSIONS, Item, effects, left_of_session
from core.providers.sim.payouts import Terms
from core.providers.sim.streams import Floats, Ints, heavy_tailed, stream
from core.providers.sim.traits import SECTOR_VOL, Traits

OVERNIGHT = 0.22  # share of a session's variance that falls between close and open
OWN_FREEDOM = 3.6  # of the own shocks' Student-t: fewer make more of the days wild
OWN_SHOCK, OWN_MEMORY = 0.22, 0.71
OWN_SURPRISE_MAX = 16.0
PLAIN_MAX = 1.8  # a quiet crowd and a gap that the day takes back are never far from usual
CLOSE_WINDOW = 1_800  # seconds whose average is the official close
CLOSE_SPREAD = 0.13  # a session's vol by which the last trade lies off that average
_TICK_LIMITS = np.array([limit.paise for limit, _ in TICKS])
_TICK_SIZES = np.array([*(tick.paise for _, tick in TICKS), TICK_ABOVE.paise])


@dataclass(frozen=True, slots=True)
class Shocks:
    """Log returns before any news; each array has shape (n_sessions, n_instruments)."""

    gap: Floats
    inside: Floats
    vol: Floats
    activity: Floats
    settle: Floats


@dataclass(frozen=True, slots=True)
class Daily:
    """The simulated market by session; shape (n_sessions, n_instruments), prices in paise.

    `log_open` is the open before rounding, `inside` the log return from there to the last trade
    without the session's own items, `settle_noise` what that trade lies above the close but for
    late news, `quiet_volume` the shares traded but for the news. `close` is the official one;
    `prev_close` is the one before it in the session's own share terms.
    """

    log_open: Floats
    log_prev: Floats
    inside: Floats
    settle_noise: Floats
    vol: Floats
    tick: Ints
    prev_close: Ints
    open: Ints
    last: Ints
    close: Ints
    band_low: Ints
    band_high: Ints
    quiet_volume: Floats


def shocks(n_sessions: int, traits: Traits, weather: Climate, *, seed: int) -> Shocks:
    """Market, sector and own returns; each share's vol clusters and its own drift turns slowly."""
    isins = traits.isins
    own = _per_share(seed, "own", isins, n_sessions, freedom=OWN_FREEDOM)
    turn = _per_share(seed, "turn", isins, n_sessions)
    state_of, trend, busy = (np.zeros_like(own) for _ in range(3))
    state, lean, crowd = np.ones(len(isins)), np.zeros(len(isins)), np.zeros(len(isins))
    for row in range(n_sessions):
        state_of[row] = state
        stirred = OWN_SHOCK * np.minimum(own[row] ** 2, OWN_SURPRISE_MAX) + OWN_MEMORY
        state = 1.0 - OWN_SHOCK - OWN_MEMORY + stirred * state
        lean = 0.992 * lean + 0.126 * turn[row]
        crowd = 0.85 * crowd + 0.18 * turn[row - 1 if row else 0].clip(-PLAIN_MAX, PLAIN_MAX)
        trend[row], busy[row] = lean, crowd
    own_vol = traits.own_vol * np.sqrt(state_of)
    sector = weather.sectors[:, traits.sector_of] * traits.sector_beta
    market = weather.market[:, None] * traits.beta
    total = market + sector + own_vol * own + 0.035 * traits.own_vol * trend
    vol = np.sqrt(
        own_vol**2
        + (weather.market_vol[:, None] * traits.beta) ** 2
        + (SECTOR_VOL * traits.sector_beta) ** 2
    )
    split = np.sqrt(OVERNIGHT * (1 - OVERNIGHT))
    apart = _per_share(seed, "gap", isins, n_sessions).clip(-PLAIN_MAX, PLAIN_MAX)
    gap = OVERNIGHT * total + split * vol * apart
    return Shocks(
        gap=gap,
        inside=total - gap,
        vol=vol,
        activity=np.exp(busy) * (0.75 + 0.30 * np.abs(own) * np.sqrt(state_of)),
        settle=_per_share(seed, "settle", isins, n_sessions),
    )


def daily(
    sessions: Sequence[date],
    traits: Traits,
    before_news: Shocks,
    items: Sequence[Item],
    *,
    jumps: Sequence[Jump],
    terms: Terms,
    by_auction: NDArray[np.bool_],
    first_live: int,
) -> Daily:
    """Lay the news on the shocks, keep every move inside its band and round to ticks.

    Nothing of an item reaches an earlier moment: it adds to the gap, to the session or to the
    sessions after, never to what lies before. The close is the average of the last half hour,
    or the auction's price where `by_auction` (n_sessions, n_instruments) says so.
    """
    gap, inside = before_news.gap - terms.paid, before_news.inside.copy()
    own_items = np.zeros_like(gap)
    noise = CLOSE_SPREAD * before_news.vol * before_news.settle
    settle = noise.copy()
    for item in items:
        _lay(item, traits=traits, gap=gap, inside=inside, own_items=own_items, settle=settle)
    for jump in (one for one in jumps if one.row < len(gap)):
        side = gap if jump.second < OPENS_AT else own_items
        side[jump.row] += jump.size * traits.beta
    low, high = np.log1p(-traits.band), np.log1p(traits.band)
    gap = np.clip(gap, low, high)
    total = np.clip(gap + inside + own_items, low, high)
    walked = np.cumsum(total, axis=0)
    scale = np.log(terms.scale)  # raw prices in the share terms of their own session
    log_last = np.log(traits.price) + walked - walked[first_live - 1] + scale
    log_prev = log_last - total
    noise, settle = (np.where(by_auction, 0.0, side) for side in (noise, settle))
    tick, close = _rounded_closes(sessions, np.exp(log_last - settle) * 100)
    prev_close = _base_prices(close, tick, terms, first=log_prev[0])
    pct = np.rint(traits.band * 100).astype(np.int64)
    band_low = np.maximum(-(-(prev_close * (100 - pct)) // (100 * tick)), 1) * tick
    band_high = prev_close * (100 + pct) // (100 * tick) * tick
    log_open = log_prev + gap
    opens = _to_tick(np.exp(log_open) * 100, tick)
    last = np.where(by_auction, close, _to_tick(np.exp(log_last) * 100, tick))
    return Daily(
        log_open=log_open,
        log_prev=log_prev,
        inside=inside,
        settle_noise=noise,
        vol=before_news.vol,
        tick=tick,
        prev_close=prev_close,
        open=np.clip(opens, band_low, band_high),
        last=np.clip(last, band_low, band_high),
        close=np.clip(close, band_low, band_high),
        band_low=band_low,
        band_high=band_high,
        quiet_volume=before_news.activity * traits.turnover / np.exp(log_prev),
    )


def _base_prices(close: Ints, tick: Ints, terms: Terms, *, first: Floats) -> Ints:
    """What each session's band is laid round: the close before, in the session's own terms."""
    before = _to_tick(np.exp(first[None, :]) * 100, tick[:1])
    base = np.vstack([before, close[:-1]])
    ratio = np.ones_like(terms.scale)
    ratio[1:] = terms.scale[1:] / terms.scale[:-1]
    moved = ratio != 1.0
    base[moved] = _to_tick(base[moved] * ratio[moved], tick[moved])
    return base


def past_ranges(day: Daily, traits: Traits, *, rows: int, seed: int) -> tuple[Ints, Ints]:
    """High and low of the first `rows` sessions, in paise, drawn given open and close."""
    opens, closes = (np.log(side[:rows].astype(np.float64)) for side in (day.open, day.last))
    draws = np.stack(
        [stream(seed, "range", isin).random((rows, 2)) for isin in traits.isins], axis=1
    )
    spread = 2 * day.vol[:rows, :, None] ** 2 * (1 - OVERNIGHT) * -np.log1p(-draws * 0.999)
    reach = np.sqrt((closes - opens)[..., None] ** 2 + spread)
    middle = (opens + closes) / 2
    tick = day.tick[:rows]
    high = _to_tick(np.exp(middle + reach[..., 0] / 2), tick)
    low = _to_tick(np.exp(middle - reach[..., 1] / 2), tick)
    ends = np.stack([day.open[:rows], day.last[:rows], day.close[:rows]])
    top, bottom = ends.max(axis=0), ends.min(axis=0)
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


def _lay(
    item: Item,
    *,
    traits: Traits,
    gap: Floats,
    inside: Floats,
    own_items: Floats,
    settle: Floats,
) -> None:
    """Add one item's jump and drift in place; a late one moves the last trade off the close."""
    row, column, unit = item.row, item.column, float(traits.vol[item.column])
    drift = effects(item) * unit
    if item.second < OPENS_AT:
        gap[row, column] += item.jump * unit
    elif item.second < CLOSES_AT:
        own_items[row, column] += item.jump * unit
        missed = max(0.0, 1.0 - (CLOSES_AT - item.second) / CLOSE_WINDOW)
        settle[row, column] += item.jump * unit * missed
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


def _per_share(
    seed: int, label: str, isins: Sequence[str], n: int, *, freedom: float = 5.0
) -> Floats:
    drawn = [heavy_tailed(seed, label, isin, size=n, freedom=freedom) for isin in isins]
    return np.stack(drawn, axis=1)
