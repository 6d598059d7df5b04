"""One point at a time: a sentence for the card and the stored fact its numbers came from.

A sentence takes its numbers from the fact beside it, in the same words, so that the check of
numbers against evidence can be done by a machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.allocation import Allocation
from core.domain.candidate import Candidate
from core.domain.event import Event, Stance, TaggedEvent
from core.domain.instrument import Surveillance
from core.domain.mandate import Mandate
from core.domain.order import Side
from core.domain.signal import FeatureRow, Reason
from core.domain.verdict import Evidence, EvidenceKind
from core.domain.words import decimal, pct, qty, rupees, short
from core.exchange.rules import Rules
from core.risk.scenarios import auction_loss, gap_loss

GAPS = (-0.05, -0.10, -0.20)
JUMPS = tuple(-gap for gap in GAPS)
REASONS_SHOWN = 3
SECTOR_NEAR = 0.80
WEAK_LIQUIDITY = 0.40
VOLUME_NEAR = 0.50
RSI_HIGH = 70.0
RSI_LOW = 30.0
K = EvidenceKind


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence and where it stands written."""

    sentence: str
    evidence: Evidence


def of_event(event: Event, tag: TaggedEvent | None) -> Point:
    """What happened, in the source's own words, and how it was read."""
    leans = {
        Stance.POSITIVE: "positive",
        Stance.NEGATIVE: "negative",
        Stance.NEUTRAL: "neither way",
    }
    headline = event.headline.strip().rstrip(".")
    read = (
        f" Read as {tag.event_type}, leaning {leans[tag.stance]}, "
        f"impact {decimal(tag.impact)}, confidence {decimal(tag.confidence)}."
        if tag
        else ""
    )
    fact = f"{headline}.{read}"
    return Point(fact, Evidence(f"event:{event.id}", K.EVENT, fact, event.source, event.known_at))


def of_model(candidate: Candidate) -> Point:
    """What the model measured; no percentage where it has no vote or too few cases."""
    signal = candidate.signal
    target, stop = signal.target_first, signal.stop_first
    if signal.direction < 0:
        fact = (
            "The model's odds are those of a purchase, so the edge of a short sale is not "
            f"measured; the {signal.strategy} rule decides and risk per trade sets the size."
        )
    elif not signal.has_vote:
        fact = (
            "The model has shown no skill out of sample, so the edge is not measured; "
            f"the {signal.strategy} rule decides and risk per trade sets the size."
        )
    elif not target.shown:
        fact = f"Too few like cases for a percentage: {target.n} out of sample."
    else:
        fact = (
            f"In {qty(target.n)} like cases out of sample the target came first in "
            f"{pct(target.p, digits=0)} and the stop in {pct(stop.p, digits=0)}, against a base "
            f"rate of {pct(signal.base_rate, digits=0)}; edge after costs "
            f"{pct(signal.edge, signed=True)}."
        )
    return Point(fact, Evidence(f"model:{signal.model_version}", K.MODEL, fact,
                                "out-of-sample record", signal.as_of))  # fmt: skip


def of_distances(candidate: Candidate, mandate: Mandate) -> Point | None:
    """That the odds were measured at other distances than the mandate's; None where they agree."""
    book, signal = candidate.playbook, candidate.signal
    stop, target = min(book.stop_atr, mandate.stop_atr), mandate.target_atr
    if not signal.has_vote or (stop, target) == (book.stop_atr, book.target_atr):
        return None
    fact = (
        f"The odds were measured at a stop of {decimal(book.stop_atr)} and a target of "
        f"{decimal(book.target_atr)} ATR; this account's stand at {decimal(stop)} and "
        f"{decimal(target)}, so they are of another trade."
    )
    return Point(fact, Evidence(f"distances:{signal.model_version}", K.MODEL, fact,
                                "out-of-sample record", signal.as_of))  # fmt: skip


