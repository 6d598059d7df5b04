"""A candidate's figures beside those of the version in use, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.desk.models_compare import Compared
from core.domain.words import day, decimal, number, pct
from core.views.models_card import words_of


@dataclass(frozen=True, slots=True)
class SideRow:
    """One figure of a candidate beside that of the version in use."""

    what: str
    new: str
    old: str


def beside_rows(new: Compared, old: Compared) -> tuple[SideRow, ...]:
    """Figure by figure, the candidate's first."""
    return tuple(
        SideRow(what, of_new, of_old)
        for (what, of_new), (_, of_old) in zip(_figures(new), _figures(old), strict=True)
    )


def _figures(one: Compared) -> tuple[tuple[str, str], ...]:
    span = f"{pct(one.skill_low, signed=True)} to {pct(one.skill_high, signed=True)}"
    level = (
        "level not kept" if one.skill_level != one.skill_level else pct(one.skill_level, digits=0)
    )
    return (
        ("Vote", "votes" if one.has_vote else "no vote"),
        ("Skill", f"{pct(one.skill, signed=True)} ({span}, {level})"),
        ("Cases n", number(one.n, 0)),
        ("Rank IC", _known(one.rank_ic, f"± {decimal(one.rank_ic_se, digits=3)}", digits=3)),
        ("Calibration error", "–" if one.ece != one.ece else pct(one.ece, digits=1)),
        ("Inside the range, ten sessions", _covered(one)),
        ("Members", ", ".join(words_of(kind) for kind in one.members) or "–"),
        ("Features", str(one.features)),
        ("Learnt from", f"{_day(one.first)} to {_day(one.last)}"),
        ("Shares", number(one.shares, 0)),
        ("Data fingerprint", one.data[:12] or "–"),
    )


def _known(value: float, more: str, *, digits: int) -> str:
    return "–" if value != value else f"{decimal(value, digits=digits, signed=True)} {more}"


def _covered(one: Compared) -> str:
    if one.coverage != one.coverage:
        return "–"
    promised = pct(one.coverage_stated, digits=0)
    return f"{pct(one.coverage, digits=1)} of {promised} promised"


def _day(text: str) -> str:
    return day(date.fromisoformat(text)) if text else "–"
