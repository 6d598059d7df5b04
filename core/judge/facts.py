"""The deterministic judge: complete before any language model is asked, and the same every time.

It writes only what a stored fact says. It opposes when measured facts speak against the signal
and abstains when nothing usable speaks at all; abstaining writes no card.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from core.domain.allocation import Allocation
from core.domain.candidate import Candidate
from core.domain.event import Event, TaggedEvent
from core.domain.mandate import Mandate
from core.domain.signal import FeatureRow
from core.domain.verdict import Evidence, Opinion, Verdict
from core.domain.words import decimal, pct
from core.judge.numbers import numbers_sourced
from core.judge.points import (
    Point,
    of_distances,
    of_event,
    of_model,
    of_opposing,
    of_preference,
    of_price,
    of_reasons,
    of_size,
    risks,
)

__all__ = ["judge", "numbers_sourced"]

JUDGE = "facts-1"
SURE_ENOUGH = 0.25
STRONG = 0.20  # impact times confidence of an item that opposes on its own


def judge(
    candidate: Candidate,
    allocation: Allocation,
    mandate: Mandate,
    *,
    event: Event | None,
    features: FeatureRow | None,
    as_of: datetime,
    others: Sequence[TaggedEvent] = (),
) -> Verdict:
    """Thesis, risks and evidence for one sized trade.

    `others` are later or earlier tags of the same share that are still fresh; those leaning
    against the signal are risks, and a strong one makes the judge oppose.
    """
    against = [tag for tag in others if tag.stance * candidate.signal.direction < 0]
    opinion, because = _opinion(candidate, features, against)
    speaking = _thesis(candidate, allocation, mandate, event, features, as_of)
    warnings = [*map(of_opposing, against), *risks(candidate, allocation, mandate, as_of)]
    if not candidate.signal.has_vote:
        warnings.append(of_model(candidate))
    elsewhere = of_distances(candidate, mandate)
    warnings += [elsewhere] if elsewhere else []
    evidence = {point.evidence.id: point.evidence for point in (*warnings, *speaking)}
    sentences = [because, *(point.sentence for point in speaking)]
    return Verdict(
        opinion=opinion,
        thesis=" ".join(sentence for sentence in sentences if sentence),
        risks=tuple(dict.fromkeys(point.sentence for point in warnings)),
        evidence=_with_reason(evidence, because, candidate),
        judge=JUDGE,
    )


def _thesis(
    candidate: Candidate,
    allocation: Allocation,
    mandate: Mandate,
    event: Event | None,
    features: FeatureRow | None,
    as_of: datetime,
) -> list[Point]:
    """What speaks for it: the event, the features, the record, the levels, the size."""
    points = [of_event(event, candidate.tag)] if event else []
    points += of_reasons(candidate, features)
    if candidate.signal.has_vote:
        points.append(of_model(candidate))
    price = of_price(candidate, allocation, as_of)
    points += [price] if price else []
    points += [of_size(allocation, mandate)] if allocation.qty else []
    preferred = of_preference(candidate, mandate)
    points += [preferred] if preferred else []
    return points


def _opinion(
    candidate: Candidate, features: FeatureRow | None, against: Sequence[TaggedEvent]
) -> tuple[Opinion, str]:
    """The opinion and, unless the judge agrees, the sentence that explains it."""
    signal, label, tag = candidate.signal, candidate.meta_label, candidate.tag
    if label.warns:
        chance, usual = pct(label.right.p, digits=0), pct(label.breakeven, digits=0)
        return Opinion.OPPOSES, f"Like signals paid in {chance} of cases, breakeven is {usual}."
    if signal.has_vote and signal.edge < 0:
        return Opinion.OPPOSES, f"The measured edge is {pct(signal.edge)} after costs."
    if tag and tag.stance * signal.direction < 0:
        return Opinion.OPPOSES, "The event itself leans against the signal."
    for other in against:
        if other.impact * other.confidence >= STRONG:
            return Opinion.OPPOSES, "A strong item about the same share leans the other way."
    if not _usable(candidate, features):
        return Opinion.ABSTAINS, _nothing_usable(tag)
    return Opinion.AGREES, ""


def _usable(candidate: Candidate, features: FeatureRow | None) -> bool:
    """Whether anything beyond the price speaks: a clear item, a voting model, or features."""
    if candidate.signal.has_vote:
        return True
    if candidate.tag is not None:
        return candidate.tag.stance != 0 and candidate.tag.confidence >= SURE_ENOUGH
    return features is not None and any(math.isfinite(value) for value in features.values)


def _nothing_usable(tag: TaggedEvent | None) -> str:
    if tag is None:
        return "There is neither an event nor a feature to judge by."
    return f"The event was read with a confidence of {decimal(tag.confidence)} only."


def _with_reason(
    evidence: dict[str, Evidence], because: str, candidate: Candidate
) -> tuple[Evidence, ...]:
    """The evidence, with a fact for the opinion's own sentence when it holds a number."""
    complete, _ = numbers_sourced(because, evidence.values())
    if complete:
        return tuple(evidence.values())
    known = of_model(candidate).evidence
    fact = Evidence(f"{known.id}:opinion", known.kind, because, known.source, known.known_at)
    return (fact, *evidence.values())
