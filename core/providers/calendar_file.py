"""Reads the committed trading calendar, a JSON file of dates, hours and their sources."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from core.domain.calendar import (
    BlockTable,
    Calendar,
    Entry,
    Phase,
    PhaseTable,
    SpecialSession,
    Window,
)
from core.domain.halts import HaltStep, HaltTable
from core.errors import BadInput


def load_calendar(path: Path) -> Calendar:
    """The calendar in a file; raises BadInput naming the file and what is wrong with it."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"the calendar {path.name} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise BadInput(f"the calendar {path.name} has no {error}; add it") from None
    except (ValueError, TypeError, AttributeError, BadInput) as error:
        raise BadInput(f"the calendar {path.name} cannot be understood: {error}") from None


def parse(text: str) -> Calendar:
    """A calendar from JSON text; raises KeyError or ValueError on a malformed one."""
    fields: dict[str, Any] = json.loads(text)
    specials = [_special(row) for row in fields["special_sessions"]]
    return Calendar(
        first=date.fromisoformat(fields["first"]),
        last=date.fromisoformat(fields["last"]),
        holidays=frozenset(
            date.fromisoformat(f"{year}-{day}")
            for year, days in fields["holidays"].items()
            for day in days
        ),
        specials={special.day: special for special in specials},
        settlement_holidays=frozenset(
            date.fromisoformat(day) for day in fields["settlement_holidays"]["days"]
        ),
        settlement_lags=tuple(
            (date.fromisoformat(row["from"]), int(row["days"])) for row in fields["settlement"]
        ),
        tables=tuple(_table(row) for row in fields["phases"]),
        blocks=tuple(_blocks(row) for row in fields["block_windows"]),
    )


def _special(row: dict[str, Any]) -> SpecialSession:
    return SpecialSession(
        day=date.fromisoformat(row["day"]),
        name=row["name"],
        trading=_stretches(row.get("trading", [])),
        hours_known=row.get("hours_known", True),
    )


def _table(row: dict[str, Any]) -> PhaseTable:
    return PhaseTable(
        valid_from=date.fromisoformat(row["from"]),
        plain=_windows(row["plain"]),
        derivative=_windows(row["derivative"]),
        source=row["source"],
    )


def load_halts(path: Path) -> tuple[HaltTable, ...]:
    """The market-wide halts in the calendar's file; raises BadInput as load_calendar does."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["market_halts"]
        return tuple(_halts(row) for row in rows)
    except OSError as error:
        raise BadInput(f"the calendar {path.name} cannot be read: {error.strerror}") from None
    except (KeyError, ValueError, TypeError) as error:
        raise BadInput(f"the halts in {path.name} cannot be understood: {error}") from None


def _halts(row: dict[str, Any]) -> HaltTable:
    return HaltTable(
        valid_from=date.fromisoformat(row["from"]),
        steps=tuple(
            HaltStep(
                move_pct=int(step["move_pct"]),
                until=None if step["until"] == "24:00" else time.fromisoformat(step["until"]),
                lasts=None if step["minutes"] is None else timedelta(minutes=step["minutes"]),
            )
            for step in row["steps"]
        ),
        source=row["source"],
    )


def _blocks(row: dict[str, Any]) -> BlockTable:
    return BlockTable(
        valid_from=date.fromisoformat(row["from"]),
        windows=_stretches(row["windows"]),
        minimum_rupees=int(row["minimum_rupees"]),
        range_pct=int(row["range_pct"]),
        source=row["source"],
    )


def _stretches(rows: list[list[str]]) -> tuple[tuple[time, time], ...]:
    return tuple((time.fromisoformat(starts), time.fromisoformat(ends)) for starts, ends in rows)


def _windows(rows: list[list[str]]) -> tuple[Window, ...]:
    return tuple(
        Window(
            Phase(phase), time.fromisoformat(starts), time.fromisoformat(ends), Entry(entry), *note
        )
        for phase, starts, ends, entry, *note in rows
    )
