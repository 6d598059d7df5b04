"""Whether a model has a say: it has to beat both benchmarks and to mean what it says."""

from __future__ import annotations

from core.models.calibrate import Skill, skill_of
from core.models.samples import APART
from core.models.verdict import verdict_of
from core.models.walk import SEED, Judged

VOTE_OVER = 0.0005  # of skill; a model that says the base rate to everybody rounds to nothing


def weaker_skill(judged: Judged) -> Skill:
    """Skill over the benchmark that is harder to beat; a vote needs both beaten."""
    found = [
        skill_of(
            judged.p,
            benchmark,
            judged.cases.outcome == 1,
            judged.cases.session,
            apart=APART,
            seed=SEED,
        )
        for benchmark in (judged.base, judged.alike)
    ]
    return min(found, key=lambda skill: skill.low)


def earned(judged: Judged) -> bool:
    """Whether the interval of skill lies above zero and said and came agree but for chance."""
    hits = judged.cases.outcome == 1
    verdict = verdict_of(judged.p, hits, judged.cases.session)
    return weaker_skill(judged).low > VOTE_OVER and verdict.calibrated
