"""A vote is earned by skill and lost by odds that lie."""

import numpy as np
import pytest

from core.models.samples import APART
from core.models.vote import earned, weaker_skill
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


def test_skill_with_honest_odds_earns_a_vote():
    assert earned(judged(0.0))


@pytest.mark.parametrize("lie", [0.04, -0.04])
def test_a_miscalibrated_model_loses_its_vote_however_skilled_it_is(lie):
    found = judged(lie)
    assert weaker_skill(found).low > 0.01
    assert not earned(found)


def test_no_skill_earns_no_vote_however_honest_the_odds():
    found = judged(0.0)
    assert not earned(Judged(found.cases, found.base, found.base, found.base, found.strong))
