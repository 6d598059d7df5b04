"""What the model says about each share, with how many cases stand behind it, and what it measured.

Below 30 cases no percentage is shown. A model without skill has no vote, and then no edge is
claimed for any share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from core.desk.desk import Desk
from core.domain.research import ModelVersion, Prediction
from core.domain.signal import Probability
from core.domain.words import decimal, ist_stamp, number, pct
from core.store import instruments, models, predictions
from core.views.shown import MARKETS, Figure

KINDS = {"ensemble": "several models, pooled"}
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
    edge: float
    says: str
    reasons: str
    as_of: str


@dataclass(frozen=True, slots=True)
class PredictionsView:
    """The table and the model's card."""

    rows: tuple[PredictionRow, ...]
    note: str
    vote: str
    vote_tone: RuleTone
    figures: tuple[Figure, ...]
    about: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    empty: str


def predictions_view(desk: Desk) -> PredictionsView:
    """The newest prediction of each share, the likeliest to reach its target first on top."""
    with desk.store.read() as tx:
        found = predictions.latest(tx)
        sectors = {item.isin: item.sector for item in instruments.all_instruments(tx)}
        model = models.current(tx, "primary")
        older = models.versions(tx, "primary")[1:4]
    rows = [_row(one, sectors.get(one.isin, "")) for one in found]
    rows.sort(key=lambda row: (-row.p_target if math.isfinite(row.p_target) else 1.0, row.symbol))
    return PredictionsView(
        rows=tuple(rows),
        note=f"{len(rows)} shares · as of {ist_stamp(found[0].as_of)}" if found else "none yet",
        vote=_vote(model),
        vote_tone="mute" if model is None else "ok" if model.has_vote else "warn",
        figures=() if model is None else _figures(model),
        about=() if model is None else _about(model),
        versions=tuple((one.version, _short(one)) for one in older),
        empty=_empty(model),
    )


def _row(one: Prediction, sector: str) -> PredictionRow:
    shows = one.has_vote and one.target_first.shown
    return PredictionRow(
        isin=one.isin,
        symbol=one.symbol,
        sector=sector,
        leans=DIRECTIONS.get(one.direction, "none"),
        p_target=one.target_first.p if shows else MISSING,
        interval=_interval(one.target_first) if shows else "",
        p_stop=one.stop_first.p if shows else MISSING,
        n=one.target_first.n,
        edge=one.edge if shows else MISSING,
        says=_says(one),
        reasons="; ".join(one.words),
        as_of=ist_stamp(one.as_of),
    )


def _says(one: Prediction) -> str:
    if not one.has_vote:
        return "edge not measured"
    if not one.target_first.shown:
        return f"too few, {one.target_first.n} of 30 cases"
    if one.target_first.low > one.base_rate:
        return "above the base rate"
    if one.target_first.high < one.base_rate:
        return "below the base rate"
    return "like the base rate"


def _interval(odds: Probability) -> str:
    return f"{odds.low * 100:.0f} – {pct(odds.high, digits=0)}"


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
        Figure("Base rate", pct(model.base_rate), "target first, all cases"),
        Figure("Cases", number(model.n_out_of_sample, 0), f"out of sample, {model.folds} folds"),
    )


def _about(model: ModelVersion) -> tuple[tuple[str, str], ...]:
    stop, target, sessions = model.barriers
    return (
        ("Version", model.version),
        ("Kind", KINDS.get(model.kind, model.kind)),
        ("Trained", ist_stamp(model.trained_at)),
        ("Market", MARKETS[model.market]),
        ("Rows", number(model.rows, 0)),
        ("Features", str(len(model.features))),
        ("Target, stop", f"+{decimal(target, digits=1)} and −{decimal(stop, digits=1)} ATR"),
        ("ATR", "a share's usual range in a day"),
        ("Time limit", f"{sessions} sessions"),
        ("Training took", f"{model.seconds:.0f} s"),
        ("File hash", model.sha256[:12]),
    )


def _short(model: ModelVersion) -> str:
    vote = "votes" if model.has_vote else "no vote"
    return f"skill {pct(model.skill, signed=True)} · {vote}"


def _empty(model: ModelVersion | None) -> str:
    if model is None:
        return "No predictions yet. The first training is on its way; the first scan follows it."
    return "No predictions yet. The next scan makes one for every share."
