"""Numbers as an Indian trader reads them: 3-2-2 grouping, L and Cr, IST, a real minus sign.

Everything here turns a value into text for a person; nothing parses it back. A fraction comes
in (0.0112) and a percent goes out (`+1.12 %`).
"""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from core.domain.clock import IST
from core.domain.money import MINUS, Money, group

MISSING = "–"
LAKH = Decimal(100_000)
CRORE = Decimal(10_000_000)
CENT = Decimal("0.01")


def number(value: Decimal | int, digits: int = 2) -> str:
    """A number with 3-2-2 grouping and `digits` decimals, rounded half up, without a sign rule."""
    step = Decimal(1).scaleb(-digits)
    shown = Decimal(value).quantize(step, ROUND_HALF_UP)
    whole, _, rest = f"{abs(shown):f}".partition(".")
    text = group(whole) + (f".{rest}" if rest else "")
    return f"{MINUS}{text}" if shown < 0 else text


def rupees(amount: Money, *, signed: bool = False, digits: int = 2) -> str:
    """`₹12,34,567.50`; the sign stands before ₹, a plus only when `signed`."""
    text = number(abs(amount).in_rupees, digits)
    return _sign(amount.paise, signed=signed) + "₹" + text


def price(amount: Money) -> str:
    """`2,845.30`, as a price column shows it, without ₹."""
    return number(amount.in_rupees)


def short(amount: Money, *, signed: bool = False) -> str:
    """`₹12.35 L` from one lakh, `₹1.23 Cr` from one crore, whole rupees below."""
    size = abs(amount).in_rupees
    sign = _sign(amount.paise, signed=signed)
    if (size / LAKH).quantize(CENT, ROUND_HALF_UP) >= 100:
        return f"{sign}₹{number(size / CRORE)} Cr"
    if size.quantize(Decimal(1), ROUND_HALF_UP) >= LAKH:
        return f"{sign}₹{number(size / LAKH)} L"
    return f"{sign}₹{number(size, 0)}"


def pct(fraction: float, *, digits: int = 2, signed: bool = False) -> str:
    """`1.12 %` from 0.0112; a plus only when `signed`; missing numbers read `–`."""
    return _pct(float(fraction), digits, signed) if math.isfinite(fraction) else MISSING


@lru_cache(maxsize=4096)  # limits are said over and over, and exact rounding takes a while
def _pct(fraction: float, digits: int, signed: bool) -> str:
    step = Decimal(1).scaleb(-digits)
    shown = (Decimal(repr(fraction)) * 100).quantize(step, ROUND_HALF_UP)
    return f"{_sign(int(shown.compare(Decimal(0))), signed=signed)}{number(abs(shown), digits)} %"


def interval(low: float, point: float, high: float) -> str:
    """`51 – 65 %` from fractions, finer where a whole percent would end at or past its point."""
    for digits in (0, 1, 2):
        first, at, last = (round(one * 100, digits) for one in (low, point, high))
        if first < at < last and first < point * 100 < last:
            break
        if (
            not low < point < high
            and first <= at <= last
            and first <= round(point * 100, 1) <= last
        ):
            break
    return f"{pct(low, digits=digits).removesuffix(' %')} – {pct(high, digits=digits)}"


def decimal(value: float, *, digits: int = 2, signed: bool = False) -> str:
    """A plain number such as a ratio or a score; missing numbers read `–`."""
    if not math.isfinite(value):
        return MISSING
    step = Decimal(1).scaleb(-digits)
    shown = Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP)
    return f"{_sign(int(shown.compare(Decimal(0))), signed=signed)}{number(abs(shown), digits)}"


def qty(shares: int, *, signed: bool = False) -> str:
    """`1,23,456` shares."""
    return _sign(shares, signed=signed) + group(str(abs(shares)))


def counted(number: int, noun: str) -> str:
    """A number of things in plain digits: `1 row`, `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def charge_word(name: str) -> str:
    """A charge as a contract note names it."""
    known = {"stt": "STT", "gst": "GST", "sebi": "SEBI fee", "dp": "DP charge", "tds": "TDS",
             "ipft": "IPFT", "stamp": "Stamp duty", "exchange": "Exchange fee"}  # fmt: skip
    return known.get(name, name.capitalize())


def ist_time(at: datetime, *, seconds: bool = True) -> str:
    """`10:42:07` in India."""
    return at.astimezone(IST).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(on: date | datetime) -> str:
    """`21 Nov 2026`, in India when a time is given."""
    local = on.astimezone(IST) if isinstance(on, datetime) else on
    return f"{local.day} {local:%b %Y}"


def ist_stamp(at: datetime) -> str:
    """`21 Nov 2026 10:42:07`."""
    return f"{day(at)} {ist_time(at)}"


def eod(on: date) -> str:
    """`EOD 20 Nov`: the age of a closing price."""
    return f"EOD {on.day} {on:%b}"


def age(seconds: float) -> str:
    """`2 s`, `6 min`, `1 h 52 min`, `29 days`; one to come reads 0 s, one not known `–`."""
    if not math.isfinite(seconds):
        return MISSING
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        rest = whole % 3600 // 60
        return f"{whole // 3600} h {rest} min" if rest else f"{whole // 3600} h"
    days = whole // 86_400
    return "1 day" if days == 1 else f"{days} days"


def age_of(at: datetime, now: datetime) -> str:
    """How old something known at `at` is."""
    return age((now - at).total_seconds())


def time_left(seconds: float) -> str:
    """`6:12` under an hour, `1 h 52` under a day, `3 days` from there; `expired` at zero."""
    whole = int(seconds)
    if whole <= 0:
        return "expired"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    days = whole // 86_400
    return "1 day" if days == 1 else f"{days} days"


def _sign(of: int, *, signed: bool) -> str:
    if of < 0:
        return MINUS
    return "+" if signed and of > 0 else ""
