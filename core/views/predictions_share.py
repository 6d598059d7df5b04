"""One share's forecast: probabilities, the fan of its ranges, what moved it, how sure, its past.

Nothing here loads a model: the scan kept the prediction, and the ranges stand in the manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.forecast import Span, ranges_of, spans, why_absent
from core.desk.foretold import foretold
from core.domain.clock import ist_day
from core.domain.research import Prediction
from core.domain.signal import MIN_CASES
from core.domain.words import age_of, day, decimal, ist_stamp, pct, qty
from core.errors import NotFound
from core.store import instruments, models, predictions
from core.views.predictions import NO_VOTE, interval_of, says_of
from core.views.predictions_fan import Fan, RangeRow, closes_before, fan_of, promised, range_rows
from core.views.predictions_past import PastRow, past_note, past_rows, past_said
from core.views.shown import Cells, Figure, Meter, Text

GROUPS = {
    "bands": "place in its range",
    "candles": "candle patterns",
    "against others": "rank against other shares",
    "against the sector": "rank in its sector",
    "events": "filings and news",
    "statistics": "statistics of its returns",
    "longer": "weeks and months",
    "dates": "the calendar",
    "flows": "money flows",
    "index": "the index",
}
NO_GROUPS = "This prediction was kept without what moved it; the next scan keeps it."
NO_GROUNDS = "This prediction was kept without its grounds of confidence; the next scan keeps them."
AGAIN = "the next scan, or training again, gives them"


@dataclass(frozen=True, slots=True)
class GroundRow:
    """One ground of confidence: its name, its score as a bar and a number, where it comes from."""

    name: str
    bar: Cells
    score: Text
    words: Text


@dataclass(frozen=True, slots=True)
class ShareForecast:
    """Everything about one share's newest prediction; a part that has nothing says why.

    `groups` are contributions in log-odds, the largest first.
    """

    isin: str
    symbol: str
    about: str
    age: str
    says: str
    old: str
    novelty: str
    figures: tuple[Figure, ...]
    fan: Fan | None
    no_fan: str
    ranges: tuple[RangeRow, ...]
    ranges_note: str
    groups: tuple[tuple[str, float], ...]
    no_groups: str
    summed: str
    reasons: tuple[str, ...]
    overall: str
    grounds: tuple[GroundRow, ...]
    no_grounds: str
    past: tuple[PastRow, ...]
    past_note: str
    past_said: str


def share_forecast(desk: Desk, isin: str) -> ShareForecast | None:
    """The newest prediction of a share, drawn out; None where it was never predicted."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        found = predictions.of_isin(tx, isin, 1)
        if not found:
            return None
        one = found[0]
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        old = _old(tx, one, at=now)
        past = foretold(tx, isin, at=now)
        days, closes = closes_before(tx, isin, day=ist_day(one.as_of))
    ahead = spans(one, ranges_of(desk, one.model_version))
    sector = listed[isin].sector if isin in listed else ""
    market = f"{one.regime.value} market" if one.regime else ""
    grounds = one.confidence.grounds if one.confidence else ()
    return ShareForecast(
        isin=isin,
        symbol=one.symbol,
        about=" · ".join(part for part in (sector, market, one.model_version) if part),
        age=f"{ist_stamp(one.as_of)}, {age_of(one.as_of, now)} ago",
        says=says_of(one),
        old=old,
        novelty=_novelty(one.novelty),
        figures=_figures(one),
        fan=fan_of(desk.calendar, days, closes, ahead),
        no_fan=_no_fan(one, ahead),
        ranges=range_rows(ahead, last=float(closes[-1]) if len(closes) else None),
        ranges_note=promised(days, closes),
        groups=tuple((GROUPS.get(it.group, it.group), it.contribution) for it in one.leanings),
        no_groups="" if one.leanings else NO_GROUPS,
        summed=summed(one),
        reasons=one.words,
        overall=one.confidence.overall if one.confidence else "",
        grounds=tuple(_ground(name, it.score, it.words) for name, it in grounds),
        no_grounds="" if grounds else NO_GROUNDS,
        past=past_rows(past),
        past_note=past_note(past),
        past_said=past_said(past),
    )


def absent_words(desk: Desk, symbol: str) -> str:
    """Why nothing is said of a share, one sentence."""
    with desk.store.read() as tx:
        try:
            return f"No prediction: {why_absent(tx, symbol, at=desk.clock.now())}."
        except NotFound as unknown:
            return f"No prediction: {unknown}."


def _old(tx: Session, one: Prediction, *, at: datetime) -> str:
    """That the newest scan says nothing of the share, or that another model is in use since."""
    scanned_at, model = predictions.newest_at(tx), models.current(tx, "primary")
    if scanned_at is not None and one.as_of < scanned_at:
        return (
            f"The newest scan, of {ist_stamp(scanned_at)}, says nothing of it: "
            f"{why_absent(tx, one.symbol, at=at)}. This is what was said on {day(one.as_of)}."
        )
    if model is not None and model.version != one.model_version:
        return f"Said by {one.model_version}; {model.version} is in use since. Scan again."
    return ""


def summed(one: Prediction) -> str:
    """How the groups lead to the pooled log-odds; "" where an older desk kept no log-odds."""
    if one.odds is None or not one.leanings:
        return ""
    moved, odds = (round(of, 2) for of in (sum(it.contribution for it in one.leanings), one.odds))
    return (
        f"{decimal(round(odds - moved, 2), signed=True)} where the model starts, "
        f"{decimal(moved, signed=True)} by all groups: log-odds {decimal(odds, signed=True)}, "
        "which calibration turns into the percentages"
    )


def _novelty(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}; so the model has no vote on it." if words else ""


def _figures(one: Prediction) -> tuple[Figure, ...]:
    base = Figure("Base rate", pct(one.base_rate, digits=1), "target first, all cases")
    if not one.has_vote:
        return (Figure("Target first", NO_VOTE, "no vote, no percentage"), base)
    if not one.target_first.shown:
        few = f"{one.target_first.n} of {MIN_CASES} cases"
        return (Figure("Target first", "too few", few), base)
    target, stop, rest = one.target_first, one.stop_first, one.time_exit
    return (
        Figure(
            "Target first",
            pct(target.p, digits=1),
            f"90 % {interval_of(target)}, n {qty(target.n)}",
        ),
        Figure("Stop first", pct(stop.p, digits=1), f"90 % {interval_of(stop)}"),
        Figure("Neither", pct(rest.p, digits=1), f"in {one.horizon_sessions} sessions"),
        base,
        Figure("Edge after costs", pct(one.edge, signed=True), "of the bracket"),
    )


def _no_fan(one: Prediction, ahead: Sequence[Span]) -> str:
    if one.swing is None:
        return f"This prediction was kept without the share's range of a session; {AGAIN}."
    if not ahead:
        return f"Model {one.model_version} has no return ranges, or may not be used; {AGAIN}."
    return "No closes of this share are stored, so there is nothing to draw from."


def _ground(name: str, score: float | None, words: str) -> GroundRow:
    if score is None:
        return GroundRow(name, "", Text("not known", "mute"), Text(words, "mute"))
    return GroundRow(name, Meter(score, plain=True), Text(decimal(score)), Text(words, "mute"))
