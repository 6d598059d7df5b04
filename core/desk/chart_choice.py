"""What a person last chose to see on a chart, kept so that it is there on any machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.desk.desk import Desk
from core.errors import BadInput
from core.market.indicators import GAUGES, LINES
from core.store import settings

STRIPS_MAX = 3
KEY = "chart:"


@dataclass(frozen=True, slots=True)
class ChartChoice:
    """Lines over the price, strips under it, the length of bars and the span shown."""

    lines: tuple[str, ...] = ("EMA 20", "SMA 50")
    strips: tuple[str, ...] = ("RSI", "MACD")
    timeframe: str = "D"
    span: str = "6 months"


def chart_choice(desk: Desk, who: str) -> ChartChoice:
    """What a person chose last; what is no longer offered is left out."""
    with desk.store.read() as tx:
        kept = settings.get(tx, KEY + who, None)
    if kept is None:
        return ChartChoice()
    return ChartChoice(
        lines=tuple(name for name in kept["lines"] if name in LINES),
        strips=tuple(name for name in kept["strips"] if name in GAUGES)[:STRIPS_MAX],
        timeframe=str(kept["timeframe"]),
        span=str(kept["span"]),
    )


def choose_chart(
    desk: Desk,
    who: str,
    *,
    lines: Sequence[str] | None = None,
    strips: Sequence[str] | None = None,
    timeframe: str | None = None,
    span: str | None = None,
) -> ChartChoice:
    """Keep a choice; what is not given stays. Raises BadInput for an unknown name or 4 strips."""
    before = chart_choice(desk, who)
    made = replace(
        before,
        lines=before.lines if lines is None else tuple(lines),
        strips=before.strips if strips is None else tuple(strips),
        timeframe=timeframe or before.timeframe,
        span=span or before.span,
    )
    unknown = [name for name in made.lines if name not in LINES]
    unknown += [name for name in made.strips if name not in GAUGES]
    if unknown:
        raise BadInput(f"no indicator is called {unknown[0]}; choose one of the list")
    if len(made.strips) > STRIPS_MAX:
        raise BadInput(
            f"{len(made.strips)} strips do not fit under a chart; take {STRIPS_MAX} at most"
        )
    if made != before:
        with desk.store.write() as tx:
            body = {"lines": list(made.lines), "strips": list(made.strips)}
            settings.put(tx, KEY + who, {**body, "timeframe": made.timeframe, "span": made.span})
    return made
