"""Why a signal, a meta-label or a playbook says no, each with the two numbers that decided.

A sentence begins with who it is about; what stands before its first number is equal for equal
refusals, and the day's report counts by that.
"""

from __future__ import annotations

import math

from core.domain.event import TaggedEvent
from core.domain.signal import MIN_CASES, FeatureRow, MetaLabel, Probability, Regime, Signal
from core.domain.words import decimal, pct
from core.features.table import WORDS
from core.signals.playbook import PLAYBOOKS, choose
from core.signals.primary import CONFIDENCE_MIN, IMPACT_MIN, RISING


def not_bought(
    signal: Signal, *, features: FeatureRow, tag: TaggedEvent | None, cost: float
) -> str:
    """Why a signal whose direction is not up writes no card; a delivery desk only buys.

    Args:
        cost: what a round trip is taken to cost, a fraction of price.
    """
    if not signal.has_vote:
        return f"{signal.symbol}: {_rule_words(features, tag)}"
    if signal.direction < 0:
        lean = f"leans down: a move of {pct(signal.edge, signed=True)} after costs is expected"
        return f"{signal.symbol}: {lean}, and a delivery desk only buys"
    if signal.edge <= 0:
        return f"{signal.symbol}: no edge after costs: {_edge_words(signal, cost)}"
    return f"{signal.symbol}: target no likelier than usual: {_odds_words(signal)}"


def like_it_lost(symbol: str, label: MetaLabel) -> str:
    """Why a voting meta-label stops a case."""
    if not label.right.shown:
        return f"{symbol}: signals like this one do not pay: {_few(label.right)}"
    return (
        f"{symbol}: signals like this one do not pay: they are right in "
        f"{pct(label.right.p, digits=1)} of cases, and {pct(label.breakeven, digits=1)} is where "
        "they break even"
    )


def negative(tag: TaggedEvent) -> str:
    """Why bad news goes no further where no mandate sells short."""
    return f"{tag.event_type}, negative; delivery only buys"


def both_ways(symbol: str, tag: TaggedEvent) -> str:
    """Why bad news about a share that a voting model expects to rise is not traded."""
    return (
        f"{symbol}: {tag.event_type} leans down and the model's vote up, so it is neither bought "
        "nor sold short"
    )


def uncovered(tag: TaggedEvent | None, regime: Regime, *, direction: int = 1) -> str:
    """Why no playbook is chosen: never for this kind of cause, or not in this market."""
    what = f"news of {tag.event_type}" if tag else "a scan"
    what = f"{what}, sold short," if direction < 0 else what
    markets = [one.value for one in Regime if choose(tag, one, direction=direction) is not None]
    if not markets:
        tried = sum(playbook.direction == direction for playbook in PLAYBOOKS)
        return f"none of the {tried} playbooks covers {what.rstrip(',')}, in any market"
    return f"{what} is traded in a {' or '.join(markets)} market, and this one is {regime}"


def _edge_words(signal: Signal, cost: float) -> str:
    if not signal.target_first.shown:
        return _few(signal.target_first)
    move = pct(signal.edge + cost, signed=True)
    return f"a move of {move} is expected and a round trip costs {pct(cost)}"


def _odds_words(signal: Signal) -> str:
    if not signal.target_first.shown:
        return _few(signal.target_first)
    return (
        f"it comes first in {pct(signal.target_first.p, digits=1)} of like cases and in "
        f"{pct(signal.base_rate, digits=1)} of all"
    )


def _few(odds: Probability) -> str:
    return f"too few like cases for a percentage, {odds.n} of {MIN_CASES}"


def _rule_words(features: FeatureRow, tag: TaggedEvent | None) -> str:
    """What the plain rule of `core.signals.primary` missed first."""
    if tag is not None:
        for name, value, least in (
            ("impact", tag.impact, IMPACT_MIN),
            ("confidence", tag.confidence, CONFIDENCE_MIN),
        ):
            if value < least:
                return (
                    f"the news is too weak for the plain rule: {name} {decimal(value)}, and it "
                    f"wants {decimal(least)} or more"
                )
        lean = "leans down" if tag.stance < 0 else "leans neither way"
        return f"{tag.event_type} {lean}, and a delivery desk only buys"
    name = next(name for name in RISING if not features[name] > 0)
    known = "not known" if math.isnan(features[name]) else pct(features[name], signed=True)
    return (
        f"not rising by the plain rule: {WORDS[name].words} {known}, and it wants more than "
        f"{pct(0.0)}"
    )
