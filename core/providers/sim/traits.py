"""What each simulated share is like: price level, risk, turnover, spread. All invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import CapClass, Instrument
from core.providers.sim.streams import Floats, Ints, stream

PRICE_MIN, PRICE_MAX = 30.0, 12_000.0
MARKET_VOL = 0.0108  # per session, in a calm market
SECTOR_VOL = 0.0060
FLEXED_PCT = 30  # how far the operating range of a derivative share is flexed in a day
NO_ORDERS = frozenset(
    {
        "Financial Services",
        "Fast Moving Consumer Goods",
        "Consumer Services",
        "Consumer Durables",
        "Media Entertainment & Publication",
        "Textiles",
    }
)


@dataclass(frozen=True, slots=True)
class CapTraits:
    """Medians of one size class; `vol` is per session, `turnover` rupees per session."""

    price: float
    vol: float
    turnover: float
    spread: float
    visible: float
    trades_per_second: float
    news_weight: float


CAPS = {
    CapClass.LARGE: CapTraits(1_150.0, 0.0145, 4.0e9, 0.0003, 3.0e6, 0.90, 3.0),
    CapClass.MID: CapTraits(640.0, 0.0180, 7.0e8, 0.0008, 7.0e5, 0.45, 1.4),
    CapClass.SMALL: CapTraits(290.0, 0.0225, 9.0e7, 0.0022, 1.5e5, 0.12, 0.8),
}


@dataclass(frozen=True, slots=True)
class Traits:
    """Constants of the universe, each of shape (n_instruments,), in the order of `isins`.

    `price` is the close before the first live session, `own_vol` and `vol` are per session
    (own shocks alone, and all together), `turnover` and `visible` are rupees, `spread` and
    `band` fractions, `trades_per_second` a chance, `news_weight` relative.
    """

    isins: tuple[str, ...]
    sectors: tuple[str, ...]
    sector_of: Ints
    price: Floats
    beta: Floats
    sector_beta: Floats
    own_vol: Floats
    vol: Floats
    turnover: Floats
    spread: Floats
    visible: Floats
    trades_per_second: Floats
    news_weight: Floats
    band: Floats
    takes_orders: NDArray[np.bool_]


def traits_of(universe: Sequence[Instrument], *, seed: int) -> Traits:
    """Draw the constants of every share from its own stream, so that neighbours do not matter."""
    sectors = tuple(sorted({one.sector for one in universe}))
    drawn = np.array([_drawn(one, seed=seed) for one in universe], dtype=np.float64)
    own, beta, sector_beta = drawn[:, 1], drawn[:, 2], drawn[:, 3]
    caps = [CAPS[one.cap_class] for one in universe]
    return Traits(
        isins=tuple(one.isin for one in universe),
        sectors=sectors,
        sector_of=np.array([sectors.index(one.sector) for one in universe], dtype=np.int64),
        price=drawn[:, 0],
        beta=beta,
        sector_beta=sector_beta,
        own_vol=own,
        vol=np.sqrt(own**2 + (beta * MARKET_VOL) ** 2 + (sector_beta * SECTOR_VOL) ** 2),
        turnover=drawn[:, 4],
        spread=drawn[:, 5],
        visible=drawn[:, 6],
        trades_per_second=np.array([cap.trades_per_second for cap in caps]),
        news_weight=np.array([cap.news_weight for cap in caps]),
        takes_orders=np.array([one.sector not in NO_ORDERS for one in universe]),
        band=np.array([(one.band_pct or FLEXED_PCT) / 100 for one in universe]),
    )


def _drawn(one: Instrument, *, seed: int) -> tuple[float, ...]:
    cap = CAPS[one.cap_class]
    z = stream(seed, "traits", one.isin).standard_normal(7)
    return (
        float(np.clip(cap.price * np.exp(0.85 * z[0]), PRICE_MIN, PRICE_MAX)),
        float(cap.vol * np.exp(0.26 * z[1])),
        float(np.clip(1.0 + 0.24 * z[2] + 0.18 * z[1], 0.35, 1.9)),
        float(np.clip(1.0 + 0.20 * z[3], 0.4, 1.6)),
        float(cap.turnover * np.exp(0.60 * z[4])),
        float(cap.spread * np.exp(0.20 * z[5] - 0.25 * z[4])),
        float(cap.visible * np.exp(0.35 * z[6] + 0.30 * z[4])),
    )
