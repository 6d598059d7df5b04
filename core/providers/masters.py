"""Reads the instrument masters that brokers publish each morning: Kite, Upstox, Fyers, Angel.

Ticks differ in unit: Kite and Fyers write rupees, Upstox and Angel paise. Fyers' file has no
header; its 21 columns are told by position.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.domain.listed import Kind, Listed
from core.errors import BadInput

Row = dict[str, Any]
KITE_COLUMNS = {"instrument_token", "tradingsymbol", "tick_size", "segment", "exchange"}
FYERS_COLUMNS = 21
BROKERS = ("kite", "upstox", "fyers", "angel")
WITH_SERIES = re.compile(r"^(?P<symbol>.+)-(?P<series>[A-Z0-9]{2})$")
TRADE_FOR_TRADE = frozenset({"BE", "BZ", "SM", "ST", "SZ", "T0"})
DERIVATIVES = {"FUT": Kind.FUTURE, "CE": Kind.OPTION, "PE": Kind.OPTION}


def read_master(path: Path, *, broker: str = "") -> list[Listed]:
    """Every line of a master, plain or gzipped; raises BadInput naming the file and the line.

    Args:
        broker: kite, upstox, fyers or angel; empty lets the shape of the file tell.
    """
    text = _text(path)
    found = broker or _broker_of(path, text)
    if found not in BROKERS:
        raise BadInput(f"{path.name}: {found!r} is none of {', '.join(BROKERS)}")
    rows, make = _rows(path, text, found)
    listed = []
    for number, row in rows:
        try:
            listed.append(make(row))
        except (KeyError, IndexError, ValueError, TypeError, InvalidOperation) as error:
            raise BadInput(
                f"{path.name} is no {found} master: line {number} has {error!r}; "
                "download it again, or name its broker"
            ) from None
    if not listed:
        raise BadInput(f"{path.name} holds no instrument; download it again")
    return listed


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        plain = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        return plain.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, EOFError):
        raise BadInput(f"{path.name} is no text; give the broker's CSV or JSON file") from None


def _broker_of(path: Path, text: str) -> str:
    start = text.lstrip()[:4000]
    if start[:1] in "{[" and start:
        return "upstox" if '"instrument_key"' in start else "angel"
    first = next(csv.reader(io.StringIO(start)), [])
    if set(first) >= KITE_COLUMNS:
        return "kite"
    if len(first) == FYERS_COLUMNS and ":" in first[9]:
        return "fyers"
    raise BadInput(
        f"{path.name} looks like no master of {', '.join(BROKERS)}: its first line has "
        f"{len(first)} columns; name the broker, or download it again"
    )


def _rows(
    path: Path, text: str, broker: str
) -> tuple[Iterable[tuple[int, Any]], Callable[[Any], Listed]]:
    if broker == "kite":
        return enumerate(csv.DictReader(io.StringIO(text)), start=2), _kite
    if broker == "fyers":
        return enumerate(csv.reader(io.StringIO(text)), start=1), _fyers
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path.name} is no JSON: {error.msg} in line {error.lineno}") from None
    rows = list(found.values()) if isinstance(found, dict) else found
    return enumerate(rows, start=1), _upstox if broker == "upstox" else _angel


def _kite(row: Row) -> Listed:
    symbol, series = _split(row["tradingsymbol"])
    kind = _kind(series)
    if row["segment"] == "INDICES":
        symbol, series, kind = row["tradingsymbol"].upper(), "", Kind.INDEX
    elif row["instrument_type"] in DERIVATIVES:
        symbol, series, kind = row["tradingsymbol"], "", DERIVATIVES[row["instrument_type"]]
    return Listed(
        broker="kite",
        exchange=row["exchange"],
        called=row["tradingsymbol"],
        symbol=symbol,
        name=row["name"],
        isin="",
        token=row["instrument_token"],
        series=series,
        kind=kind,
        tick_paise=_paise(row["tick_size"]),
        lot=int(row["lot_size"]),
        expiry=date.fromisoformat(row["expiry"]) if row["expiry"] else None,
        strike_paise=_paise(row["strike"]),
    )


def _upstox(row: Row) -> Listed:
    of_type = {"INDEX": Kind.INDEX} | DERIVATIVES
    kind = of_type.get(row["instrument_type"], _kind(row["instrument_type"]))
    series = "" if row["instrument_type"] in of_type else row["instrument_type"]
    expiry = row.get("expiry")
    return Listed(
        broker="upstox",
        exchange=row["exchange"],
        called=row["instrument_key"],
        symbol=row["trading_symbol"].upper(),
        name=row["name"],
        isin=row.get("isin", ""),
        token=str(row["exchange_token"]),
        series=series,
        kind=kind,
        tick_paise=_whole(row.get("tick_size")),
        lot=int(row.get("lot_size", 1)),
        freeze_qty=_whole(row.get("freeze_quantity")),
        expiry=datetime.fromtimestamp(expiry / 1000, UTC).date() if expiry else None,
        strike_paise=_paise(row.get("strike_price", 0)),
        cas_eligible=row.get("cas_eligible"),
    )


def _fyers(row: list[str]) -> Listed:
    if len(row) != FYERS_COLUMNS:
        raise ValueError(f"{len(row)} columns, not {FYERS_COLUMNS}")
    exchange, _, rest = row[9].partition(":")
    symbol, _, series = rest.rpartition("-")
    index = series == "INDEX"
    return Listed(
        broker="fyers",
        exchange=exchange,
        called=row[9],
        symbol=symbol.upper(),
        name=row[1],
        isin=row[5],
        token=row[0],
        series="" if index else series,
        kind=Kind.INDEX if index else _kind(series),
        tick_paise=_paise(row[4]),
        lot=int(row[3]),
    )


def _angel(row: Row) -> Listed:
    symbol, series = _split(row["symbol"])
    return Listed(
        broker="angel",
        exchange=row["exch_seg"],
        called=row["symbol"],
        symbol=symbol,
        name=row["name"],
        isin="",
        token=row["token"],
        series=series,
        kind=_kind(series),
        tick_paise=_whole(row["tick_size"]),
        lot=int(row["lotsize"]),
    )


def _split(name: str) -> tuple[str, str]:
    """Symbol and series of `XYZ-BE`; what has no series is EQ."""
    parts = WITH_SERIES.match(name)
    return (parts["symbol"], parts["series"]) if parts else (name, "EQ")


def _kind(series: str) -> Kind:
    if series == "EQ":
        return Kind.SHARE
    return Kind.OTHER_SHARE if series in TRADE_FOR_TRADE else Kind.BOND


def _paise(rupees: object) -> int | None:
    """Rupees as paise, rounded down to a whole one; None for zero."""
    return int(Decimal(str(rupees)) * 100) or None


def _whole(number: object) -> int | None:
    return None if number is None else int(Decimal(str(number))) or None
