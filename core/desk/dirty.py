"""The dirty simulated market: bars damaged on purpose, as vendors and files damage them.

Off unless MUNIM_SIM_DIRTY says so. Only stored bars are damaged, never the prices that trade, so
what is wrong on screen is wrong in the bars alone. The same seed does the same damage.
"""

from __future__ import annotations

import numpy as np

from core.market.defects import MAGNITUDES, Defect, damage, damaged
from core.panel import Panel

# A bar dated a day early stands on a Sunday, for which the simulated calendar has no session; a
# half bar of every share at the history's end would leave a newcomer nothing to look at.
OF_HISTORY = tuple(kind for kind in Defect if kind not in (Defect.SHIFTED, Defect.HALF_BAR))
OF_A_DAY = (Defect.GAP, Defect.ZERO_VOLUME, Defect.BAD_TICK, Defect.HALF_BAR)
A_KIND, A_DAY = 2, 2  # defects of each kind in the history, and damaged bars of a live session


def spoiled(history: Panel, *, seed: int) -> Panel:
    """A history with two defects of each kind; a hidden split is among them."""
    made = history
    for kind in OF_HISTORY:
        for turn in range(A_KIND):
            made = damage(made, kind, seed + 1_000 * turn)
    return made


def spoiled_day(bars: Panel, *, seed: int) -> Panel:
    """One session's bars with two of them damaged; missing, silent, far off or half a day's."""
    rng = np.random.default_rng((seed, bars.sessions[0].toordinal()))
    made = bars
    for column in rng.choice(len(bars.isins), size=min(A_DAY, len(bars.isins)), replace=False):
        kind = OF_A_DAY[int(rng.integers(len(OF_A_DAY)))]
        name = next(iter(MAGNITUDES[kind]))  # the first concerns one share and session
        made = damaged(made, kind, name, row=0, column=int(column), rng=rng).panel
    return made
