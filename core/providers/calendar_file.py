"""Reads the committed trading calendar, a JSON file of dates, hours and their sources."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path
from typing import Any

from core.domain.calendar import Calendar, Entry, Phase, PhaseTable, SpecialSession, Window
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
    )


def _special(row: dict[str, Any]) -> SpecialSession:
    return SpecialSession(
        day=date.fromisoformat(row["day"]),
        name=row["name"],
        trading=tuple(
            (time.fromisoformat(starts), time.fromisoformat(ends))
            for starts, ends in row.get("trading", [])
        ),
        hours_known=row.get("hours_known", True),
    )


def _table(row: dict[str, Any]) -> PhaseTable:
    return PhaseTable(
        valid_from=date.fromisoformat(row["from"]),
        plain=_windows(row["plain"]),
        derivative=_windows(row["derivative"]),
        source=row["source"],
    )


def _windows(rows: list[list[str]]) -> tuple[Window, ...]:
    return tuple(
        Window(Phase(phase), time.fromisoformat(starts), time.fromisoformat(ends), Entry(entry))
        for phase, starts, ends, entry in rows
    )
