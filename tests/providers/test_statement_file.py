"""Tradebooks and notes of three brokers, as CSV, Excel and JSON, and what is refused."""

import io
import json
from datetime import date
from pathlib import Path

import pytest

from core.domain.money import Money
from core.domain.statement import StatementKind
from core.errors import BadInput
from core.providers.statement_file import read_statement

ZERODHA = """symbol,isin,trade_date,exchange,segment,series,trade_type,\
auction,quantity,price,trade_id,order_id,order_execution_time
ALPHAX,INE001A01011,2025-09-05,NSE,EQ,EQ,buy,false,10.000000,100.000000,TB1,OB1,2025-09-05T10:00:00
BETAX,INE002B01010,2025-09-06,BSE,EQ,A,sell,false,5.000000,200.050000,TB2,OB2,2025-09-06T11:00:00
NEWLIST,,2025-09-07,BSE,EQ,B,buy,false,50.000000,10.000000,TB3,OB3,2025-09-07T12:00:00
NIFTY25SEPFUT,,2025-09-07,NSE,FO,,buy,false,50.000000,10.000000,TB4,OB4,2025-09-07T12:00:00
"""
UPSTOX = """Date,Company,Amount,Exchange,Segment,Scrip Code,Instrument Type,Strike Price,\
Expiry,Trade Num,Trade Time,Side,Quantity,Price
20-11-2026,MIDCO,"5,000.00",NSE,EQ,MIDCO,Equity,,,T77,10:31:04,Buy,10,500
"""
FYERS = """symbol,tradeDate,orderDateTime,side,tradedQty,tradePrice,orderNumber,tradeNumber,exchange
NSE:SBIN-EQ,,20-Nov-2026 10:31:04,1,10,500.5,O9,T9,
NSE:SBIN-EQ,,20-Nov-2026 10:32:04,-1,4,501,O10,T10,
"""
NOTE = """Some Broker Limited
Trade Date,20-11-2026
Order No.,Trade No.,Security / Contract Description,Buy(B) / Sell(S),Exchange,Quantity,\
Gross Rate / Trade Price Per Unit (Rs),Net Total
O1,T1,MIDCO,B,NSE,100,500.00,-50000.00
O2,T2,MIDCO,S,NSE,100,520.00,52000.00
Pay in/Pay out obligation,,,,,,,"2,000.00"
Taxable value of supply (Brokerage),,,,,,,0.00
Exchange transaction charges,,,,,,,(3.13)
CGST (@9% of Brokerage),,,,,,,0.29
SGST (@9% of Brokerage),,,,,,,0.29
Securities transaction tax,,,,,,,102.00
SEBI turnover fees,,,,,,,0.10
Stamp duty,,,,,,,8.00
"Net amount receivable/(payable by client)",,,,,,,"1,886.19"
"""


def read(text: str, name: str = "file.csv"):
    return read_statement(name, text.encode())


def test_zerodha_s_tradebook_is_read_and_futures_are_counted_as_left_out():
    book = read(ZERODHA)
    assert (book.kind, book.layout) == (StatementKind.TRADEBOOK, "Zerodha tradebook")
    assert [(t.symbol, t.isin, t.qty, t.price, t.on, t.trade_id) for t in book.trades] == [
        ("ALPHAX", "INE001A01011", 10, Money(100_00), date(2025, 9, 5), "TB1"),
        ("BETAX", "INE002B01010", -5, Money(200_05), date(2025, 9, 6), "TB2"),
        ("NEWLIST", "", 50, Money(10_00), date(2025, 9, 7), "TB3"),
    ]
    assert book.left_out == ("1 of segment fo",)
    assert book.charges is None and len(book.digest) == 12


def test_the_older_tradebook_without_auction_is_read_too():
    older = "\n".join(
        ",".join(cell for at, cell in enumerate(row.split(",")) if at not in (5, 7))
        for row in ZERODHA.splitlines()
    )
    assert [t.qty for t in read(older).trades] == [10, -5, 50]


