"""A list of shares drawn in the page itself, so that no frame of its own has to load first.

The browser sorts, narrows and formats it; the script hears only which share was opened. Prices
travel as numbers in short rows, because they come again with every tick.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.views.markets import WatchRow

LIST = st.components.v2.component(
    "munim_shares",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def share_list(rows: Sequence[WatchRow], *, chosen: str, key: str) -> str:
    """Draw the rows with `chosen` marked; the symbol just opened, empty when none was."""
    lines = [
        [row.symbol, row.name, _known(row.ltp, 2), _known(row.change, 5), row.mark, row.tags]
        for row in rows
    ]
    answer = LIST(key=key, data={"rows": lines, "chosen": chosen}, on_open_change=_heard)
    return str(answer.get("open") or "")


def _heard() -> None:
    """Streamlit tells what was clicked only to a component with a callback."""


def _known(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None
