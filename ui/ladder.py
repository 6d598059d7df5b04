"""The price ladder: stop, entry band, last price and target as heights in one column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.views.shown import Ladder, Rung
from ui.markup import Markup, fill, join

LADDER_PX = 250
SIDES = ("buy", "sell")  # the entry band, in the colour of its side
ROW_PX = 18  # a rung's label; closer rungs are moved apart


def ladder(value: Ladder) -> Markup:
    """Prices from stop to target as a column, labels moved apart where they would touch."""
    zones = join(
        fill(
            '<i style="left:68px;width:40px;bottom:{foot}px;height:{high}px;'
            'background:{fill}"></i>',
            foot=_px(foot),
            high=_px(top - foot),
            fill=f"var(--{tone});opacity:.45" if tone in SIDES else f"var(--{tone}-bg)",
        )
        for foot, top, tone in value.zones
    )
    rungs = join(
        _rung(rung, at_px=at, label_px=label)
        for rung, at, label in zip(
            value.rungs,
            (_px(rung.at) for rung in value.rungs),
            apart([_px(rung.at) for rung in value.rungs]),
            strict=True,
        )
    )
    return fill(
        '<div class="m-lad" style="height:{high}px">{zones}{rungs}</div>',
        high=LADDER_PX + 28,
        zones=zones,
        rungs=rungs,
    )


def apart(heights: Sequence[int], gap: int = ROW_PX) -> list[int]:
    """Label heights at least `gap` pixels from each other, in the order given."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    placed = list(heights)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    over = max(0, max(placed, default=0) - LADDER_PX)
    if over:
        top = LADDER_PX
        for index in reversed(order):
            placed[index] = min(placed[index], top)
            top = placed[index] - gap
    return placed


def _rung(rung: Rung, *, at_px: int, label_px: int) -> Markup:
    tone = rung.tone or ("ink" if rung.strong else "mute")
    line = fill(
        '<i style="left:62px;width:52px;bottom:{at}px;height:{thick}px;background:var(--{tone})">'
        "</i>",
        at=at_px,
        thick=2 if rung.strong or rung.tone else 1,
        tone=tone,
    )
    return fill(
        '{line}<span style="left:0;width:58px;text-align:right;bottom:{label}px;'
        'color:var(--{tone})">{price}</span>'
        '<span style="left:122px;bottom:{label}px">{name} <em>{note}</em></span>',
        line="" if rung.tone == "buy" else line,
        tone=tone,
        label=label_px - 8,
        price=rung.price,
        name=fill("<b>{n}</b>", n=rung.name) if rung.strong else rung.name,
        note=rung.note,
    )


def _px(fraction: float) -> int:
    return round(8 + min(max(fraction, 0.0), 1.0) * (LADDER_PX - 8))