def test_upstox_s_and_fyers_columns_are_found_by_name():
    upstox, fyers = read(UPSTOX), read(FYERS)
    assert upstox.layout == "Upstox trades"
    assert [(t.symbol, t.qty, t.price, t.on) for t in upstox.trades] == [
        ("MIDCO", 10, Money(500_00), date(2026, 11, 20))
    ]
    assert [(t.symbol, t.exchange, t.qty, t.on, t.order_id) for t in fyers.trades] == [
        ("SBIN", "NSE", 10, date(2026, 11, 20), "O9"),
        ("SBIN", "NSE", -4, date(2026, 11, 20), "O10"),
    ]


def test_a_note_has_its_charges_by_their_labels():
    note = read(NOTE)
    assert (note.kind, note.on) == (StatementKind.NOTE, date(2026, 11, 20))
    assert [t.qty for t in note.trades] == [100, -100]
    assert dict(note.charges.items) == {
        "brokerage": Money(0), "stt": Money(102_00), "exchange": Money(3_13), "sebi": Money(10),
        "stamp": Money(8_00), "gst": Money(58), "dp": Money(0),
    }  # fmt: skip
    assert (note.obligation, note.net) == (Money(2000_00), Money(1886_19))


def test_a_tradebook_in_excel_has_its_headings_below():
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(5):
        sheet.append([None])
    sheet.append(["Client ID", "AB1234"])
    for _ in range(7):
        sheet.append([None])
    sheet.append(["Symbol", "ISIN", "Trade Date", "Exchange", "Segment", "Series", "Trade Type",
                  "Auction", "Quantity", "Price", "Trade ID", "Order ID",
                  "Order Execution Time"])  # fmt: skip
    sheet.append(["ALPHAX", "INE001A01011", date(2025, 9, 5), "NSE", "EQ", "EQ", "buy", False, 10,
                  100.05, 12345, 678, "2025-09-05T10:00:00"])  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    (trade,) = read_statement("tradebook.xlsx", out.getvalue()).trades
    assert (trade.on, trade.price, trade.trade_id) == (date(2025, 9, 5), Money(100_05), "12345")


def test_the_desk_s_own_note_is_read_back():
    charges = {f"{name}_paise": 1 for name in ("brokerage", "stt", "exchange", "sebi", "stamp",
                                               "gst")}  # fmt: skip
    trade = {"symbol": "MIDCO", "isin": "INE000000001", "qty": -4, "price_paise": 50_000}
    text = json.dumps({"date": "2026-11-20", "charges": charges, "trades": [trade],
                       "obligation_paise": 200_000, "net_paise": 199_994})  # fmt: skip
    note = read(text, "note.json")
    assert (note.charges.total, note.net, note.trades[0].qty) == (Money(6), Money(199_994), -4)
    with pytest.raises(BadInput, match="a note as JSON needs 'charges'"):
        read('{"date": "2026-11-20"}', "note.json")
    with pytest.raises(BadInput, match="this JSON is no contract note"):
        read("[", "note.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("a,b,c\n1,2,3\n", r"no row heads a symbol.*has a, b, c"),
        (ZERODHA.splitlines()[0] + "\n", "a heading and no trade under it"),
        (ZERODHA.replace("10.000000,100", "10.5,100"), r"line 2: '10\.5' is no whole number"),
        (ZERODHA.replace("200.050000", "200.051"), r"line 3: the price 200\.051 is no whole"),
        (ZERODHA.replace("200.050000", "-"), r"line 3: '-' is no price above 0"),
        (ZERODHA.replace(",buy,", ",gift,"), "line 2: 'gift' is neither a purchase nor a sale"),
        (ZERODHA.replace("INE001A01011", "=CMD()"), r"line 2: '=CMD\(\)' is no ISIN"),
        (ZERODHA.replace("200.050000", "1e30"), "line 3: 5 shares at .* is more than 100000000 at"),
        (UPSTOX.replace("20-11-2026", "someday").replace("10:31:04", ""), "no day is read from"),
        (NOTE.replace("O1,T1", "O1,T1") + ZERODHA.replace("2025-09-06", "2025-09-08"), ""),
    ],
)
def test_what_is_no_statement_is_one_sentence(text: str, words: str):
    if not words:
        assert read(text).kind is StatementKind.NOTE
        return
    with pytest.raises(BadInput, match=words) as refusal:
        read(text)
    assert "file.csv" in str(refusal.value)


