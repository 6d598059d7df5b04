"""Why a model has no vote: the one clause that pages, cards and the terminal tell."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import Sheet, sheet
from core.desk.models_compare import WHOLE
from core.desk.vote_lost import lost
from core.domain.research import ModelVersion, Prediction
from core.domain.words import pct


def sheet_now(desk: Desk, tx: Session, version: ModelVersion) -> Sheet:
    """A version with its manifest and with why it has lost its vote in use."""
    return replace(sheet(desk, version), lost=lost(tx, version.version))


def why_no_vote(told: Sheet) -> str:
    """A clause: that it is refused, lost its vote in use, or what training found; "" if it votes.

    Training keeps its own reason in the manifest: a leak-like figure, the interval of skill, or
    odds that do not come as they are told.
    """
    if told.refused:
        return f"it is refused, {told.refused}"
    if told.lost:
        return told.lost
    if told.version.has_vote:
        return ""
    why = told.measures.get(WHOLE, {}).get("no_vote")
    return str(why or f"its interval of skill, {span_of(told)}, does not lie above zero")


def vote_sentence(told: Sheet, *, who: str = "It") -> str:
    """Whether it votes and why, in one sentence or two."""
    if told.refused:
        return f"{who} is not used, and what its row says of it is not to be relied on."
    why = why_no_vote(told)
    if told.lost:
        return f"{who} has lost its vote: {why}. Cards come from rules until the two agree again."
    if why:
        return f"{who} has no vote: {why}. Cards come from rules, and no edge is claimed."
    return (
        f"{who} votes: its whole interval of skill, {span_of(told)}, lies above zero, and its "
        "odds come as they are told."
    )


def why_no_percentage(one: Prediction, told: Sheet | None) -> str:
    """Why no percentage of a share is told; "" where one is.

    Args:
        told: the model that said it, None where it is not stored any more.
    """
    if one.novelty:
        return one.novelty
    if not one.has_vote:
        why = why_no_vote(told) if told else ""
        return f"the model has no vote: {why}" if why else "the model had no vote when it was asked"
    return "" if one.target_first.shown else f"too few, {one.target_first.n} of 30 cases"


def span_of(told: Sheet) -> str:
    """The interval of a version's skill with the level it was measured at."""
    version, level = told.version, told.manifest.get("skill_level")
    at = "level not kept" if level is None else pct(level, digits=0)
    low, high = (pct(end, signed=True) for end in (version.skill_low, version.skill_high))
    return f"{low} to {high} ({at})"
