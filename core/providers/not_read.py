"""Files of the exchange that the desk knows and does not read, and what to take instead.

A file that is none of these and none that is read is told by its columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.domain.words import counted
from core.errors import BadInput
from core.providers.table_files import BYTES_MAX, text_of

PRICES = "import sec_bhavdata_full of that day for prices"
DAY = r"(\d{2}[A-Za-z]{3}\d{4}|\d{6}|\d{8})"


@dataclass(frozen=True, slots=True)
class Known:
    """A file known by its name; `head` is how its text begins, empty where the name is enough."""

    pattern: str
    what: str
    instead: str
    head: str = ""


FILES: tuple[Known, ...] = (
    Known(rf"an{DAY}\.txt", "the exchange's announcements of a day as free text",
          "the desk reads BSE's announcements with `munim ingest`"),
    Known(rf"bm{DAY}\.txt", "board meetings of a day as free text",
          "results days come from announcements"),
    Known(rf"bh{DAY}\.csv", "shares that touched their price band", PRICES, "SYMBOL,SERIES,"),
    Known(r"bulk.*\.csv", "bulk deals of a day", "no stage uses them", "Date,Symbol,"),
    Known(r"block.*\.csv", "block deals of a day", "no stage uses them", "Date,Symbol,"),
    Known(rf"shortselling_?{DAY}?\.csv", "short selling reported for a day",
          "no stage uses it", '"Security Name"'),
    Known(r"series_change.*\.csv", "shares that change their series",
          "the series of each day stands in the bhavcopy; broker masters tell today's",
          "Symbol,Security,From Series"),
    Known(rf"cmvolt_{DAY}\.csv", "the exchange's daily volatility of shares for margins",
          "the desk computes volatility from bars", "Date,Symbol,"),
    Known(rf"fovolt_{DAY}\.csv", "the exchange's daily volatility of underlyings for margins",
          "the desk computes volatility from bars", "Date, Symbol,"),
    Known(rf"cm_52_wk_high_low_{DAY}\.csv", "52-week highs and lows, adjusted by the exchange",
          "the desk computes them from bars", '"Disclaimer'),
    Known(rf"pe_{DAY}\.csv", "price-earnings ratios of a day",
          "fundamentals come from the provider named in Settings", "SYMBOL,SYMBOL P/E"),
    Known(rf"mcap{DAY}\.csv(\.gz)?", "market capitalisations of a day",
          "cap classes come from the universe file", "Trade Date,Symbol"),
    Known(rf"pd{DAY}\.csv(\.gz)?", "the day's prices of every segment without dates or ISINs",
          PRICES, "MKT,SERIES,SYMBOL"),
    Known(rf"pr{DAY}\.csv(\.gz)?", "the day's prices by company name without symbols",
          PRICES, "MKT,SECURITY"),
    Known(rf"hl{DAY}\.csv", "new 52-week highs and lows by company name",
          "the desk computes them from bars", "SECURITY,NEW,PREVIOUS"),
    Known(rf"sme{DAY}\.csv", "prices of the SME platform, whose series the desk does not trade",
          PRICES, "MARKET,SERIES,SYMBOL"),
    Known(r"readme\.txt", "the exchange's description of its daily files", "nothing is in it"),
    Known(rf"fo_{DAY}\.csv", "the day's derivative turnover by product",
          "import fao_participant_oi of that day for open interest", "Total volume summary"),
    Known(r"oi_cli_limit_.*\.lst", "client position limits in derivatives",
          "the desk trades no derivatives", "SYMBOL,CLIENT_LIMIT"),
    Known(r".*board_meetings.*\.csv", "a list of board meetings",
          "results days come from announcements", "SYMBOL,COMPANY,MEETING_DATE"),
    Known(r"nse_adjustment_calculator\.xlsx", "the exchange's calculator with formulas",
          "import a list of corporate actions with `munim data actions import`"),
    Known(r"symbols\.csv", "a summary of other price files",
          "import the price files themselves", "symbol,raw19_rows"),
)  # fmt: skip


def refuse_known(path: Path) -> None:
    """Raise BadInput, naming what a file is, when it is one that is known and not read."""
    for one in FILES:
        if re.fullmatch(one.pattern, path.name, re.IGNORECASE) and _begins(path, one.head):
            raise BadInput(
                f"{path.name}: holds {one.what}{_rows(path)} and is not read; {one.instead}"
            )


def _begins(path: Path, head: str) -> bool:
    return not head or text_of(path).lstrip().startswith(head)


def _rows(path: Path) -> str:
    """How many lines a text has."""
    if path.suffix.lower() == ".xlsx" or path.stat().st_size > BYTES_MAX:
        return ""
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = text_of(path).encode()
    lines = sum(1 for line in raw.splitlines() if line.strip())
    return f" ({counted(lines, 'line')})"
