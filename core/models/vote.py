"""Whether a model has a say: it beats both benchmarks, means what it says, and looks like no leak.

A vote is given by each training anew, so a model that is trained again may lose it.
"""

from __future__ import annotations

from core.domain.words import pct
from core.models.calibrate import Skill, skill_of
from core.models.samples import APART
from core.models.verdict import Verdict
from core.models.walk import SEED, Judged

VOTE_OVER = 0.0005  # of skill; a model that says the base rate to everybody rounds to nothing


def weaker_skill(judged: Judged) -> Skill:
    """Skill over the benchmark that is harder to beat; a vote needs both beaten."""
    hits, session = judged.cases.outcome == 1, judged.cases.session
    return weaker(
        skill_of(judged.p, judged.base, hits, session, apart=APART, seed=SEED),
        skill_of(judged.p, judged.alike, hits, session, apart=APART, seed=SEED),
    )


def weaker(over_base: Skill, over_alike: Skill) -> Skill:
    """The skill whose interval reaches lower."""
    return min(over_base, over_alike, key=lambda skill: skill.low)


def no_vote(skill: Skill, verdict: Verdict, *, suspect: str = "") -> str:
    """Why there is no vote, a clause; "" where one is earned.

    Args:
        skill: over the harder benchmark.
        suspect: why its figures look like a leak, "" when they do not.
    """
    if suspect:
        return f"its figures look like a leak: {suspect}"
    if skill.low <= VOTE_OVER:
        return (
            f"its 95 % interval of skill, {pct(skill.low, digits=2, signed=True)} to "
            f"{pct(skill.high, digits=2, signed=True)}, does not lie clearly above zero"
        )
    return verdict.flaw
