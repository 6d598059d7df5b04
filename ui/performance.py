"""Returns, drawdown and the index of some accounts, drawn the same on each page that has them."""

from __future__ import annotations

from datetime import date

from core.desk.desk import Desk
from core.views.performance import performance_view
from ui.charts import line_chart
from ui.parts import cells, draw, note, panel

CURVE_FROM = 3  # points; fewer make no curve


def performance_block(
    desk: Desk,
    account: str = "",
    *,
    login: str = "",
    first: date | None = None,
    last: date | None = None,
) -> None:
    """One account by its name or id, those of a login, or all; from the first money to today."""
    how = performance_view(desk, account=account, login=login, first=first, last=last)
    body = note(how.empty) if how.empty else cells(how.figures, compact=True)
    draw(panel("Performance", body, *(note(line) for line in how.notes), note=how.note))
    if len(how.days) < CURVE_FROM:
        return
    draw(panel("Growth since the start of the stretch, %", note="time-weighted, session ends"))
    line_chart(how.growth, how.days, key=f"growth-{account}", unit=" %")
    draw(panel("Drawdown, %", note="below the highest session end"))
    line_chart(how.fall, how.days, key=f"fall-{account}", unit=" %", height=150, area=True)
