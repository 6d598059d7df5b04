"""A vote is earned by skill and lost by odds that lie."""

from dataclasses import replace

import numpy as np
import pytest

from core.models.samples import APART
from core.models.verdict import verdict_of
from core.models.vote import no_vote, weaker_skill
from core.models.walk import Judged, Unseen

SESSIONS, SHARES = 600, 20


def judged(lie: float) -> Judged:
    """Chances from 5 to 35 % that come as they are, all told so much higher."""
    rng = np.random.default_rng(3)
    session = np.repeat(np.arange(SESSIONS), SHARES)
    true = rng.uniform(0.05, 0.35, len(session))
    hits = rng.random(len(true)) < true
    cases = Unseen(
        raw=np.empty((len(true), 0)),
        outcome=np.where(hits, 1, -1).astype(np.int8),
        returns=np.zeros(len(true)),
        session=session,
        ends=session + APART,
        share=np.tile(np.arange(SHARES), SESSIONS),
        fold=session // 150,
    )
    base = np.full(len(true), 0.2)
    return Judged(cases, p=true + lie, base=base, alike=base, strong=true > 0.3)


def said_of(found: Judged, *, suspect: str = "") -> str:
    verdict = verdict_of(found.p, found.cases.outcome == 1, found.cases.session)
    return no_vote(weaker_skill(found), verdict, suspect=suspect)


def test_skill_with_honest_odds_earns_a_vote():
    assert said_of(judged(0.0)) == ""


@pytest.mark.parametrize("lie", [0.04, -0.04])
def test_a_miscalibrated_model_loses_its_vote_however_skilled_it_is(lie):
    found = judged(lie)
    assert weaker_skill(found).low > 0.01
    assert said_of(found).startswith("said and came lie ")


def test_no_skill_earns_no_vote_however_honest_the_odds():
    found = judged(0.0)
    nothing = replace(found, p=found.base)
    assert said_of(nothing) == (
        "its 95 % interval of skill, 0.00 % to 0.00 %, does not lie clearly above zero"
    )


def test_what_looks_like_a_leak_has_no_vote_however_skilled_and_honest_it_is():
    said = said_of(judged(0.0), suspect="rank IC 0.210 is over 0.08")
    assert said == "its figures look like a leak: rank IC 0.210 is over 0.08"


def test_the_harder_benchmark_decides():
    found = judged(0.0)
    assert weaker_skill(replace(found, alike=found.p)).low <= 0 < weaker_skill(found).low
    assert weaker_skill(replace(found, base=found.p)).low <= 0
