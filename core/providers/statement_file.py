"""Reads a broker's tradebook or contract note: CSV, Excel or JSON, columns found by their names.

A layout without the columns that a trade needs is refused with the columns that were seen. PDFs
are refused: every broker draws them otherwise, most are locked, and a misread digit is worse than
no answer. A tradebook with charge lines below its trades is a note.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import ParseError

from core.domain.charges import Charges
from core.domain.money import ZERO, Money
from core.domain.statement import StatedTrade, Statement, StatementKind, digest_of
from core.errors import BadInput
from core.providers.statement_checks import signed_sums, sound_trades
from core.providers.statement_json import parse_json
from core.providers.statement_words import (
    BUYS,
    NEEDED,
    NET,
    NOTE_DAY,
    OBLIGATION,
    SELLS,
    SHARES,
    charge_of,
    field_of,
    is_sum,
    layout_of,
    tidy,
)

BYTES_MAX = 20_000_000
DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d-%b-%Y", "%d %b %Y", "%d/%b/%Y", "%d.%m.%Y")
Grid = list[tuple[int, list[Any]]]


def read_statement(name: str, content: bytes) -> Statement:
    """A tradebook or note from a file's bytes; raises BadInput naming file, line and way out."""
    if not content:
        raise BadInput(f"{name}: the file is empty; export it again")
    if len(content) > BYTES_MAX:
        raise BadInput(f"{name}: {len(content)} bytes, at most {BYTES_MAX} are read; split it")
    ending = name.lower().rpartition(".")[2]
    if ending == "pdf" or content[:5] == b"%PDF-":
        raise BadInput(
            f"{name}: a PDF is not read, for every broker draws it otherwise; export the tradebook "
            "as CSV or Excel and, for the charges, type the note's charge lines below its trades"
        )
    if ending == "json":
        return parse_json(name, content)
    grid = _excel(name, content) if ending in ("xlsx", "xlsm") else _csv(name, content)
    return _parse(name, grid, digest_of(content))


def _parse(name: str, grid: Grid, digest: str) -> Statement:
    place, columns, heads = _header(name, grid)
    said = _note_day(grid[:place])
    trades, left_out, rest = _trades(name, grid[place + 1 :], columns, said)
    charges, obligation, net = _charges(name, [*grid[:place], *rest])
    sound_trades(name, trades)
    kind = StatementKind.TRADEBOOK if charges is None else StatementKind.NOTE
    days = sorted({one.on for one in trades})
    if kind is StatementKind.NOTE and len(days) > 1:
        raise BadInput(
            f"{name}: a contract note is of one day, and this one has {len(days)} of them; give "
            "one note at a time"
        )
    counted = {words: left_out.count(words) for words in dict.fromkeys(left_out)}
    return Statement(
        name=name,
        kind=kind,
        layout=layout_of(heads),
        trades=tuple(trades),
        digest=digest,
        charges=charges,
        obligation=obligation,
        net=net,
        left_out=tuple(f"{count} of {words}" for words, count in counted.items()),
        on=days[0] if kind is StatementKind.NOTE and days else None,
    )


def _header(name: str, grid: Grid) -> tuple[int, dict[str, int], set[str]]:
    """Where the headings stand: the first row that names side, quantity and price."""
    best: list[str] = []
    for place, (_, row) in enumerate(grid):
        heads = [tidy(cell) for cell in row]
        columns: dict[str, int] = {}
        for at, head in enumerate(heads):
            field = field_of(head)
            if field and field not in columns:
                columns[field] = at
        if all(field in columns for field in NEEDED) and {"symbol", "isin"} & set(columns):
            return place, columns, set(heads)
        if sum(bool(head) for head in heads) > len(best):
            best = [str(cell).strip() for cell in row if cell not in (None, "")]
    raise BadInput(
        f"{name}: no row heads a symbol or ISIN, a side, a quantity and a price; the fullest row "
        f"has {', '.join(best[:20]) or 'nothing'}. Zerodha's, Upstox's and Fyers' tradebooks are "
        "read as they are exported"
    )


def _trades(
    name: str, grid: Grid, columns: dict[str, int], said: date | None
) -> tuple[list[StatedTrade], list[str], Grid]:
    """Trades, what rows were left out, and the rows after the last trade."""
    trades: list[StatedTrade] = []
    left_out: list[str] = []
    rest: Grid = []

    def cell(row: Sequence[Any], field: str) -> Any:
        at = columns.get(field)
        return row[at] if at is not None and at < len(row) else None

    for line, row in grid:
        side = tidy(cell(row, "side"))
        if side not in BUYS | SELLS:
            if _number(cell(row, "qty")) is not None and side:
                raise BadInput(f"{name}, line {line}: {side!r} is neither a purchase nor a sale")
            rest.append((line, row))
            continue
        segment = tidy(cell(row, "segment"))
        if segment not in SHARES:
            left_out.append(f"segment {segment}")
            continue
        trades.append(_trade(name, line, row, cell, side in BUYS, said))
    if not trades and not left_out:
        raise BadInput(f"{name}: there is a heading and no trade under it; choose other days")
    return trades, left_out, rest


