"""Where a trade goes in and comes out: ATR distances, snapped to the tick, inside today's band.

Distances are taken from the last trade, as the model's barriers are. The playbook's stop holds
unless the mandate's is tighter; the target is the mandate's. Odds are measured at the playbook's
distances, and `measured` is the same trade with those, as far as they make it look no better.
"""

from __future__ import annotations

from decimal import Decimal

from core.domain.allocation import Bracket
from core.domain.candidate import Candidate
from core.domain.instrument import snap
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.errors import GuardrailRefused, NoData

PAST_ATR = Decimal("0.15")  # how far past the price a click may still go, the dear way
BACK_ATR = Decimal("0.25")  # and how far the price may come back, the cheap way
TRAIL_FROM_RISKS = Decimal(1)
REWARD_KEPT = 0.9  # of what the distances ask for; ticks and the spread take some
BPS = 10_000


def bracket(candidate: Candidate, mandate: Mandate) -> Bracket:
    """Entry band, stop, target and trail: of a short sale where the signal points down.

    Raises:
        NoData: there is no ATR or no last trade.
        GuardrailRefused: today's band leaves no room for a stop and a target.
    """
    symbol, ltp, atr = candidate.instrument.symbol, candidate.quote.ltp, candidate.atr
    if atr.paise <= 0 or ltp.paise <= 0:
        raise NoData(f"{symbol}: ATR {atr} at a last trade of {ltp}; wait for 15 sessions of bars")
    falls = candidate.signal.direction < 0
    found = _sold(candidate, mandate) if falls else _bought(candidate, mandate)
    below, above = (found.target, found.stop) if falls else (found.stop, found.target)
    if not below < found.entry_low <= found.entry_high < above:
        band, tick = candidate.band, candidate.tick
        raise GuardrailRefused(
            f"{symbol}: today's band {band.low} to {band.high} in ticks of {tick} leaves no room "
            f"around {ltp} for a stop {found.stop} and a target {found.target}; wait for the next "
            "session"
        )
    return found


def _bought(candidate: Candidate, mandate: Mandate) -> Bracket:
    """The stop below, the target above."""
    quote, atr, tick, band = candidate.quote, candidate.atr, candidate.tick, candidate.band
    stop_away, target_away = _distances(candidate, mandate)
    worst = max(quote.ltp, quote.ask) + atr.times(PAST_ATR)
    stop = snap(max(quote.ltp - stop_away, band.low), tick, up=False)
    target = snap(min(quote.ltp + target_away, band.high), tick, up=False)
    one_risk = quote.ltp + (quote.ltp - stop).times(TRAIL_FROM_RISKS)
    return _trailed(
        mandate,
        candidate,
        entry_low=snap(max(quote.ltp - atr.times(BACK_ATR), band.low), tick, up=True),
        entry_high=snap(min(worst, band.high), tick, up=False),
        stop=max(stop, tick),
        target=target,
        trail_from=min(snap(one_risk, tick, up=True), target),
    )


def _sold(candidate: Candidate, mandate: Mandate) -> Bracket:
    """The stop above, the target below; what a trade can lose is rounded up, as for a buy."""
    quote, atr, tick, band = candidate.quote, candidate.atr, candidate.tick, candidate.band
    stop_away, target_away = _distances(candidate, mandate)
    bid = quote.bid if quote.bid.paise > 0 else quote.ltp
    worst = min(quote.ltp, bid) - atr.times(PAST_ATR)
    top = snap(band.high, tick, up=False)
    stop = min(snap(quote.ltp + stop_away, tick, up=True), top)
    target = max(snap(max(quote.ltp - target_away, band.low), tick, up=True), tick)
    one_risk = quote.ltp - (stop - quote.ltp).times(TRAIL_FROM_RISKS)
    return _trailed(
        mandate,
        candidate,
        entry_low=snap(max(worst, band.low), tick, up=True),
        entry_high=min(snap(quote.ltp + atr.times(BACK_ATR), tick, up=False), top),
        stop=stop,
        target=target,
        trail_from=max(snap(one_risk, tick, up=False), target),
    )


def measured(candidate: Candidate, levels: Bracket) -> tuple[Money, float]:
    """Risk a share and reward to risk that the odds were measured at, for a bracket of the share.

    A stop nearer than the measured one is hit oftener than the odds say and a farther target more
    seldom, so the risk is the larger and the reward the smaller of both.
    """
    book, atr, side = candidate.playbook, candidate.atr, levels.side.sign
    paid = (levels.worst_entry - candidate.quote.ltp) * side
    risk = max(levels.risk_per_share, atr.times(Decimal(repr(book.stop_atr))) + paid)
    reward = (levels.target - levels.worst_entry) * side
    if book.target_atr > 0:
        reward = min(reward, atr.times(Decimal(repr(book.target_atr))) - paid)
    return risk, reward.share_of(risk)


def reward_wanted(candidate: Candidate, mandate: Mandate) -> float:
    """The least reward to risk: that of the distances, but for a tenth, and never more than 1."""
    stop, target = _distances(candidate, mandate)
    paid = candidate.atr.times(PAST_ATR)
    return min(1.0, REWARD_KEPT * (target - paid).share_of(stop + paid))


def _trailed(
    mandate: Mandate,
    candidate: Candidate,
    *,
    entry_low: Money,
    entry_high: Money,
    stop: Money,
    target: Money,
    trail_from: Money,
) -> Bracket:
    """The levels with the distance that a trailing stop keeps."""
    away = candidate.atr.times(Decimal(repr(mandate.trail_atr)))
    bps = round(mandate.trail_pct * BPS)
    if bps:
        away = trail_from.times(Decimal(bps) / BPS)
    return Bracket(
        entry_low=entry_low,
        entry_high=entry_high,
        stop=stop,
        target=target,
        trail=max(snap(away, candidate.tick, up=False), candidate.tick),
        trail_from=trail_from,
        trail_bps=bps,
    )


def _distances(candidate: Candidate, mandate: Mandate) -> tuple[Money, Money]:
    """Rupees from the last trade to the stop on one side and to the target on the other."""
    book = candidate.playbook
    stop_atr = min(book.stop_atr, mandate.stop_atr) if book.stop_atr > 0 else mandate.stop_atr
    atr = candidate.atr
    return atr.times(Decimal(repr(stop_atr))), atr.times(Decimal(repr(mandate.target_atr)))