def test_a_pdf_is_refused_by_its_name_and_by_its_bytes():
    for name, content in (("note.pdf", b"x"), ("note.csv", b"%PDF-1.7")):
        with pytest.raises(BadInput, match="export the tradebook as CSV or Excel"):
            read_statement(name, content)


def test_a_file_that_is_no_text_and_no_excel_is_refused():
    with pytest.raises(BadInput, match="no UTF-8 text"):
        read_statement("file.csv", b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not an Excel file"):
        read_statement("file.xlsx", b"no zip")
    with pytest.raises(BadInput, match="at most 20000000 are read"):
        read_statement("file.csv", b"x" * 20_000_001)


@pytest.mark.realdata
def test_the_console_s_documented_shape_is_read():
    shapes = Path(__file__).resolve().parents[3] / "shared/data/broker/zerodha_console_formats.md"
    if not shapes.exists():
        pytest.skip("the shared broker files are not beside this checkout")
    text = shapes.read_text(encoding="utf-8")
    block = next(part for part in text.split("```") if part.lstrip().startswith("symbol,isin"))
    book = read(block.strip() + "\n", "tradebook-AB1234-EQ.csv")
    assert [t.symbol for t in book.trades] == ["ALPHAX", "BETAX", "NEWLIST"]
    assert book.layout == "Zerodha tradebook"


def test_a_tradebook_with_the_note_s_charge_lines_typed_below_is_a_note():
    lines = [line for line in ZERODHA.splitlines() if "ALPHAX" in line or "symbol" in line]
    typed = "\n".join([*lines, "Brokerage,20", "Securities transaction tax,1", "GST,3.60"])
    note = read(typed)
    assert (note.kind, note.on) == (StatementKind.NOTE, date(2025, 9, 5))
    assert note.charges.total == Money(24_60)


def test_an_item_with_its_sum_and_its_parts_counts_once():
    both = NOTE.replace("SGST (@9% of Brokerage),,,,,,,0.29",
                        "SGST (@9% of Brokerage),,,,,,,0.29\nTotal GST,,,,,,,0.58\n"
                        "Brokerage,,,,,,,0.00")  # fmt: skip
    assert read(both).charges == read(NOTE).charges


def test_a_note_whose_lines_do_not_add_up_is_refused_with_the_line_that_was_not_read():
    odd = NOTE.replace("Stamp duty,,,,,,,8.00", "Stamping,,,,,,,8.00")
    with pytest.raises(BadInput, match=r"net amount is ₹1,886\.19; .*for instance stamping"):
        read(odd)


def test_a_note_that_prints_what_the_client_pays_above_zero_is_turned_round():
    # bought for 50,000 only: 50,000 and 113.81 of charges are paid
    paid = "\n".join(line for line in NOTE.splitlines() if "T2" not in line)
    paid = paid.replace('"2,000.00"', '"50,000.00"').replace('"1,886.19"', '"50,113.81"')
    note = read(paid)
    assert (note.obligation, note.net) == (Money(-50_000_00), Money(-50_113_81))


def test_a_trade_that_stands_twice_is_refused_with_both_lines():
    again = ZERODHA + ZERODHA.splitlines()[1] + "\n"
    with pytest.raises(BadInput, match="line 6: trade TB1 of ALPHAX stands on line 2 already"):
        read(again)


@pytest.mark.parametrize("wrong", [{"qty": 0}, {"price_paise": 0}])
def test_a_trade_of_nothing_in_json_is_refused(wrong: dict[str, int]):
    charges = {f"{name}_paise": 1 for name in ("brokerage", "stt", "exchange", "sebi", "stamp",
                                               "gst")}  # fmt: skip
    trade = {"symbol": "MIDCO", "qty": -4, "price_paise": 50_000} | wrong
    text = json.dumps({"date": "2026-11-20", "charges": charges, "trades": [trade],
                       "obligation_paise": 0, "net_paise": 0})  # fmt: skip
    with pytest.raises(BadInput, match="no contract note, trade 1 is of"):
        read(text, "note.json")