def of_reasons(candidate: Candidate, features: FeatureRow | None) -> list[Point]:
    """The features that moved the score most; without any, how the share stands by momentum."""
    isin, signal = candidate.instrument.isin, candidate.signal
    top = sorted(signal.reasons, key=lambda r: (-abs(r.contribution), r.feature))[:REASONS_SHOWN]
    as_of = features.as_of if features else signal.as_of
    source = f"features {features.version}" if features else "features"
    said = [(reason, _reason(reason, falls=signal.direction < 0)) for reason in top]
    return [
        Point(fact, Evidence(f"feature:{isin}:{reason.feature}", K.FEATURE, fact, source, as_of))
        for reason, fact in said
    ]


def _reason(reason: Reason, *, falls: bool) -> str:
    """Contributions are to the odds of a rise."""
    words = reason.words.strip().rstrip(".") or reason.feature
    side = "speaks for it" if (reason.contribution > 0) is not falls else "speaks against it"
    return f"{words[0].upper()}{words[1:]} {side}."


def of_price(candidate: Candidate, allocation: Allocation, as_of: datetime) -> Point | None:
    """Where it trades and where the trade goes in and comes out."""
    b = allocation.bracket
    if b is None:
        return None
    way = "buy up to" if b.side is Side.BUY else "sell short down to"
    fact = (
        f"Last trade {rupees(candidate.quote.ltp)}; {way} {rupees(b.worst_entry)}, stop "
        f"{rupees(b.stop)}, target {rupees(b.target)}, {decimal(b.reward_to_risk)} R."
    )
    known_at = min(candidate.quote.at, as_of)
    name = f"price:{candidate.instrument.isin}"
    return Point(fact, Evidence(name, K.PRICE, fact, candidate.quote.source, known_at))


def of_size(allocation: Allocation, mandate: Mandate) -> Point:
    """What it does to the account."""
    risk = allocation.at_risk.paise / max(1, allocation.notional.paise)
    weight = allocation.weight_after - allocation.weight_before
    fact = (
        f"{qty(allocation.qty)} shares weigh {pct(allocation.weight_after)} of the account, "
        f"limit {pct(mandate.position_weight_max)}, and put {rupees(allocation.at_risk)} at risk, "
        f"{pct(risk * weight)} of it, limit {pct(mandate.risk_per_trade_max)}."
    )
    return Point(fact, _rule(mandate, fact))


def of_preference(candidate: Candidate, mandate: Mandate) -> Point | None:
    """What a preferred sector had to do with it; None for news, which is never ranked."""
    sector = candidate.instrument.sector
    if candidate.tag is not None or sector not in mandate.sectors_preferred:
        return None
    fact = (
        f"The mandate prefers {sector}, and among its best shares a scan takes those first; "
        "size and limits are the same."
    )
    return Point(fact, _rule(mandate, fact, "preferred"))


def risks(
    candidate: Candidate, allocation: Allocation, mandate: Mandate, as_of: datetime
) -> list[Point]:
    """What could go wrong, worst first."""
    found = [
        _gap(candidate, allocation, as_of),
        _auction(candidate, allocation, as_of),
        _earnings(candidate, as_of),
        _sector(candidate, allocation, mandate),
        _liquidity(candidate, allocation, mandate, as_of),
        _overbought(candidate, as_of),
        _watched(candidate, as_of),
    ]
    return [point for point in found if point is not None]


def of_opposing(tag: TaggedEvent) -> Point:
    """Another item about the same share that leans the other way."""
    fact = (
        f"Another item, {tag.event_type}, leans the other way: impact {decimal(tag.impact)}, "
        f"confidence {decimal(tag.confidence)}."
    )
    return Point(fact, Evidence(f"event:{tag.event_id}", K.EVENT, fact, tag.tagger, tag.known_at))


def _gap(candidate: Candidate, allocation: Allocation, as_of: datetime) -> Point | None:
    b = allocation.bracket
    if b is None or not allocation.qty:
        return None
    buys, shares = b.side is Side.BUY, allocation.qty
    losses = [
        f"{rupees(gap_loss(qty=shares, entry=b.worst_entry, stop=b.stop, gap=gap))} at "
        f"{pct(gap, digits=0, signed=not buys)}"
        for gap in (GAPS if buys else JUMPS)
    ]
    what = "An opening gap" if buys else "A jump upwards"
    fact = f"{what} fills worse than the stop: {', '.join(losses)}."
    return Point(fact, Evidence(f"price:{candidate.instrument.isin}:gap", K.PRICE, fact,
                                "arithmetic on the bracket", as_of))  # fmt: skip


