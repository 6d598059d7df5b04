"""Symbols that changed while the company stayed: old symbol to the one of today.

A merger or demerger is listed where holders kept one line going; the price break it left is
an adjustment factor's matter, not a symbol's.
"""

from __future__ import annotations

# NSE symbol-change circulars; the dates are those of the first session under the new symbol.
RENAMES: dict[str, str] = {
    "MOTHERSUMI": "MOTHERSON",  # 30 May 2022
    "NIITTECH": "COFORGE",  # 17 Aug 2020
    "TATAGLOBAL": "TATACONSUM",  # 27 Feb 2020
    "INFRATEL": "INDUSTOWER",  # 16 Dec 2020
    "LTI": "LTIM",  # 5 Dec 2022, with MINDTREE merged into it
    "ZOMATO": "ETERNAL",  # 9 Apr 2025
    "SWANENERGY": "SWANCORP",  # 4 Sep 2025
    "TATAMOTORS": "TMPV",  # 24 Oct 2025, after the demerger of 14 Oct 2025
    "JCHAC": "BOSCH-HCIL",  # 24 Dec 2025
    "SEQUENT": "VIYASH",  # 23 Jan 2026
    "INFIBEAM": "CCAVENUE",  # 3 Feb 2026
    "LTIM": "LTM",  # 27 Feb 2026
    "AKZOINDIA": "JSWDULUX",  # 15 Apr 2026
    "GUJGASLTD": "GUJENERGY",  # 1 Jul 2026
}


def current_symbol(symbol: str) -> str:
    """The symbol of today, through as many changes as there were."""
    seen = {symbol}
    while (later := RENAMES.get(symbol)) is not None and later not in seen:
        seen.add(later)
        symbol = later
    return symbol
