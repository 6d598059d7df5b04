"""What a client of the exchange may set about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """The exchange's and the broker's own limits; dated, so given and never assumed.

    Percentages and basis points are whole numbers. The GTT and modification limits are Kite's
    of November 2026: 250 active, trigger 0.25 % or more from the last trade, 25 changes an order.
    Shares sold and not delivered cost `close_out_pct` more than the last price, which is what the
    exchange takes where its auction finds no seller.
    """

    visible_share_pct: int = 25
    qty_freeze: int = 500_000
    quote_life: timedelta = timedelta(minutes=5)
    modifications_max: int = 25
    gtts_max: int = 250
    gtt_gap_bps_min: int = 25
    stop_through_bps: int = 300
    target_through_bps: int = 100
    gtt_days_shown: int = 7
    close_out_pct: int = 20
