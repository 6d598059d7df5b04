"""What the model says about each share, with how many cases stand behind it, and what it measured.

Below 30 cases no percentage is shown. A model without skill has no vote, and then no edge is
claimed for any share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.desk.desk import Desk
from core.domain.job import JobStatus
from core.domain.research import ModelVersion, Prediction
from core.domain.signal import Probability
from core.domain.words import age_of, decimal, interval, ist_stamp, number, pct
from core.store import instruments, models, predictions
from core.views.job import newest
from core.views.shown import Figure

ANY = "any"
NO_VOTE, TOO_FEW = "edge not measured", "too few"
ABOVE, BELOW, LIKE = "above the base rate", "below the base rate", "like the base rate"
ODD = "unlike anything learnt from"  # and so without a vote
SAYS = (ABOVE, LIKE, BELOW, TOO_FEW, NO_VOTE, ODD)
DIRECTIONS = {1: "up", 0: "none", -1: "down"}
MISSING = float("nan")
RuleTone = Literal["ok", "warn", "mute"]


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """One share; fractions, NaN where nothing may be claimed."""

    isin: str
    symbol: str
    sector: str
    leans: str
    p_target: float
    interval: str
    p_stop: float
    n: int
    base_rate: float
    edge: float
    says: str
    regime: str
    confidence: str
    reasons: str
    as_of: str


@dataclass(frozen=True, slots=True)
class PredictionsView:
    """The table, what it may be narrowed to, and what the model in use measured.

    `stale` says that the newest predictions do not come from the model in use, "" when they do.
    """

    rows: tuple[PredictionRow, ...]
    sectors: tuple[str, ...]
    note: str
    vote: str
    vote_tone: RuleTone
    figures: tuple[Figure, ...]
    stale: str
    empty: str

    def isin_of(self, symbol: str) -> str:
        """The ISIN of a share of the table, "" for one that is not there."""
        return next((row.isin for row in self.rows if row.symbol == symbol), "")

    @property
    def absent(self) -> str:
        """Why a share may be missing from the table."""
        if not self.rows:
            return "None is kept of any share yet."
        return "It is not traded here, or has too few sessions of prices."


def predictions_view(desk: Desk) -> PredictionsView:
    """The newest prediction of each share, the likeliest to reach its target first on top."""
    with desk.store.read() as tx:
        found = predictions.latest(tx)
        sectors = {item.isin: item.sector for item in instruments.all_instruments(tx)}
        model = models.current(tx, "primary")
    rows = [_row(one, sectors.get(one.isin, "")) for one in found]
    rows.sort(key=lambda row: (-row.p_target if math.isfinite(row.p_target) else 1.0, row.symbol))
    return PredictionsView(
        rows=tuple(rows),
        sectors=tuple(sorted({row.sector for row in rows if row.sector})),
        note=_note(desk, found),
        vote=_vote(model),
        vote_tone="mute" if model is None else "ok" if model.has_vote else "warn",
        figures=() if model is None else _figures(model),
        stale=_stale(model, found),
        empty=_empty(desk, model),
    )


def narrowed(
    rows: Sequence[PredictionRow], *, sector: str = ANY, leans: str = ANY, says: str = ANY
) -> tuple[PredictionRow, ...]:
    """The rows of a sector, of a direction, and of what is said of them."""
    return tuple(
        row
        for row in rows
        if sector in (ANY, row.sector)
        and leans in (ANY, row.leans)
        and row.says.startswith("" if says == ANY else says)
    )


def _note(desk: Desk, found: Sequence[Prediction]) -> str:
    if not found:
        return "none yet"
    last = max(one.as_of for one in found)
    return f"{len(found)} shares · {ist_stamp(last)}, {age_of(last, desk.clock.now())} ago"


def _stale(model: ModelVersion | None, found: Sequence[Prediction]) -> str:
    others = sum(model is not None and one.model_version != model.version for one in found)
    if not others:
        return ""
    return f"{others} of {len(found)} come from another model than the one in use; scan again."


def _row(one: Prediction, sector: str) -> PredictionRow:
    shows = one.has_vote and one.target_first.shown
    return PredictionRow(
        isin=one.isin,
        symbol=one.symbol,
        sector=sector,
        leans=DIRECTIONS.get(one.direction, "none"),
        p_target=one.target_first.p if shows else MISSING,
        interval=interval_of(one.target_first) if shows else "",
        p_stop=one.stop_first.p if shows else MISSING,
        n=one.target_first.n,
        base_rate=one.base_rate,
        edge=one.edge if shows else MISSING,
        says=says_of(one),
        regime=one.regime.value if one.regime else "",
        confidence=one.confidence.overall if one.confidence else "",
        reasons="; ".join(one.words),
        as_of=ist_stamp(one.as_of),
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


def _vote(model: ModelVersion | None) -> str:
    if model is None:
        return "No model is trained yet, so nothing is predicted."
    span = f"{pct(model.skill_low, signed=True)} to {pct(model.skill_high, signed=True)}"
    if model.has_vote:
        return f"The model votes: its whole 95 % interval of skill, {span}, lies above zero."
    return (
        f"The model has no vote: its 95 % interval of skill, {span}, does not lie above zero. "
        "Cards come from rules, and no edge is claimed."
    )


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
        return "No predictions yet. The first training is on its way; the first scan follows it."
    return "No predictions yet. The next scan makes one for every share."