def _trade(
    name: str, line: int, row: Sequence[Any], cell: Any, is_buy: bool, said: date | None
) -> StatedTrade:
    shares, rate = _number(cell(row, "qty")), _number(cell(row, "price"))
    if shares is None or abs(shares) != int(abs(shares)) or not shares:
        raise BadInput(f"{name}, line {line}: {cell(row, 'qty')!r} is no whole number of shares")
    if rate is None or rate <= 0:
        raise BadInput(f"{name}, line {line}: {cell(row, 'price')!r} is no price above 0")
    price = Money.rupees(rate)
    if price.in_rupees != rate:
        raise BadInput(
            f"{name}, line {line}: the price {rate} is no whole number of paise, so it is an "
            "average; export single trades"
        )
    on = _day(cell(row, "day")) or _day(cell(row, "at")) or said
    if on is None:
        raise BadInput(
            f"{name}, line {line}: no day is read from {cell(row, 'day') or cell(row, 'at')!r}; "
            "write it as 2026-11-20"
        )
    symbol, exchange = _symbol(str(cell(row, "symbol") or ""))
    qty = int(abs(shares))
    return StatedTrade(
        line=line,
        on=on,
        symbol=symbol,
        isin=str(cell(row, "isin") or "").strip().upper(),
        exchange=(str(cell(row, "exchange") or "").strip().upper() or exchange)[:3],
        qty=qty if is_buy else -qty,
        price=price,
        trade_id=_id(cell(row, "trade")),
        order_id=_id(cell(row, "order")),
    )


def _charges(name: str, grid: Grid) -> tuple[Charges | None, Money | None, Money | None]:
    """Charges by their labels, each the last number of its row; None where no label is there.

    An item whose sum stands in the file is that sum, and else its lines together.
    """
    parts: dict[str, Money] = {}
    sums: dict[str, Money] = {}
    obligation = net = None
    unread: list[str] = []
    for _, row in grid:
        label = next((tidy(cell) for cell in row if tidy(cell) and _number(cell) is None), "")
        numbers = [value for cell in row if (value := _number(cell)) is not None]
        if not label or not numbers:
            continue
        amount = Money.rupees(numbers[-1])
        item = charge_of(label)
        if item:
            found = sums if is_sum(label) else parts
            found[item] = found.get(item, ZERO) + abs(amount)
        elif label in OBLIGATION:
            obligation = amount
        elif label in NET:
            net = amount
        else:
            unread.append(label)
    items = parts | sums
    charges = Charges(**items) if items else None
    return (charges, *signed_sums(name, charges, obligation, net, unread=unread))


def _note_day(grid: Grid) -> date | None:
    """The day that stands in a row of its own before the headings, as `Trade date, 20-11-2026`."""
    for _, row in grid:
        given = [cell for cell in row if cell not in (None, "")]
        if given and tidy(given[0]).rstrip(":") in NOTE_DAY:
            days = [found for cell in given[1:] if (found := _day(cell)) is not None]
            if days:
                return days[0]
    return None


def _symbol(text: str) -> tuple[str, str]:
    """`SBIN` and `NSE` of `NSE:SBIN-EQ`."""
    exchange, mark, rest = text.strip().upper().partition(":")
    symbol = rest if mark else exchange
    for series in ("-EQ", "-BE", "-A", "-B"):
        symbol = symbol.removesuffix(series)
    return symbol.strip(), exchange if mark else ""


def _id(cell: Any) -> str:
    text = str(cell if cell is not None else "").strip().strip("'")
    return text.removesuffix(".0")


def _number(cell: Any) -> Decimal | None:
    if cell is None or isinstance(cell, (bool, date)):
        return None
    text = str(cell).replace(",", "").replace("₹", "").strip()
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _day(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell or "").strip().replace("T", " ")
    for form in DAYS:
        for part in (text, " ".join(text.split()[:1]), " ".join(text.split()[:3])):
            try:
                return datetime.strptime(part, form).replace(tzinfo=UTC).date()
            except ValueError:
                continue
    return None


def _csv(name: str, content: bytes) -> Grid:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: byte {error.start} is no UTF-8 text, expected a CSV") from None
    mark = max(",;\t|", key=text.count)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=mark)
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadInput(f"{name}: not a CSV that can be read, {error}") from None


def _excel(name: str, content: bytes) -> Grid:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, OSError):
        raise BadInput(f"{name}: not an Excel file that can be read, expected .xlsx") from None
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    return [
        (line, row)
        for line, row in enumerate(rows, start=1)
        if any(cell not in (None, "") for cell in row)
    ]
