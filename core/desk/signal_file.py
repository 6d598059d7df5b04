"""A file of signals that somebody brings: read strictly, nothing filled in that is not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.domain.event import EventType
from core.domain.signal import MIN_CASES
from core.errors import BadInput
from core.mandates.defaults import EVENT, MOMENTUM, STRATEGIES

MOST: Final = 1000  # signals in one file
KEYS: Final = frozenset(
    {"symbol", "direction", "strategy", "event", "edge", "target_first", "stop_first", "cases"}
)
WAYS: Final = {"up": 1, "buy": 1, "long": 1, "down": -1, "sell": -1, "short": -1, 1: 1, -1: -1}
ODDS: Final = ("edge", "target_first", "stop_first", "cases")


@dataclass(frozen=True, slots=True)
class FileSignal:
    """One signal of a file; odds are fractions out of `cases`, all four given or none.

    `edge` is the expected return after costs. Under 30 cases the edge counts as not measured.
    """

    symbol: str
    direction: int
    strategy: str
    event: EventType | None
    edge: float = 0.0
    target_first: float = 0.0
    stop_first: float = 0.0
    cases: int = 0

    @property
    def is_measured(self) -> bool:
        """Whether there are enough cases for its odds to size anything."""
        return self.cases >= MIN_CASES


def read_signals(path: Path) -> tuple[FileSignal, ...]:
    """The signals of a JSON file: one object, a list of them, or {"signals": [...]}.

    Raises:
        BadInput: no such file, no JSON, or a signal that cannot be read, by its number.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path.name}: there is no such file; check the path") from None
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as wrong:
        raise BadInput(f"{path.name} is no JSON document: {wrong}") from None
    if isinstance(told, dict) and told.keys() == {"signals"}:
        told = told["signals"]
    rows = told if isinstance(told, list) else [told]
    if not 1 <= len(rows) <= MOST:
        raise BadInput(f"{path.name} has {len(rows)} signals; give 1 to {MOST}")
    found = tuple(_signal(row, f"{path.name}, signal {n}") for n, row in enumerate(rows, 1))
    twice = sorted({one.symbol for one in found if sum(o.symbol == one.symbol for o in found) > 1})
    if twice:
        raise BadInput(f"{path.name} names {', '.join(twice)} more than once; give each share once")
    return found


def _signal(row: object, where: str) -> FileSignal:
    if not isinstance(row, dict) or not isinstance(row.get("symbol"), str) or not row["symbol"]:
        raise BadInput(f'{where}: write an object such as {{"symbol": "TCS", "direction": "up"}}')
    if strange := sorted(map(str, row.keys() - KEYS)):
        raise BadInput(f"{where} has {', '.join(strange)}; it may have {', '.join(sorted(KEYS))}")
    event = _event(row, where)
    strategy = row.get("strategy", EVENT if event else MOMENTUM)
    if strategy not in STRATEGIES:
        known = " or ".join(sorted(STRATEGIES))
        raise BadInput(f"{where}: {strategy!r} is no strategy; use {known}")
    way = row.get("direction", "up")
    if isinstance(way, bool) or not isinstance(way, str | int) or way not in WAYS:
        raise BadInput(f"{where}: direction {way!r} is neither up nor down")
    return FileSignal(row["symbol"].upper(), WAYS[way], strategy, event, **_odds(row, where))


def _event(row: Mapping[str, Any], where: str) -> EventType | None:
    told = row.get("event")
    if told is None:
        return None
    if told not in list(EventType):
        raise BadInput(f"{where}: {told!r} is no kind of event; use one of {', '.join(EventType)}")
    return EventType(told)


def _odds(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Edge and odds, all four or none."""
    given = [name for name in ODDS if row.get(name) is not None]
    if not given:
        return {}
    if len(given) < len(ODDS):
        lacks = ", ".join(name for name in ODDS if name not in given)
        raise BadInput(f"{where} has {', '.join(given)} but no {lacks}; give all four or none")
    for name in ODDS:
        told = row[name]
        if isinstance(told, bool) or not isinstance(told, int | float) or not _is_small(told):
            raise BadInput(f"{where}: {name} {told!r} is no number that can be used")
    edge, target, stop = (float(row[name]) for name in ODDS[:3])
    if not (0 <= target <= 1 and 0 <= stop <= 1 and target + stop <= 1):
        raise BadInput(
            f"{where}: target_first {target} and stop_first {stop} must be fractions that sum to "
            "at most 1"
        )
    if not -1 < edge < 1 or row["cases"] != int(row["cases"]) or row["cases"] < 0:
        raise BadInput(
            f"{where}: edge {edge} must be a fraction and cases {row['cases']} a whole number"
        )
    return {"edge": edge, "target_first": target, "stop_first": stop, "cases": int(row["cases"])}


def _is_small(number: float) -> bool:
    """Neither missing nor without end, nor so large that it means nothing."""
    return abs(number) < 1e9
