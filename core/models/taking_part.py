"""Who takes part on a session: the shares that traded often and in size by its close.

A list of today laid over the past holds nobody who failed since, and every model learns on it that
shares do not fail. So training asks no list: on each session it takes the shares that were liquid
enough as known then, those that later merged, were suspended or wound up among them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.panel import FIELDS, Panel

SESSIONS = 60  # looked back on, this one included
TRADED_MIN = 54  # of them, on which it traded; nine in ten
TURNOVER_MIN = 1e7  # rupees: the median session of those on which it traded
RULE = f"traded on {TRADED_MIN} of the last {SESSIONS} sessions for a median of ₹1 crore a session"


def taking_part(panel: Panel, *, most: int | None = None) -> NDArray[np.bool_]:
    """Which shares take part on each session, shape (n_sessions, n_instruments).

    A session's row looks at bars up to its close alone. Nobody takes part on a session on which
    it did not trade, nor on the first 53.

    Args:
        most: of more shares than this, those of the highest median turnover.
    """
    whole = np.ones(panel.close.shape, dtype=np.bool_)
    for name in FIELDS:
        whole &= ~np.isnan(getattr(panel, name))
    traded = pd.DataFrame(np.where(whole, panel.turnover, np.nan))
    middle = traded.rolling(SESSIONS, min_periods=TRADED_MIN).median().to_numpy()
    enough = whole & (np.nan_to_num(middle) >= TURNOVER_MIN)
    if most is None or most >= panel.close.shape[1]:
        return np.asarray(enough)
    order = np.argsort(np.where(enough, -middle, np.inf), axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    return np.asarray(enough & (place < most))
