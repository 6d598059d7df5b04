"""ISIN changes that raw bars show: one symbol, another number of the same issuer."""

from __future__ import annotations

from collections import Counter

import numpy as np

from core.domain.succession import Succession, same_share
from core.providers.bar_file import BarRows


def isin_changes(rows: BarRows, *, source: str) -> list[Succession]:
    """Every change in rows that carry ISINs, oldest first.

    A symbol that passes to another issuer is no change, and neither is a bar without an ISIN.
    """
    pairs = set(zip(rows.symbol.tolist(), rows.isin.tolist(), strict=True))
    several = Counter(symbol for symbol, isin in pairs if isin)
    turning = [symbol for symbol, isins in several.items() if isins > 1]
    known = np.flatnonzero((rows.isin != "") & np.isin(rows.symbol, turning))
    order = known[np.lexsort((rows.day[known], rows.symbol[known]))]
    symbol, isin = rows.symbol[order], rows.isin[order]
    turned = np.flatnonzero((symbol[1:] == symbol[:-1]) & (isin[1:] != isin[:-1])) + 1
    found = [
        Succession(str(isin[at - 1]), str(isin[at]), rows.day[order[at]].item(), source)
        for at in turned
        if same_share(str(isin[at - 1]), str(isin[at]))
    ]
    return sorted(found, key=lambda one: (one.since, one.isin))
