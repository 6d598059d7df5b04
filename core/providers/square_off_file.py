"""Reads the committed square-off times, a JSON file of dated rows with their sources."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path
from typing import Any

from core.domain.account import Broker
from core.domain.money import Money
from core.domain.square_off import CutOff, CutOffs
from core.errors import BadInput


def load_cut_offs(path: Path) -> CutOffs:
    """The rows in a file; raises BadInput naming the file and what is wrong with it."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return CutOffs(tuple(_row(row) for row in rows))
    except OSError as error:
        raise BadInput(f"square-offs in {path.name} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise BadInput(f"square-offs in {path.name} have a row without {error}; add it") from None
    except (ValueError, TypeError, ArithmeticError, BadInput) as error:
        raise BadInput(f"square-offs in {path.name} cannot be understood: {error}") from None


def _row(row: dict[str, Any]) -> CutOff:
    return CutOff(
        broker=Broker(row["broker"]),
        valid_from=date.fromisoformat(row["from"]),
        plain=time.fromisoformat(row["plain"]),
        derivative=time.fromisoformat(row["derivative"]),
        minutes_before_end=int(row["minutes_before_end"]),
        fee=Money.rupees(row["fee"]),
        source=row["source"],
    )
