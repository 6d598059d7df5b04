"""The few shapes a screen draws: toned text, tags, meters, bands and ladders, as plain values.

Text in them is plain text, from wherever it came; `ui.parts` escapes all of it when it draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.domain.account import LoginMode, Market
from core.domain.clock import IST, ist_day
from core.domain.money import Money
from core.domain.order import OrderType, Side
from core.domain.words import ist_time, rupees

Tone = Literal["", "gain", "loss", "mute", "warn", "buy", "sell", "sim"]
TagTone = Literal["", "buy", "sell", "ok", "bad", "warn", "sim", "line"]
RowMark = Literal["", "on", "red", "off", "tot"]

MARKETS = {Market.SIM: "simulated", Market.REPLAY: "replayed", Market.LIVE: "live"}
MODES = {LoginMode.PAPER: "paper money", LoginMode.LIVE: "real money"}
ORDER_TYPES = {
    OrderType.MARKET: "Market",
    OrderType.LIMIT: "Limit",
    OrderType.SL: "SL",
    OrderType.SL_M: "SL-M",
}

SELL_SHORT = "SELL SHORT"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
HOT = 0.8  # from this share of a limit a meter turns amber


@dataclass(frozen=True, slots=True)
class Text:
    """Words with a tone, an optional muted note after them, and weight.

    `link` is the page of the desk that they open, empty for words alone.
    """

    text: str
    tone: Tone = ""
    note: str = ""
    bold: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A small filled word; `line` is an outline."""

    text: str
    tone: TagTone = ""


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a limit is used: fractions of the bar's width.

    `after` is drawn lighter behind `used`; `limit_at` draws the limit as a line. A share of
    a limit below `HOT` is grey, above it amber, above 1 red.
    """

    used: float
    after: float | None = None
    limit_at: float | None = None
    plain: bool = False

    @property
    def state(self) -> str:
        """`hot` from 80 % of the limit, `over` above it, else empty."""
        share = self.used if self.after is None else max(self.used, self.after)
        if self.plain or share < HOT:
            return ""
        return "over" if share > 1.0 else "hot"


@dataclass(frozen=True, slots=True)
class Band:
    """A probability on a line from 0 to 1: interval, point and base rate."""

    low: float
    high: float
    point: float
    base: float | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One price on the ladder; `at` is 0 at the foot and 1 at the top."""

    at: float
    price: str
    name: str
    note: str = ""
    tone: Tone = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """Prices from stop to target; zones are (foot, top, tone) on the same scale."""

    rungs: tuple[Rung, ...]
    zones: tuple[tuple[float, float, Tone], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its label, and a line of detail under it."""

    label: str
    value: str
    detail: str = ""
    tone: Tone = ""
    detail_tone: Tone = "mute"


Cell = str | Text | Tag | Meter | Band
Cells = Cell | tuple[Cell, ...]


def count(things: int, name: str) -> str:
    """`1 card`, `3 cards`."""
    return f"{things} {name}" if things == 1 else f"{things} {name}s"


def when(at: datetime, now: datetime) -> str:
    """`10:42:07` on the day that it is now, `2 Apr 16:20` on any other."""
    if ist_day(at) == ist_day(now):
        return ist_time(at)
    local = at.astimezone(IST)
    return f"{local.day} {local:%b} {local:%H:%M}"


def sign_tone(amount: Money) -> Tone:
    """Green above zero, red below, grey at it."""
    return "gain" if amount.paise > 0 else "loss" if amount.paise < 0 else "mute"


def pnl(amount: Money) -> Text:
    """A gain or loss to the paisa, signed and toned."""
    return Text(rupees(amount, signed=True), sign_tone(amount))


def side_tag(side: Side) -> Tag:
    """BUY blue, SELL orange."""
    return Tag(side.value, "buy" if side is Side.BUY else "sell")


def entry_tag(side: Side) -> Tag:
    """How a card or plan goes in: BUY blue, SELL SHORT orange."""
    return side_tag(side) if side is Side.BUY else Tag(SELL_SHORT, "sell")


def entry_words(side: Side) -> str:
    """`BUY` or `SELL SHORT`."""
    return side.value if side is Side.BUY else SELL_SHORT


def safe_cell(text: str) -> str:
    """A text for a spreadsheet: one that it would run as a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text


def in_rupees(amount: Money | None) -> str:
    """Rupees with two decimals and nothing else, as a spreadsheet reads them."""
    return "" if amount is None else f"{amount.paise / 100:.2f}"
