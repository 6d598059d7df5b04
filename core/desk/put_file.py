"""Writes one file of market history that is no list of daily bars, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from core.domain.words import counted
from core.errors import BadInput
from core.panel import IntradayBars
from core.providers.adjusted_file import AdjustedFile
from core.providers.bar_file import BarFile, Refusal
from core.providers.flow_files import FlowFile
from core.providers.index_file import IndexFile
from core.providers.index_names import index_name, is_index
from core.providers.intraday_file import IntradayFile
from core.providers.market_files import ActionFile, MarketFile
from core.providers.option_files import OptionFile
from core.providers.participant_file import ParticipantFile
from core.providers.renames import current_symbol
from core.store import adjusted_bars, flows, index_bars, intraday, option_chain

NO_BARS = IndexFile | IntradayFile | FlowFile | ParticipantFile | OptionFile | AdjustedFile


def put_file(tx: Session, file: NO_BARS, isins: Mapping[str, str]) -> int:
    """Write what is new in a file; says how many rows changed.

    Args:
        isins: by the symbol of today; bars inside the day are kept under them.
    """
    if isinstance(file, IndexFile):
        return index_bars.put(
            tx, file.index.tolist(), file.day, file.values, file.divisor, file.name
        )
    if isinstance(file, IntradayFile):
        return intraday.put(tx, keyed(file, isins), file.name)
    if isinstance(file, FlowFile):
        return flows.put(tx, file.day, file.who, file.segment, file.amounts, file.name)
    if isinstance(file, ParticipantFile):
        return flows.put_positions(tx, file.day, file.measure, file.client, file.counts, file.name)
    if isinstance(file, AdjustedFile):
        return adjusted_bars.put(tx, file.symbol, file.day, file.values, file.name)
    return option_chain.put(
        tx,
        file.underlying.tolist(),
        file.taken_at,
        file.kind,
        file.expiry,
        file.strike,
        file.values,
        file.name,
    )


def keyed(file: IntradayFile, isins: Mapping[str, str]) -> IntradayBars:
    """The bars under the share's ISIN or the index's name; raises BadInput for neither."""
    bars = file.bars
    key = isins.get(current_symbol(file.symbol))
    if key is None:
        if not is_index(file.symbol):
            raise BadInput(
                f"{file.name}: {file.symbol} is no share of the universe and no index; begin the "
                "file's name with the symbol, as in RELIANCE_5min.csv"
            )
        key = index_name(file.symbol)
    return IntradayBars(
        key, bars.minutes, bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume
    )


def taken(file: MarketFile) -> int:
    """Rows of a file that can be stored; a strike of an option chain counts once."""
    if isinstance(file, BarFile):
        return len(file.rows)
    if isinstance(file, IntradayFile):
        return len(file.bars)
    if isinstance(file, ActionFile):
        return file.read
    return file.rows - len(file.refused)


def rows_in(file: MarketFile) -> int:
    """Rows that a file holds, taken, refused and left out."""
    if isinstance(file, BarFile):
        return len(file.rows) + len(file.refused) + file.left_out
    return file.rows


def sentence(file: MarketFile) -> str:
    """What a file is and what of it is taken, with the first refusal."""
    if isinstance(file, BarFile):
        return file.words
    words = f"{file.name} ({file.format}): {taken(file)} of {file.rows} rows"
    for note in file.notes:
        words += f"; {note}"
    return words + refusals(file.refused)


def refusals(refused: tuple[Refusal, ...]) -> str:
    """How many rows were refused and why the first was, empty where none was."""
    if not refused:
        return ""
    first = refused[0]
    named = f" {first.symbol}" if first.symbol else ""
    return (
        f"; {counted(len(refused), 'row')} refused, first line {first.line}{named}: {first.reason}"
    )
