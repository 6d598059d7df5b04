"""The first-start checklist: one line a step, with its progress."""

from __future__ import annotations

from core.views.first_start import CheckRow, FirstStart
from ui.markup import Markup, fill, join
from ui.parts import meter, panel

MARKS = {"done": ("✓", "gain"), "running": ("◷", "buy"), "waiting": ("○", "mute"),
         "failed": ("✕", "loss")}  # fmt: skip


def checklist(start: FirstStart) -> Markup:
    """All steps as one panel."""
    rows = join(_row(row) for row in start.rows)
    return panel("First start", fill('<div class="m-check">{rows}</div>', rows=rows),
                 note=start.note)  # fmt: skip


def _row(row: CheckRow) -> Markup:
    mark, tone = MARKS[row.state]
    return fill(
        '<span class="m-{tone} m-b">{mark}</span><span>{name}</span>'
        '<span class="{css}">{words} {meter}</span>',
        tone=tone,
        mark=mark,
        name=row.name,
        css="m-loss" if row.state == "failed" else "m-mute" if row.state == "waiting" else "",
        words=row.words,
        meter=meter(row.meter) if row.meter else "",
    )
