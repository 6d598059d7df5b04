"""Any file of market history: which one it is, and what is in it.

A file is told by its columns or its first line; one that is known and not read is refused by
name, one that is unknown by the columns that were expected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.domain.calendar import Calendar
from core.errors import BadInput
from core.providers import (
    adjusted_file,
    bse_actions,
    factors,
    flow_files,
    google_minutes,
    index_file,
    intraday_file,
    mapping,
    nse_actions,
    option_files,
    participant_file,
    plain_bars,
)
from core.providers.action_files import read_listed
from core.providers.adjusted_file import AdjustedFile
from core.providers.bar_file import BarFile, Refusal, on_calendar
from core.providers.files import AUTO, LAYOUTS, layout_of, read_bars
from core.providers.flow_files import FlowFile
from core.providers.index_file import IndexFile
from core.providers.intraday_file import IntradayFile
from core.providers.not_read import refuse_known
from core.providers.option_files import OptionFile
from core.providers.participant_file import ParticipantFile
from core.providers.table import Table
from core.providers.table_files import read_table, text_of

HEAD = 500  # characters by which a text without columns is told
MARKET_ACTIVITY = ("MA", "ma")


@dataclass(frozen=True, slots=True)
class ActionFile:
    """A list of corporate actions or of adjustment factors, for `munim data actions import`."""

    name: str
    format: str
    rows: int
    read: int
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


MarketFile = (
    BarFile
    | AdjustedFile
    | IndexFile
    | IntradayFile
    | FlowFile
    | ParticipantFile
    | OptionFile
    | ActionFile
)


def open_market_file(
    path: Path,
    calendar: Calendar,
    *,
    fmt: str = AUTO,
    columns: Mapping[str, str] | None = None,
) -> MarketFile:
    """What a file holds.

    Args:
        fmt: a layout of daily bars, when the columns must not tell.
        columns: columns of a plain table of bars that a person named, by field.

    Raises:
        BadInput: the file is missing, empty, malformed, or not one that is read.
    """
    if columns:
        return _raw(mapping.read_mapped(path, columns), calendar)
    if fmt != AUTO:
        return _raw(read_bars(path, fmt), calendar)
    if not path.is_file() or path.stat().st_size == 0:
        read_table(path)  # which says so
    refuse_known(path)
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if ending == "json":
        return _answer(path)
    if ending == "xls":
        return flow_files.parse_sheet(path)
    if ending not in ("parquet", "xlsx", "xlsm"):
        told = _by_text(path, calendar)
        if told is not None:
            return told
    return _by_columns(read_table(path), path, calendar)


def _by_text(path: Path, calendar: Calendar) -> MarketFile | None:
    """Files that are no table, or whose header does not come first."""
    head = text_of(path)[:HEAD]
    if google_minutes.is_google(head):
        return google_minutes.parse(path, calendar)
    if participant_file.is_daily(head):
        return participant_file.parse_daily(path)
    if flow_files.is_wide(head):
        return flow_files.parse_wide(path, calendar)
    if path.name.startswith(MARKET_ACTIVITY) and head.startswith(","):
        return index_file.parse_market_activity(path)
    return None


def _by_columns(table: Table, path: Path, calendar: Calendar) -> MarketFile:
    if option_files.is_bhavcopy(table):
        return option_files.parse_bhavcopy(table)
    if participant_file.is_collection(table):
        return participant_file.parse_collection(table)
    if flow_files.is_tidy(table):
        return flow_files.parse_tidy(table, calendar)
    layout = layout_of(table)
    if layout == plain_bars.NAME:
        if index_file.is_index_table(table):
            return index_file.parse(table)
        if bse_actions.is_csv(table) or nse_actions.is_csv(table):
            read = len(read_listed(path))
            note = f"{table.rows - read} rows of other series or without an ex-date left out"
            notes = (note,) if read < table.rows else ()
            return ActionFile(path.name, "corporate actions", table.rows, read, notes=notes)
        if factors.is_factor_list(path):
            read = len(factors.read_factors(path))
            return ActionFile(path.name, "adjustment factors", table.rows, read)
        if intraday_file.is_intraday(table):
            return intraday_file.parse(table, calendar)
    return _raw(LAYOUTS[layout][1](table), calendar)


def _raw(bars: BarFile, calendar: Calendar) -> BarFile | AdjustedFile:
    """Raw bars on the exchange's days; prices that are no whole paise were adjusted by someone."""
    if bars.format == plain_bars.NAME and adjusted_file.is_adjusted(bars.rows):
        return adjusted_file.split_off(bars, calendar)
    return on_calendar(bars, calendar)


def _answer(path: Path) -> MarketFile:
    """A JSON answer: an option chain, or a list of corporate actions."""
    if path.name.lower().endswith(".gz") or '"expiryDates"' in path.read_text("utf-8", "replace"):
        return option_files.parse_answer(path)
    read = len(read_listed(path))
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{path.name}: not a JSON text that can be read, {error}") from None
    rows = len(answer) if isinstance(answer, list) else read
    return ActionFile(path.name, "corporate actions", rows, read)
