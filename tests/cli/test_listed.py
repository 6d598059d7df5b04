from pathlib import Path

from core.desk.desk import Desk
from tests.cli.terminal import Terminal
from tests.providers.test_masters import FYERS, KITE


def test_masters_are_loaded_listed_and_searched(munim: Terminal, desk: Desk, tmp_path: Path):
    assert munim("data", "masters").out.strip() == "no instrument master is loaded"
    nothing = munim("data", "search", "sbin")
    assert nothing.code == 2 and "munim data masters FILE" in nothing.sentence
    (tmp_path / "kite.csv").write_text(KITE, encoding="utf-8")
    (tmp_path / "fyers.csv").write_text(FYERS, encoding="utf-8")
    loaded = munim(
        "data", "masters", str(tmp_path / "kite.csv"), str(tmp_path / "fyers.csv"), "--json"
    )
    assert [(one["broker"], one["exchange"], one["rows"]) for one in loaded.document] == [
        ("kite", "NSE", 4),
        ("kite", "NFO", 2),
        ("fyers", "NSE", 2),
    ]
    [sbin] = munim("data", "search", "state", "bank", "--json").document
    assert (sbin["symbol"], sbin["brokers"], sbin["isin"]) == (
        "SBIN",
        "Kite, Fyers",
        "INE062A01020",
    )
    assert ["Kite", "SBIN", "779521"] in sbin["tokens"]
    assert "Kite 779521" in munim("data", "search", "sbin").out
    assert munim("data", "search", "zzz").out.strip() == "No instrument is called zzz."


def test_one_broken_master_refuses_them_all(munim: Terminal, desk: Desk, tmp_path: Path):
    (tmp_path / "kite.csv").write_text(KITE, encoding="utf-8")
    (tmp_path / "odd.csv").write_text("a,b\n", encoding="utf-8")
    said = munim("data", "masters", str(tmp_path / "kite.csv"), str(tmp_path / "odd.csv"))
    assert said.code == 2 and "odd.csv looks like no master" in said.sentence
    assert munim("data", "masters").out.strip() == "no instrument master is loaded"


def test_a_universe_is_imported_shown_listed_and_dropped(
    munim: Terminal, desk: Desk, tmp_path: Path
):
    path = tmp_path / "mine.csv"
    path.write_text("Ticker,Why\nSBIN,bank\nWIPRO,software\n", encoding="utf-8")
    said = munim("data", "universe", "import", "mine", str(path), "--as-of", "2026-01-31")
    assert said.out.strip() == "mine: 2 shares as of 2026-01-31, 2 joined, 0 left"
    path.write_text("Ticker,Why\nSBIN,bank\n", encoding="utf-8")
    later = munim(
        "data",
        "universe",
        "import",
        "mine",
        str(path),
        "--as-of",
        "2026-02-27",
        "--column",
        "Ticker",
    )
    assert later.out.strip() == "mine: 1 shares as of 2026-02-27, 0 joined, 1 left"
    then = munim("data", "universe", "show", "mine", "--on", "2026-02-01", "--json").document
    assert [(row["symbol"], row["until"]) for row in then] == [
        ("SBIN", ""),
        ("WIPRO", "2026-02-27"),
    ]
    listed = munim("data", "universe", "list", "--json").document
    assert [(row["name"], row["shares"], row["ever"]) for row in listed] == [
        ("munim", 174, 174),
        ("mine", 1, 2),
    ]
    assert munim("data", "universe", "drop", "mine").out.strip() == "mine is taken away"
    both = munim("data", "universe", "import", "mine")
    assert both.code == 2 and "give a file or --watchlist NAME" in both.sentence
