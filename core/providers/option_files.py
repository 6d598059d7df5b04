"""Options and futures of a day: NSE's option-chain answer, and the old derivatives bhavcopy.

Both are snapshots: the answer says its moment, the bhavcopy is taken as of the regular close.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.clock import IST
from core.errors import BadInput
from core.panel import Floats
from core.providers.bar_file import Refusal
from core.providers.table import Table

BHAVCOPY = (
    "INSTRUMENT",
    "SYMBOL",
    "EXPIRY_DT",
    "STRIKE_PR",
    "OPTION_TYP",
    "SETTLE_PR",
    "CONTRACTS",
    "OPEN_INT",
    "CHG_IN_OI",
    "TIMESTAMP",
)
DAYS = ("%d-%b-%Y", "%d-%b-%y", "%Y-%m-%d")
CLOSE = time(15, 30)
ANSWER = {
    "last": "lastPrice",
    "bid": "bidprice",
    "ask": "askPrice",
    "implied_vol": "impliedVolatility",
    "open_interest": "openInterest",
    "change_in_oi": "changeinOpenInterest",
    "volume": "totalTradedVolume",
    "underlying_price": "underlyingValue",
}
PRICES = ("last", "bid", "ask", "implied_vol")  # where 0 means that there is none


@dataclass(frozen=True, slots=True)
class OptionFile:
    """Contracts as arrays of one length; `rows` counts the file's, a strike of an answer one."""

    name: str
    format: str
    rows: int
    taken_at: datetime
    underlying: NDArray[np.str_]
    kind: tuple[str, ...]
    expiry: NDArray[np.datetime64]
    strike: Floats
    values: dict[str, Floats]
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


def is_bhavcopy(table: Table) -> bool:
    """Whether a table is a derivatives bhavcopy."""
    return table.has(*BHAVCOPY)


def parse_answer(path: Path) -> OptionFile:
    """NSE's option-chain answer, plain or gzipped; raises BadInput naming what is missing."""
    try:
        raw = path.read_bytes()
        answer = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        records = answer["records"]
        at = datetime.strptime(records["timestamp"], "%d-%b-%Y %H:%M:%S").replace(tzinfo=IST)
        found = [
            (strike["expiryDate"], kind, float(strike["strikePrice"]), strike[kind])
            for strike in records["data"]
            for kind in ("CE", "PE")
            if kind in strike
        ]
        expiry = np.array(
            [datetime.strptime(day, "%d-%b-%Y").date() for day, *_ in found],  # noqa: DTZ007
            dtype="datetime64[D]",
        )
        values = {name: _numbers(found, key) for name, key in ANSWER.items()}
        underlying = np.array([str(one["underlying"]) for *_, one in found], dtype=np.str_)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}") from None
    except (EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{path.name}: not a JSON text that can be read, {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"{path.name}: is no option chain of NSE, found {error!r}; expected records with "
            "timestamp and data"
        ) from None
    if not found:
        raise BadInput(f"{path.name}: the option chain holds no contract")
    for name in PRICES:
        values[name][values[name] == 0] = np.nan
    return OptionFile(
        path.name,
        "option chain",
        len(records["data"]),
        at,
        underlying,
        tuple(kind for _, kind, *_ in found),
        expiry,
        np.array([strike for _, _, strike, _ in found]),
        values,
        notes=(
            f"{len(found)} contracts at {at:%H:%M} over {len(np.unique(expiry))} expiries, "
            f"{sum(kind == 'CE' for _, kind, *_ in found)} calls and "
            f"{sum(kind == 'PE' for _, kind, *_ in found)} puts",
        ),
    )


def parse_bhavcopy(table: Table) -> OptionFile:
    """The old derivatives bhavcopy; raises BadInput naming line and column."""
    days = table.days("TIMESTAMP", DAYS)
    if len(np.unique(days)) != 1:
        raise BadInput(f"{table.name}: holds {len(np.unique(days))} days, expected 1 a file")
    kind = table.texts("OPTION_TYP")
    kind = np.where(kind == "XX", "FUT", kind)
    strike = table.numbers("STRIKE_PR")
    expiry = table.days("EXPIRY_DT", DAYS)
    symbol = table.texts("SYMBOL")
    contracts = table.numbers("CONTRACTS")
    close = table.numbers("CLOSE")
    # what did not trade shows an old close; only the settlement price is of this day
    values = {
        "last": np.where(contracts > 0, close, np.nan),
        "settle": table.numbers("SETTLE_PR"),
        "open_interest": table.numbers("OPEN_INT"),
        "change_in_oi": table.numbers("CHG_IN_OI"),
        "volume": contracts,
    }
    order = np.lexsort((kind, strike, expiry, symbol))
    again = np.zeros(table.rows, dtype=bool)
    same = np.ones(table.rows - 1, dtype=bool)
    for one in (kind, strike, expiry, symbol):
        same &= one[order][1:] == one[order][:-1]
    again[order[1:][same]] = True
    unknown = ~np.isin(kind, ("CE", "PE", "FUT"))
    refused = tuple(
        Refusal(
            table.first_line + place,
            str(symbol[place]),
            "the contract stands on an earlier line"
            if again[place]
            else f"option type {kind[place]} is none of CE, PE and XX",
        )
        for place in np.flatnonzero(again | unknown).tolist()
    )
    kept = order[~(again | unknown)[order]]
    return OptionFile(
        table.name,
        "derivatives bhavcopy",
        table.rows,
        datetime.combine(days[0].item(), CLOSE, IST),
        symbol[kept],
        tuple(kind[kept].tolist()),
        expiry[kept],
        strike[kept],
        {name: one[kept] for name, one in values.items()},
        refused,
        (
            f"{int((kind == 'FUT').sum())} futures and {int((kind != 'FUT').sum())} options of "
            f"{len(np.unique(symbol))} underlyings, {int((contracts > 0).sum())} of them traded",
        ),
    )


def _numbers(found: list[tuple[str, str, float, Any]], key: str) -> Floats:
    return np.array([float(one[key]) for *_, one in found], dtype=np.float64)
