"""NSE's lists of corporate actions: the answer of its site, the CSV it offers, the daily `bc` file.

`faceVal` is the face value after a split, which is what rights of that day are issued at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.domain.clock import IST
from core.errors import BadInput
from core.providers.bar_file import SERIES_WANTED
from core.providers.listed_action import ListedAction
from core.providers.table import NO_VALUE, Table

SOURCE = "NSE"
DAY = "%d-%b-%Y"
STAMP = "%d-%b-%Y %H:%M:%S"
PURPOSE = ("PURPOSE", "SUBJECT")
EX_DATE = ("EX_DATE", "EX-DATE", "EX DATE", "EX_DT")
FACE_VALUE = ("FACE_VALUE", "FACE VALUE")


def read_json(path: Path) -> list[ListedAction]:
    """The answer of NSE's corporate-actions call; raises BadInput naming what is missing."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{path.name}: not a JSON text that can be read, {error}") from None
    if isinstance(rows, dict) and isinstance(rows.get("data"), list):
        rows = rows["data"]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput(f"{path.name}: expected a list of actions, one object each")
    return [
        _listed(path.name, place, row)
        for place, row in enumerate(rows, 1)
        if str(row.get("exDate", "")).strip() not in NO_VALUE
    ]


def is_csv(table: Table) -> bool:
    """Whether a table has NSE's columns."""
    return table.has("SYMBOL") and any(map(table.has, PURPOSE)) and any(map(table.has, EX_DATE))


def read_csv(table: Table) -> list[ListedAction]:
    """NSE's CSV or daily `bc` file; rows without an ex-date and of other series are left out."""
    ex_dates = [_day(table, str(text)) for text in table.texts(_one_of(table, EX_DATE))]
    subjects = table.texts(_one_of(table, PURPOSE))
    faces = [""] * table.rows
    if any(map(table.has, FACE_VALUE)):
        faces = [str(text) for text in table.texts(_one_of(table, FACE_VALUE))]
    series = table.texts("SERIES") if table.has("SERIES") else [SERIES_WANTED[0]] * table.rows
    return [
        ListedAction(
            SOURCE, ex_date, str(subject), symbol=str(symbol), face_value=face_value_of(face)
        )
        for symbol, ex_date, subject, face, kind in zip(
            table.texts("SYMBOL"), ex_dates, subjects, faces, series, strict=True
        )
        if ex_date is not None and kind in SERIES_WANTED
    ]


def face_value_of(text: str) -> Decimal | None:
    """Rupees, or None where the list has none."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and value > 0 else None


def _listed(name: str, place: int, row: Mapping[str, Any]) -> ListedAction:
    try:
        return ListedAction(
            source=SOURCE,
            ex_date=datetime.strptime(row["exDate"].strip(), DAY).date(),  # noqa: DTZ007
            subject=str(row["subject"]),
            isin=str(row["isin"]).strip(),
            symbol=str(row["symbol"]).strip(),
            face_value=face_value_of(str(row.get("faceVal") or "")),
            known_at=_published(row.get("caBroadcastDate")),
        )
    except (KeyError, ValueError, AttributeError) as error:
        raise BadInput(
            f"{name}, action {place}: {error!r}; expected symbol, isin, subject and an exDate "
            "like 06-Apr-2026"
        ) from None


def _published(text: object) -> datetime | None:
    if not isinstance(text, str) or text.strip() in NO_VALUE:
        return None
    return datetime.strptime(text.strip(), STAMP).replace(tzinfo=IST).astimezone(UTC)


def _day(table: Table, text: str) -> date | None:
    if text in NO_VALUE:
        return None
    for form in (DAY, "%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise BadInput(f"{table.name}: found the ex-date {text!r}, expected one like 06-Apr-2026")


def _one_of(table: Table, names: Sequence[str]) -> str:
    return next(name for name in names if table.has(name))
