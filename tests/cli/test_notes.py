"""`munim note` and `munim tradebook`: generate, compare, import, undo."""

import json
from pathlib import Path

import pytest

from core.desk.desk import Desk
from tests.cli.terminal import Terminal
from tests.desk.made_trades import traded

ON = "2026-11-20"
HEADS = ("symbol,isin,trade_date,exchange,segment,series,trade_type,auction,quantity,price,"
         "trade_id,order_id,order_execution_time")  # fmt: skip


@pytest.fixture
def book(desk: Desk, tmp_path: Path) -> Path:
    """A tradebook that has one trade five paise dearer than the books."""
    fill = traded(desk, ON, 100, "500")
    file = tmp_path / "book.csv"
    file.write_text(
        f"{HEADS}\n{fill.symbol},{fill.isin},{ON},NSE,EQ,EQ,buy,false,100,500.05,{fill.trade_id},"
        f"O1,{ON}T10:00:00\n"
    )
    return file


def test_a_generated_note_is_read_back_and_agrees(munim: Terminal, desk: Desk, tmp_path: Path):
    traded(desk, ON, 100, "500")
    said = munim("note", "generate", "--login", "paper", "--date", ON, "--json")
    note = said.document
    # ₹50,000 at 0.003070 % is 1.535: each item rounded by itself, 50 + 8 + 1.53 + 0.05 + 0.29
    assert note["charges"]["stt_paise"] == 5_000 and note["charges"]["stamp_paise"] == 800
    assert note["net_paise"] == -5_000_000 - note["charges_total_paise"]
    assert abs(note["charges_total_paise"] - note["booked_total_paise"]) <= 100
    file = tmp_path / "note.json"
    file.write_text(said.out)
    found = munim("note", "compare", str(file), "--login", "paper", "--json").document
    assert (found["agrees"], found["net_off_paise"]) == (True, 0)
    typed = tmp_path / "note.csv"
    munim("note", "generate", "--login", "paper", "--date", ON, "--csv", str(typed))
    found = munim("note", "compare", str(typed), "--login", "paper", "--json").document
    assert (found["agrees"], found["net_off_paise"]) == (True, 0)
    assert [pair["broker_shares"] for pair in found["pairs"]] == [100]
    shown = munim("note", "generate", "--login", "paper", "--date", ON).out
    assert "bought ₹50,000.00, sold ₹0.00" in shown


def test_a_note_that_differs_is_taken_in_and_taken_back(
    munim: Terminal, desk: Desk, tmp_path: Path
):
    traded(desk, ON, 100, "500")
    note = munim("note", "generate", "--login", "paper", "--date", ON, "--json").document
    note["charges"]["brokerage_paise"] = 2_000
    file = tmp_path / "note.json"
    file.write_text(json.dumps(note))
    assert munim("note", "compare", str(file), "--login", "paper").out.endswith("differs\n")
    done = munim("note", "import", str(file), "--login", "paper", "--json").document
    assert done["sentence"] == "charges corrected in 1 account"
    rows = munim("note", "imports", "--json").document
    assert [(row["id"], row["taken_back"]) for row in rows] == [(done["id"], None)]
    assert "is taken back" in munim("note", "undo", done["id"]).out
    assert munim("note", "undo", done["id"]).code == 2


def test_a_tradebook_is_compared_line_by_line_and_taken_in(
    munim: Terminal, book: Path, tmp_path: Path
):
    lines = tmp_path / "lines.csv"
    found = munim("tradebook", "compare", str(book), "--login", "paper", "--csv", str(lines),
                  "--json").document  # fmt: skip
    (row,) = found["pairs"]
    assert (row["finding"], row["price_off_paise"], row["value_off_paise"]) == (
        "price differs",
        5,
        500,
    )
    assert len(lines.read_text().splitlines()) == 2
    said = munim("tradebook", "compare", str(book), "--login", "paper").out
    assert said.startswith("book.csv: Zerodha tradebook, 1 trades") and said.endswith("differs\n")
    done = munim("tradebook", "import", str(book), "--login", "paper")
    assert "1 price booked anew" in done.out
    again = munim("tradebook", "import", str(book), "--login", "paper")
    assert again.code == 2 and "was taken in at" in again.sentence


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("note", "generate", "--login", "paper", "--date", "2026-01-02"), "there is no note"),
        (("note", "generate", "--login", "moon", "--date", ON), "no login has the id moon"),
        (("note", "compare", "none.csv", "--login", "paper"), "there is no such file"),
        (("note", "undo", "x"), "nothing was taken in as x"),
    ],
)
def test_what_cannot_be_is_one_sentence(munim: Terminal, desk: Desk, typed, words: str):
    said = munim(*typed)
    assert said.code == 2 and words in said.sentence


def test_a_tradebook_is_no_note_and_a_pdf_is_neither(munim: Terminal, book: Path, tmp_path: Path):
    said = munim("note", "compare", str(book), "--login", "paper")
    assert said.code == 2 and "is a tradebook, not a contract note" in said.sentence
    pdf = tmp_path / "note.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    said = munim("note", "compare", str(pdf), "--login", "paper")
    assert said.code == 2 and "export the tradebook as CSV or Excel" in said.sentence
    assert munim("note", "imports").out.strip() == "No file was taken in."
