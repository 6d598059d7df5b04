"""Where a buy goes in and comes out: ATR distances, snapped to the tick, inside today's band.

Distances are taken from the last trade, as the model's barriers are. The playbook's stop holds
unless the mandate's is tighter.
"""

from __future__ import annotations

from decimal import Decimal

from core.domain.allocation import Bracket
from core.domain.candidate import Candidate
from core.domain.instrument import snap
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.errors import GuardrailRefused, NoData

BAND_ABOVE_ATR = Decimal("0.15")
BAND_BELOW_ATR = Decimal("0.25")
TRAIL_FROM_RISKS = Decimal(1)
BPS = 10_000


def bracket(candidate: Candidate, mandate: Mandate) -> Bracket:
    """Entry band, stop, target and trail of a buy.

    Raises:
        NoData: there is no ATR or no last trade.
        GuardrailRefused: today's band leaves no room for a stop below or a target above.
    """
    symbol, ltp, atr = candidate.instrument.symbol, candidate.quote.ltp, candidate.atr
    if atr.paise <= 0 or ltp.paise <= 0:
        raise NoData(f"{symbol}: ATR {atr} at a last trade of {ltp}; wait for 15 sessions of bars")
    stop_away, target_away = _distances(candidate, mandate)
    tick, band = candidate.tick, candidate.band
    worst = max(ltp, candidate.quote.ask) + atr.times(BAND_ABOVE_ATR)
    entry_high = snap(min(worst, band.high), tick, up=False)
    entry_low = snap(max(ltp - atr.times(BAND_BELOW_ATR), band.low), tick, up=True)
    stop = snap(max(ltp - stop_away, band.low), tick, up=False)
    target = snap(min(ltp + target_away, band.high), tick, up=False)
    if not stop < entry_low <= entry_high < target:
        raise GuardrailRefused(
            f"{symbol}: today's band {band.low} to {band.high} leaves no room around {ltp} for a "
            f"stop {stop} and a target {target}; wait for the next session"
        )
    trail_from = min(snap(ltp + (ltp - stop).times(TRAIL_FROM_RISKS), tick, up=True), target)
    away = atr.times(Decimal(repr(mandate.trail_atr)))
    bps = round(mandate.trail_pct * BPS)
    if bps:
        away = trail_from.times(Decimal(bps) / BPS)
    trail = max(snap(away, tick, up=False), tick)
    return Bracket(
        entry_low=entry_low,
        entry_high=entry_high,
        stop=max(stop, tick),
        target=target,
        trail=trail,
        trail_from=trail_from,
        trail_bps=bps,
    )


def _distances(candidate: Candidate, mandate: Mandate) -> tuple[Money, Money]:
    """Rupees from the last trade down to the stop and up to the target."""
    book = candidate.playbook
    stop_atr = min(book.stop_atr, mandate.stop_atr) if book.stop_atr > 0 else mandate.stop_atr
    target_atr = book.target_atr if book.target_atr > 0 else mandate.target_atr
    atr = candidate.atr
    return atr.times(Decimal(repr(stop_atr))), atr.times(Decimal(repr(target_atr)))
