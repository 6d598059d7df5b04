"""How members are weighed: by recent skill, by the skill of the regime, by what was known then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain.signal import Regime
from core.models.blend import ANY, SKILL, STACK, blends_forward, pool
from core.models.samples import APART
from core.models.walk import Judged, Unseen
from core.panel import Floats

FOLD = 60  # sessions; two shares a session, one of which reaches its target
NOTHING = (None,) * (3 * FOLD)


def cases(raw: Floats | None = None) -> Unseen:
    session = np.repeat(np.arange(3 * FOLD), 2)
    share = np.tile([0, 1], 3 * FOLD)
    return Unseen(
        raw=np.full((len(session), 3), 1 / 3) if raw is None else raw,
        outcome=np.where(share == 0, 1, -1).astype(np.int8),
        returns=np.zeros(len(session)),
        session=session,
        ends=session + 1,
        share=share,
        fold=session // FOLD,
    )


def judged(knows: Floats) -> Judged:
    """Says what comes on the sessions it knows, and the base rate of a half on others."""
    later = cases().only(cases().fold > 0)
    base = np.full(len(later.session), 0.5)
    p = np.where(knows[later.session], later.outcome == 1, base)
    return Judged(later, p=p, base=base, alike=base, strong=p > 0.5)


def fold(number: int) -> Floats:
    return np.arange(3 * FOLD) // FOLD == number


def weights(one: Judged, two: Judged, regimes=NOTHING, *, at: int = -1):
    unseen = {"one": cases(), "two": cases()}
    return blends_forward(unseen, {"one": one, "two": two}, regimes)[at]


def test_chances_are_pooled_by_their_logarithms():
    # roots of 0.2 x 0.4, 0.3 x 0.3 and 0.5 x 0.3 are 0.2828, 0.3 and 0.3873, together 0.9701
    said = pool([np.array([[0.2, 0.3, 0.5]]), np.array([[0.4, 0.3, 0.3]])], np.array([0.5, 0.5]))
    assert said[0] == pytest.approx([0.2915, 0.3092, 0.3992], abs=1e-4)


def test_what_a_member_showed_in_the_last_fold_counts_twice_what_it_showed_before():
    # one knew fold 1, counted by a half, two knew fold 2: 1/3 and 2/3 of the base rate's squares
    found = weights(judged(fold(1)), judged(fold(2)))
    assert found.how == SKILL and found.of(None) == pytest.approx((1 / 3, 2 / 3))


def test_a_member_below_the_base_rate_has_no_weight():
    wrong = judged(fold(2))
    wrong = replace(wrong, p=1 - wrong.p)
    assert weights(judged(fold(1)), wrong).of(None) == (1.0, 0.0)


def test_a_regimes_own_skill_counts_by_the_stretches_it_was_there():
    # fold 2: forty sessions bull, which one knows, and twenty bear, which two knows. Four
    # stretches of ten sessions: one's own skill in bull is 1 and overall 2/3 x 2/3 = 4/9, for fold
    # 1 counts a half; two's 0 and 2/9. (4 x 1 + 6 x 4/9) / 10 and (4 x 0 + 6 x 2/9) / 10
    days = np.arange(3 * FOLD)
    bull, bear = fold(2) & (days < 2 * FOLD + 40), fold(2) & (days >= 2 * FOLD + 40)
    regimes = tuple(
        Regime.BULL if bull[day] else Regime.BEAR if bear[day] else None for day in days.tolist()
    )
    found = weights(judged(bull), judged(bear), regimes)
    one, two = (4 + 6 * 4 / 9) / 10, (6 * 2 / 9) / 10
    assert found.of(Regime.BULL) == pytest.approx((one / (one + two), two / (one + two)))
    assert found.of(None) == pytest.approx((2 / 3, 1 / 3))
    assert found.of(Regime.VOLATILE) == found.exponents[ANY]  # never seen: as in any


def test_a_fold_is_weighed_by_labels_that_ended_an_embargo_before_it():
    # what two knows of the last eleven sessions before fold 2 ends too late to count for it
    start, days = 2 * FOLD, np.arange(3 * FOLD)
    late = (days >= start - APART - 1) & (days < start)
    early = (days >= start - 3 * APART) & (days < start - APART - 1)
    assert weights(judged(early), judged(late), at=2).of(None) == (1.0, 0.0)
    just = judged(days == start - APART - 2)
    assert weights(judged(np.zeros(len(days), bool)), just, at=2).of(None) == (0.0, 1.0)


def test_the_stacker_is_taken_once_it_lost_less_on_labels_that_were_known():
    rng = np.random.default_rng(3)
    target = rng.uniform(0.2, 0.8, 6 * FOLD)
    true = np.column_stack([1 - target - 0.01, np.full(len(target), 0.01), target])
    sure = true**9 / (true**9).sum(axis=1, keepdims=True)  # knows the way and boasts of it
    unseen = replace(cases(sure), outcome=np.where(rng.random(len(target)) < target, 1, -1))
    other = replace(unseen, raw=np.full_like(sure, 1 / 3))
    half = judged(fold(9))
    blends = blends_forward({"one": unseen, "two": other}, {"one": half, "two": half}, NOTHING)
    assert [blend.how for blend in blends[:2]] == [SKILL, SKILL]  # nothing was known yet
    assert blends[-1].how == STACK
    assert 0.05 < blends[-1].of(None)[0] < 0.25  # a ninth undoes the boast
