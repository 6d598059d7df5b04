"""`munim tax`: the sheet of a year, its parts as files, and brought losses."""

from pathlib import Path

import pytest

from core.desk.desk import Desk
from tests.cli.terminal import Terminal


def test_a_year_is_one_document(munim: Terminal, desk: Desk):
    said = munim("tax", "--year", "2026-27", "--json").document
    assert said["year"] == "2026-27" and "2025" in said["law"]
    assert [row["head"] for row in said["gains"]] == ["speculative", "short term", "long term"]
    assert said["total_paise"] == said["tax_paise"] + said["surcharge_paise"] + said["cess_paise"]
    assert said["open"] and all(row["days_until_long"] > 0 for row in said["open"])


def test_a_person_reads_the_sheet_and_that_it_is_no_advice_once(munim: Terminal, desk: Desk):
    said = munim("tax", "--year", "2026-27").out
    assert said.startswith("2026-27, ")
    assert said.count("not tax advice") == 1


def test_open_lots_go_to_a_file(munim: Terminal, desk: Desk, tmp_path: Path):
    file = tmp_path / "lots.csv"
    assert munim("tax", "--year", "2026", "--part", "open", "--csv", str(file)).code == 0
    head, *rows = file.read_text().splitlines()
    assert head.startswith("login,symbol,isin,shares,acquired,how,cost,mark,unrealised,term")
    assert rows


def test_a_brought_loss_is_kept_and_shown(munim: Terminal, desk: Desk):
    said = munim("tax", "brought", "--login", "paper", "--head", "short term",
                 "--year", "2024-25", "--amount", "1000")  # fmt: skip
    assert said.out.strip() == "₹1,000.00 short term loss of 2024-25, until 2032-33"
    sheet = munim("tax", "--year", "2026-27", "--json").document
    assert sheet["brought"] == [{"head": "short term", "year": 2024, "amount_paise": 100_000}]
    back = ("tax", "brought", "--login", "paper", "--head", "short term", "--year", "2024-25",
            "--amount", "0")  # fmt: skip
    assert munim(*back).out.strip() == "No loss is brought."
    again = munim(*back)
    assert again.code == 2 and "no short term loss of 2024-25 was brought" in again.sentence


def test_schedule_112a_and_advance_tax_go_to_files(munim: Terminal, desk: Desk, tmp_path: Path):
    for part, words in (("112A", "no row to write"), ("advance", "no row to write")):
        said = munim("tax", "--year", "2026", "--part", part, "--csv", str(tmp_path / "x.csv"))
        assert said.code == 2 and words in said.sentence
    assert munim("tax", "--year", "2026", "--json").document["advance"] == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("tax",), "needs --year"),
        (("tax", "--year", "last"), "no financial year"),
        (("tax", "--year", "2026", "--login", "moon"), "no login has the id moon"),
        (("tax", "--year", "2026", "--slab", "x"), "--slab 'x' is no percent"),
        (("tax", "--year", "2026", "--part", "all"), "none of sold, open"),
        (("tax", "brought", "--login", "paper", "--head", "odd", "--year", "2024", "--amount",
          "1"), "use short term"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(munim: Terminal, desk: Desk, typed, words: str):
    said = munim(*typed)
    assert said.code == 2 and words in said.sentence
