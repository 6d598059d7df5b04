"""What the model says about each share, with how many cases stand behind it, and what it measured.

Below 30 cases no percentage is shown. A model without skill has no vote, and then no edge is
claimed for any share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import Sheet
from core.desk.vote_said import sheet_now, vote_sentence, why_no_percentage, why_no_vote
from core.domain.instrument import Instrument
from core.domain.job import JobStatus
from core.domain.research import ModelVersion, Prediction
from core.domain.signal import Probability
from core.domain.words import age_of, counted, day, decimal, interval, ist_stamp, number, pct
from core.store import instruments, models, predictions
from core.views.job import newest
from core.views.shown import Figure

ANY = "any"
NO_VOTE, TOO_FEW = "edge not measured", "too few"
ABOVE, BELOW, LIKE = "above the base rate", "below the base rate", "like the base rate"
NAMED = 3  # shares left out that are named
ODD = "unlike anything learnt from"  # and so without a vote
SAYS = (ABOVE, LIKE, BELOW, TOO_FEW, NO_VOTE, ODD)
NO_MODEL = "No model is trained yet, so nothing is predicted."
MISSING = float("nan")
RuleTone = Literal["ok", "warn", "mute"]


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """One share; fractions, NaN where nothing may be claimed and `why_none` says why."""

    isin: str
    symbol: str
    name: str
    sector: str
    p_target: float
    low: float
    high: float
    interval: str
    p_stop: float
    n: int
    base_rate: float
    edge: float
    says: str
    why_none: str
    regime: str
    confidence: str
    reasons: str
    as_of: str
    model: str


@dataclass(frozen=True, slots=True)
class PredictionsView:
    """The newest scan's table, what it may be narrowed to, and what the model in use measured.

    `stale` says that the newest predictions do not come from the model in use, "" when they do;
    `left_out` names shares that only earlier scans predicted. `isins` are those of all by symbol.
    """

    rows: tuple[PredictionRow, ...]
    sectors: tuple[str, ...]
    note: str
    vote: str
    vote_tone: RuleTone
    figures: tuple[Figure, ...]
    stale: str
    left_out: str
    empty: str
    isins: Mapping[str, str]


def predictions_view(desk: Desk) -> PredictionsView:
    """The newest prediction of each share, the likeliest to reach its target first on top."""
    with desk.store.read() as tx:
        every = predictions.latest(tx)
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        model = models.current(tx, "primary")
        told = None if model is None else sheet_now(desk, tx, model)
        said = {
            version: _said_by(desk, tx, version) for version in {o.model_version for o in every}
        }
    scanned_at = max((one.as_of for one in every), default=None)
    found = [one for one in every if one.as_of == scanned_at]
    rows = [_row(one, listed.get(one.isin), said[one.model_version]) for one in found]
    rows.sort(key=lambda row: (-row.p_target if math.isfinite(row.p_target) else 1.0, row.symbol))
    return PredictionsView(
        rows=tuple(rows),
        sectors=tuple(sorted({row.sector for row in rows if row.sector})),
        note=_note(desk, found),
        vote=_vote(told),
        vote_tone="mute" if told is None else "warn" if why_no_vote(told) else "ok",
        figures=() if model is None else _figures(model),
        stale=_stale(model, found),
        left_out=_left_out([one for one in every if one.as_of != scanned_at]),
        empty=_empty(desk, model),
        isins={one.symbol: one.isin for one in every},
    )


def narrowed(
    rows: Sequence[PredictionRow],
    *,
    words: str = "",
    sector: str = ANY,
    says: str = ANY,
) -> tuple[PredictionRow, ...]:
    """The rows whose symbol or name has some words, of a sector and with what is said."""
    typed = words.lower().split()
    return tuple(
        row
        for row in rows
        if all(word in f"{row.symbol} {row.name}".lower() for word in typed)
        and sector in (ANY, row.sector)
        and row.says.startswith("" if says == ANY else says)
    )


def _note(desk: Desk, found: Sequence[Prediction]) -> str:
    if not found:
        return "none yet"
    last = max(one.as_of for one in found)
    age = age_of(last, desk.clock.now())
    return f"{counted(len(found), 'share')} · {ist_stamp(last)}, {age} ago"


def _stale(model: ModelVersion | None, found: Sequence[Prediction]) -> str:
    others = sum(model is not None and one.model_version != model.version for one in found)
    if not others:
        return ""
    return f"{others} of {len(found)} come from another model than the one in use; scan again."


def _left_out(older: Sequence[Prediction]) -> str:
    """`Not in the newest scan: ABC (last 12 Aug 2026) and 3 more.`"""
    if not older:
        return ""
    lately = sorted(older, key=lambda one: (one.as_of, one.symbol), reverse=True)
    named = [f"{one.symbol} (last {day(one.as_of)})" for one in lately[:NAMED]]
    more = f" and {len(lately) - NAMED} more" if len(lately) > NAMED else ""
    return f"Not in the newest scan: {', '.join(named)}{more}."


def _said_by(desk: Desk, tx: Session, version: str) -> Sheet | None:
    found = models.find(tx, version)
    return None if found is None else sheet_now(desk, tx, found)


def _row(one: Prediction, share: Instrument | None, told: Sheet | None) -> PredictionRow:
    shows = one.has_vote and one.target_first.shown
    return PredictionRow(
        isin=one.isin,
        symbol=one.symbol,
        name=share.name if share else "",
        sector=share.sector if share else "",
        p_target=one.target_first.p if shows else MISSING,
        low=one.target_first.low if shows else MISSING,
        high=one.target_first.high if shows else MISSING,
        interval=interval_of(one.target_first) if shows else "",
        p_stop=one.stop_first.p if shows else MISSING,
        n=one.target_first.n,
        base_rate=one.base_rate,
        edge=one.edge if shows else MISSING,
        says=says_of(one),
        why_none=why_no_percentage(one, told),
        regime=one.regime.value if one.regime else "",
        confidence=one.confidence.overall if one.confidence else "",
        reasons="; ".join(one.words),
        as_of=ist_stamp(one.as_of),
        model=one.model_version,
    )


def says_of(one: Prediction) -> str:
    """What may be said of one share, in three or four words."""
    if one.novelty:
        return ODD
    if not one.has_vote:
        return NO_VOTE
    if not one.target_first.shown:
        return f"{TOO_FEW}, {one.target_first.n} of 30 cases"
    if one.target_first.low > one.base_rate:
        return ABOVE
    if one.target_first.high < one.base_rate:
        return BELOW
    return LIKE


def interval_of(odds: Probability) -> str:
    """`51 – 65 %`."""
    return interval(odds.low, odds.p, odds.high)


def _vote(told: Sheet | None) -> str:
    if told is None:
        return NO_MODEL
    if told.refused:
        return f"The model in use is refused: {told.refused}."
    return vote_sentence(told, who="The model")


def _figures(model: ModelVersion) -> tuple[Figure, ...]:
    return (
        Figure(
            "Skill, out of sample",
            pct(model.skill, signed=True),
            f"95 % {pct(model.skill_low, signed=True)} to {pct(model.skill_high, signed=True)}",
        ),
        Figure(
            "Brier score",
            decimal(model.brier, digits=4),
            f"base rate {decimal(model.brier_base, digits=4)}; lower is better",
        ),
        Figure("Base rate", pct(model.base_rate), "target first, judged cases"),
        Figure("Cases", number(model.n_out_of_sample, 0), f"out of sample, {model.folds} folds"),
    )


def _empty(desk: Desk, model: ModelVersion | None) -> str:
    asked = newest(desk, "train" if model is None else "scan")
    if asked is not None and asked.status is JobStatus.FAILED:
        what = "training" if model is None else "scan"
        return f"No predictions yet. The last {what} failed; its reason stands beside this."
    if model is None:
        return (
            "No predictions yet. The first training is on its way and takes a minute or a few; "
            "the first scan follows it and makes one for every share."
        )
    return "No predictions yet. The next scan makes one for every share."
