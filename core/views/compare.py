"""Up to five shares on one scale: each close as a percent of its first one shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.desk.desk import Desk
from core.domain.words import day, pct
from core.errors import BadInput, NoData
from core.store import bars, instruments
from core.views.chart import Line
from core.views.series import BARS_MAX, PER_BAR, SPANS, ends_of, month_of, week_of

OTHERS_MAX = 4
START = 100.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Lines that all begin at 100; `note` says from when and how far each came."""

    days: tuple[date, ...]
    lines: tuple[Line, ...]
    note: str


def comparison(
    desk: Desk, isin: str, others: Sequence[str], *, span: str = "6 months", timeframe: str = "D"
) -> Comparison:
    """Adjusted closes of a share and up to four others, rebased where all have a price.

    Args:
        others: ISINs; the share itself among them is left out.

    Raises:
        BadInput: more than four others, or bars inside the day.
        NotFound: a share has no bars.
        NoData: the shares have no session in common.
    """
    wanted = list(dict.fromkeys(one for one in others if one != isin))
    if len(wanted) > OTHERS_MAX:
        raise BadInput(
            f"{len(wanted)} shares to compare with are too many; take up to {OTHERS_MAX}"
        )
    if timeframe not in PER_BAR:
        raise BadInput("shares are compared by session, week or month; choose D, W or M")
    with desk.store.read() as tx:
        panel = bars.read_panel(tx, [isin, *wanted]).adjusted()
        names = [instruments.by_isin(tx, one).symbol for one in (isin, *wanted)]
    close, days = panel.close, panel.sessions
    if timeframe != "D":
        ends = ends_of(days, week_of if timeframe == "W" else month_of)[1]
        close, days = close[ends], tuple(days[end] for end in ends)
    count = min(SPANS.get(span, SPANS["6 months"]) // PER_BAR[timeframe], BARS_MAX, len(days))
    close, days = close[-count:], days[-count:]
    whole = np.flatnonzero(np.isfinite(close).all(axis=1))
    if not whole.size:
        raise NoData(
            f"{', '.join(names)} have no session in common in the span; choose a longer one"
        )
    first = int(whole[0])
    rebased = START * close[first:] / close[first]
    known = [column[np.isfinite(column)][-1] for column in rebased.T]
    said = "   ".join(
        f"{name} {pct(last / START - 1.0, signed=True)}"
        for name, last in zip(names, known, strict=True)
    )
    return Comparison(
        days=days[first:],
        lines=tuple(Line(name, rebased[:, at]) for at, name in enumerate(names)),
        note=f"From {day(days[first])}   {said}",
    )