def _auction(candidate: Candidate, allocation: Allocation, as_of: datetime) -> Point | None:
    """What a short sale loses that nobody can buy back before the close."""
    b = allocation.bracket
    if b is None or b.side is Side.BUY or not allocation.qty:
        return None
    circuit = candidate.band.high
    lost = auction_loss(qty=allocation.qty, entry=b.worst_entry, circuit=circuit)
    fact = (
        f"Locked at its upper circuit {rupees(circuit)} it cannot be bought back: the exchange's "
        f"auction, or its close-out {Rules().close_out_pct} % above the last price, loses "
        f"{rupees(lost)}."
    )
    return Point(fact, Evidence(f"price:{candidate.instrument.isin}:auction", K.PRICE, fact,
                                "the exchange's close-out rule", as_of))  # fmt: skip


def _earnings(candidate: Candidate, as_of: datetime) -> Point | None:
    away, horizon = candidate.earnings_in_sessions, candidate.playbook.horizon_sessions
    if away is None or away > horizon:
        return None
    fact = f"Results in {away} sessions fall inside the horizon of {horizon} sessions."
    return Point(fact, _feature(candidate, "earnings_in_sessions", fact, as_of))


def _sector(candidate: Candidate, allocation: Allocation, mandate: Mandate) -> Point | None:
    if allocation.sector_after < SECTOR_NEAR * mandate.sector_weight_max:
        return None
    fact = (
        f"{candidate.instrument.sector} makes up {pct(allocation.sector_after)} after the trade, "
        f"limit {pct(mandate.sector_weight_max)}."
    )
    return Point(fact, _rule(mandate, fact, "sector"))


def _liquidity(
    candidate: Candidate, allocation: Allocation, mandate: Mandate, as_of: datetime
) -> Point | None:
    volume = candidate.volume_median
    share = allocation.qty / volume if volume > 0 else 1.0
    weak = candidate.meta_label.liquidity_score < WEAK_LIQUIDITY
    if not weak and share < VOLUME_NEAR * mandate.volume_share_max:
        return None
    fact = (
        f"Getting out may move the price: a median day trades {short(candidate.turnover_median)} "
        f"and this is {pct(share, digits=3)} of its shares."
    )
    return Point(fact, _feature(candidate, "turnover_median", fact, as_of))


def _overbought(candidate: Candidate, as_of: datetime) -> Point | None:
    """A share that went far already, the way the trade goes."""
    rises = candidate.signal.direction >= 0
    if not (candidate.rsi >= RSI_HIGH if rises else candidate.rsi <= RSI_LOW):
        return None
    move = "move" if rises else "fall"
    fact = f"RSI stands at {decimal(candidate.rsi, digits=0)}: much of the {move} may be behind it."
    return Point(fact, _feature(candidate, "rsi", fact, as_of))


def _watched(candidate: Candidate, as_of: datetime) -> Point | None:
    if candidate.instrument.surveillance is Surveillance.NONE:
        return None
    fact = f"The share stands on the {candidate.instrument.surveillance} list; margins may rise."
    return Point(fact, _feature(candidate, "surveillance", fact, as_of))


def _feature(candidate: Candidate, name: str, fact: str, as_of: datetime) -> Evidence:
    isin = candidate.instrument.isin
    return Evidence(f"feature:{isin}:{name}", K.FEATURE, fact, "desk's own records", as_of)


def _rule(mandate: Mandate, fact: str, rule: str = "size") -> Evidence:
    name = f"mandate:{mandate.account_id}:v{mandate.version}:{rule}"
    source = f"mandate version {mandate.version}"
    return Evidence(name, K.MANDATE, fact, source, mandate.signed_at)
