"""Contract notes and tradebooks in the terminal: generate, compare, take in, take back."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.csv_file import write_csv
from core.cli.options import BY, Json, day
from core.cli.show import answer, table
from core.desk.accept_statement import accept, undo
from core.desk.desk import open_desk
from core.desk.notes import Comparison, NoteSheet, compare, generate_note
from core.desk.taken_in import imports
from core.domain.clock import ist_day
from core.domain.statement import Statement, StatementKind
from core.domain.words import rupees
from core.errors import BadInput
from core.providers.statement_file import read_statement
from core.views.notes import group_words

note_group = typer.Typer(help="Contract notes of a login's day.", no_args_is_help=True)
book_group = typer.Typer(help="Tradebooks of a broker.", no_args_is_help=True)
LOGIN = typer.Option(..., help="The login's id.")
CSV = typer.Option("", help="Also write the lines to this new CSV file.")
LABELS = {
    "brokerage": "Brokerage",
    "exchange": "Exchange transaction charges",
    "sebi": "SEBI turnover fees",
    "gst": "GST",
    "stt": "Securities transaction tax",
    "stamp": "Stamp duty",
}


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(note_group, name="note")
    app.add_typer(book_group, name="tradebook")


@note_group.command("generate")
def generate(
    login: str = LOGIN,
    on: str = typer.Option("", "--date", help="YYYY-MM-DD, today at the market when left out."),
    csv: str = CSV,
    json: Json = False,
) -> None:
    """The note of a day as a broker would print it, out of the books."""
    desk = open_desk()
    when = day(on, name="--date") if on else ist_day(desk.clock.now())
    sheet = generate_note(desk, login, when)
    if csv:
        write_csv(_file_rows(sheet), Path(csv))
    if json:
        answer(_note_document(sheet), as_json=True)
        return
    table(_trade_rows(sheet), as_json=False, empty="")
    table(_line_rows(sheet), as_json=False, empty="")
    note = sheet.note
    if group_words(sheet):
        typer.echo(group_words(sheet))
    typer.echo(
        f"bought {rupees(note.bought)}, sold {rupees(note.sold)}, charges "
        f"{rupees(note.charges.total)} (books {rupees(sheet.booked.total)}), net "
        f"{rupees(note.net, signed=True)}"
    )


@note_group.command("compare")
def compare_note(file: Path, login: str = LOGIN, csv: str = CSV, json: Json = False) -> None:
    """A broker's note beside the books, line by line; nothing is written."""
    _compare(file, login, StatementKind.NOTE, csv, json)


@note_group.command("import")
def import_note(file: Path, login: str = LOGIN, json: Json = False) -> None:
    """Book what a note says beyond the books: trades, prices and charges; undo takes it back."""
    _take_in(file, login, StatementKind.NOTE, json)


@book_group.command("compare")
def compare_book(file: Path, login: str = LOGIN, csv: str = CSV, json: Json = False) -> None:
    """A tradebook beside the books, trade by trade; nothing is written."""
    _compare(file, login, StatementKind.TRADEBOOK, csv, json)


@book_group.command("import")
def import_book(file: Path, login: str = LOGIN, json: Json = False) -> None:
    """Book what a tradebook says beyond the books; undo takes it back."""
    _take_in(file, login, StatementKind.TRADEBOOK, json)


@note_group.command("imports")
@book_group.command("imports")
def list_imports(json: Json = False) -> None:
    """Files that were taken in, newest first."""
    with open_desk().store.read() as tx:
        rows: list[dict[str, object]] = [
            {
                "id": one.id,
                "file": one.name,
                "kind": one.kind,
                "login": one.login_id,
                "at": one.at,
                "did": one.sentence,
                "taken_back": one.undone or None,
            }
            for one in imports(tx)
        ]
    table(rows, as_json=json, empty="No file was taken in.")


@note_group.command("undo")
@book_group.command("undo")
def take_back(import_id: str, json: Json = False) -> None:
    """Reverse all that an import booked."""
    done = undo(open_desk(), import_id, by=BY)
    answer(done, as_json=json, words=f"{done.name} is taken back: {done.sentence}")


def _read(file: Path, kind: StatementKind) -> Statement:
    if not file.is_file():
        raise BadInput(f"{file.name}: there is no such file; check the path")
    found = read_statement(file.name, file.read_bytes())
    if found.kind is not kind:
        raise BadInput(
            f"{file.name} is a {found.kind}, not a {kind}; use munim "
            f"{'note' if found.kind is StatementKind.NOTE else 'tradebook'}"
        )
    return found


def _take_in(file: Path, login: str, kind: StatementKind, json: bool) -> None:
    done = accept(open_desk(), login, _read(file, kind), by=BY)
    answer(done, as_json=json, words=f"{done.id}: {done.sentence}")


