"""Earlier predictions of one share, a row a session, beside what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.desk.foretold import Foretold
from core.domain.signal import MIN_CASES
from core.domain.words import counted, day, pct, qty
from core.views.predictions import interval_of, says_of
from core.views.shown import Text, Tone

ROWS_MAX = 40
CAME: dict[str, tuple[str, Tone]] = {
    "target": ("target first", "gain"),
    "stop": ("stop first", "loss"),
    "time": ("neither in time", ""),
    "": ("not over", "mute"),
}
QUICK = "None counts yet: until ten sessions are past, only the quick outcomes are known."
EMPTY = "No earlier session was predicted. Each scan keeps what it says, one row a session here."


@dataclass(frozen=True, slots=True)
class PastRow:
    """What was said after one session, and what came."""

    session: str
    p_target: str
    interval: str
    base_rate: str
    came: Text
    left_on: str
    left: str
    model: str


def past_rows(found: Sequence[Foretold]) -> tuple[PastRow, ...]:
    """The newest sessions first."""
    return tuple(_row(one) for one in found[:ROWS_MAX])


def past_note(found: Sequence[Foretold]) -> str:
    """How many there are, and how many are over."""
    over = sum(bool(one.outcome) for one in found)
    return f"{counted(len(found), 'session')}, {qty(over)} over"


def past_said(found: Sequence[Foretold]) -> str:
    """How often the target came first against what was said of the same; no percentage below 30."""
    over = [one for one in found if one.outcome and one.is_ripe]
    if not over:
        return QUICK if any(one.outcome for one in found) else ""
    told = [one for one in over if one.said.has_vote and one.said.target_first.shown]
    of = told or over
    hits = sum(one.outcome == "target" for one in of)
    which = " sessions with a percentage" if told and len(told) < len(over) else ""
    if len(of) < MIN_CASES:
        return (
            f"Target first in {hits} of {len(of)}{which}; {MIN_CASES} are needed for a percentage, "
            "and windows of neighbouring sessions overlap."
        )
    mean = pct(sum(one.said.target_first.p for one in of) / len(of), digits=1)
    said = f"said {mean}" if told else "no percentage was said"
    came = f"Target first in {pct(hits / len(of), digits=1)} of {qty(len(of))}{which}; {said}."
    return f"{came} Windows of neighbouring sessions overlap, so these are fewer independent cases."


def _row(one: Foretold) -> PastRow:
    said, shows = one.said, one.said.has_vote and one.said.target_first.shown
    word, tone = CAME[one.outcome]
    return PastRow(
        session=day(one.session),
        p_target=pct(said.target_first.p, digits=1) if shows else says_of(said),
        interval=interval_of(said.target_first) if shows else "",
        base_rate=pct(said.base_rate, digits=1),
        came=Text(word, tone),
        left_on=day(one.left_on) if one.left_on else "",
        left="" if one.left is None else pct(one.left, signed=True),
        model=said.model_version,
    )
