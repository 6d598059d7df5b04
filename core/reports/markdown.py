"""What reports share: the banner of an invented market and a table under its heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.domain.account import Market

NUMBER = re.compile(r"[+−]?₹?\d[\d,./]*( \S+)?$")  # ₹1,234.50, −0.12 %, 10/12, ₹1.50 L
BANNERS = {
    Market.SIM: "**SIMULATED MARKET.** Prices, news and fills are invented; no money moved.",
    Market.REPLAY: "**REPLAY.** Past prices played again; no money moved.",
    Market.LIVE: "",
}


def section(title: str, heads: Sequence[str], lines: Iterable[Sequence[str]], nothing: str) -> str:
    """A heading over a table, or over one sentence where there is no line."""
    rows = list(lines)
    if not rows:
        return f"## {title}\n\n{nothing}"
    marks = ["---:" if _is_numbers(column) else "---" for column in zip(*rows, strict=True)]
    table = [heads, marks, *rows]
    body = "\n".join("| " + " | ".join(cell(one) for one in row) + " |" for row in table)
    return f"## {title}\n\n{body}"


def cell(text: str) -> str:
    """Text that cannot break the table it stands in."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _is_numbers(column: Sequence[str]) -> bool:
    """Whether a column holds amounts, which stand at the right."""
    filled = [one for one in column if one not in ("", "–")]
    return bool(filled) and all(NUMBER.match(one) for one in filled)