def _compare(file: Path, login: str, kind: StatementKind, csv: str, json: bool) -> None:
    found = compare(open_desk(), login, _read(file, kind))
    rows = _pair_rows(found)
    if csv:
        write_csv(rows, Path(csv))
    if json:
        answer(_comparison_document(found, rows), as_json=True)
        return
    typer.echo(f"{file.name}: {found.statement.layout}, {len(found.statement.trades)} trades")
    for words in (*found.statement.left_out, *found.unknown):
        typer.echo(f"left out {words}")
    table(rows, as_json=False, empty="No trade on either side.")
    if found.sheet is not None:
        table(_line_rows(found.sheet), as_json=False, empty="")
    if found.net_off is not None:
        typer.echo(f"net amount {rupees(found.net_off, signed=True)} beyond the generated note")
    typer.echo("taken in" if found.taken_in else "agrees" if found.agrees else "differs")


def _pair_rows(found: Comparison) -> list[dict[str, object]]:
    return [
        {
            "day": pair.on,
            "symbol": pair.symbol,
            "finding": pair.finding,
            "broker_shares": pair.stated.qty if pair.stated else None,
            "book_shares": pair.booked_qty if pair.booked else None,
            "broker_price_paise": pair.stated.price if pair.stated else None,
            "book_price_paise": pair.booked[0].price if pair.booked else None,
            "price_off_paise": pair.price_off,
            "value_off_paise": pair.value_off,
            "trade": pair.stated.trade_id if pair.stated else pair.booked[0].trade_id,
        }
        for pair in found.pairs
    ]


def _line_rows(sheet: NoteSheet) -> list[dict[str, object]]:
    return [
        {
            "item": line.item,
            "books_paise": line.booked,
            "note_paise": line.generated,
            "broker_paise": line.stated,
            "off_paise": line.off if line.stated is not None else None,
        }
        for line in sheet.lines
    ]


def _trade_rows(sheet: NoteSheet) -> list[dict[str, object]]:
    return [
        {
            "order": one.order_id,
            "trade": one.trade_id,
            "symbol": one.symbol,
            "exchange": one.exchange,
            "shares": one.qty,
            "price_paise": one.price,
            "value_paise": one.value,
            "product": one.product,
            "account": one.account_id,
        }
        for one in sheet.note.trades
    ]


def _file_rows(sheet: NoteSheet) -> list[dict[str, object]]:
    """Trades and, below them, the charges and sums, as `munim note compare` reads them back."""
    trades: list[dict[str, object]] = [
        {
            "trade_date": sheet.on,
            "symbol": one.symbol,
            "isin": one.isin,
            "exchange": one.exchange,
            "side": "buy" if one.qty > 0 else "sell",
            "quantity": abs(one.qty),
            "price_paise": one.price,
            "product": one.product,
            "account": one.account_id,
            "order_id": one.order_id,
            "trade_id": one.trade_id,
            "value_paise": one.value,
        }
        for one in sheet.note.trades
    ]
    note = sheet.note
    charged = dict(note.charges.items)
    below = [
        *((label, charged[item]) for item, label in LABELS.items()),
        ("Pay in/pay out obligation", note.obligation),
        ("Net amount", note.net),
    ]
    blank = dict.fromkeys(trades[0], "")
    return [*trades, *({**blank, "trade_date": of, "value_paise": sum} for of, sum in below)]


def _note_document(sheet: NoteSheet) -> dict[str, object]:
    """The shape that `munim note compare` reads back."""
    note = sheet.note
    return {
        "kind": StatementKind.NOTE,
        "login": sheet.login.id,
        "broker": note.broker,
        "date": sheet.on,
        "trades": [
            {
                "symbol": one.symbol,
                "isin": one.isin,
                "exchange": one.exchange,
                "qty": one.qty,
                "price": one.price,
                "trade_id": one.trade_id,
                "order_id": one.order_id,
            }
            for one in note.trades
        ],
        "charges": note.charges,
        "charges_total": note.charges.total,
        "obligation": note.obligation,
        "net": note.net,
        "lines": _line_rows(sheet),
        "booked_total": sheet.booked.total,
    }


def _comparison_document(found: Comparison, rows: list[dict[str, object]]) -> dict[str, object]:
    return {
        "file": found.statement.name,
        "layout": found.statement.layout,
        "kind": found.statement.kind,
        "login": found.login.id,
        "days": found.statement.days,
        "agrees": found.agrees,
        "taken_in": found.taken_in,
        "pairs": rows,
        "value_off": found.value_off,
        "lines": _line_rows(found.sheet) if found.sheet is not None else [],
        "net_off": found.net_off,
        "left_out": found.statement.left_out,
        "unknown": found.unknown,
    }
