"""How many independent cases some cases are worth, and the binomial interval of their share.

Shares of one session move together and windows of neighbouring sessions overlap, so a thousand
cases may tell no more than a hundred independent ones. Sessions are taken in blocks; how far the
blocks lie apart says how much is known. Source: L. Kish, Survey Sampling (Wiley, 1965), ch. 5
(ratio of clusters, design effect).
"""

from __future__ import annotations

import numpy as np

from core.panel import Floats

Z = 1.959963984540054  # of a 95 % interval
UPPER = 0.975


def effective(true: Floats, cases: Floats) -> float:
    """Independent cases that would leave a share as uncertain as these blocks of cases do.

    Of few blocks it is less, as Student's t is wider than the normal; where all came true, or
    none, a block counts as one case.

    Args:
        true: how many cases of each block came true, shape (n_blocks,).
        cases: how many there were.

    Returns:
        From 0 to the number of cases.
    """
    true, cases = true[cases > 0], cases[cases > 0]
    blocks, whole = len(cases), float(cases.sum())
    if blocks < 2:
        return float(blocks)
    share = float(true.sum()) / whole
    if share <= 0.0 or share >= 1.0:
        return float(blocks)
    spread = float(((true - share * cases) ** 2).sum()) / whole**2 * blocks / (blocks - 1)
    return min(share * (1.0 - share) / max(spread * _few(blocks), 1e-12), whole)


def wilson(share: float, n: float, *, z: float = Z) -> tuple[float, float]:
    """The interval of a share of n independent cases, which need not be a whole number.

    Args:
        z: normal quantile of the interval's upper end; 95 % unless told.

    Source: E. B. Wilson, Probable inference, JASA 22 (1927).
    """
    if n <= 0:
        return 0.0, 1.0
    extra = z**2 / n
    middle = share + extra / 2.0
    half = z * float(np.sqrt(share * (1.0 - share) / n + extra / (4.0 * n)))
    return max(0.0, (middle - half) / (1.0 + extra)), min(1.0, (middle + half) / (1.0 + extra))


def _few(blocks: int) -> float:
    """How much a variance is raised for so few blocks."""
    from scipy.special import stdtrit

    return float(stdtrit(blocks - 1, UPPER) / Z) ** 2
