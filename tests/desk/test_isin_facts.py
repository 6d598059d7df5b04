import numpy as np

from core.desk.isin_facts import earlier_isins
from core.domain.instrument import CapClass, Instrument
from core.providers.bar_file import BarFile, BarRows

NEWEST = "INE999Z01030"
SHARE = Instrument(NEWEST, "SPLITTER", "Splitter", "Power", CapClass.SMALL)


def file_of(*isins: str) -> BarFile:
    """One session for each ISIN that the symbol SPLITTER carried, in turn."""
    ones = np.ones(len(isins))
    days = [f"2026-11-{place + 10}" for place in range(len(isins))]
    symbols = np.array(["SPLITTER"] * len(isins))
    line, day = np.arange(len(isins)), np.array(days, dtype="datetime64[D]")
    rows = BarRows(line, symbols, np.array(isins), day, ones, ones, ones, ones, ones)
    return BarFile("bhavcopy.csv", "bhavcopy", rows)


def test_a_chain_of_splits_in_a_file_is_followed_back_from_the_universe():
    found = earlier_isins([SHARE], [file_of("INE999Z01014", "INE999Z01022", NEWEST)])
    assert [(one.isin, one.successor) for one in found] == [
        ("INE999Z01022", NEWEST),
        ("INE999Z01014", "INE999Z01022"),
    ]


def test_an_isin_newer_than_the_universes_is_left_to_its_next_edition():
    assert earlier_isins([SHARE], [file_of(NEWEST, "INE999Z01048")]) == []


def test_dated_facts_are_there_without_a_file():
    trent = Instrument("INE849A01020", "TRENT", "Trent", "Retail", CapClass.LARGE)
    (found,) = earlier_isins([trent])
    assert (found.isin, found.since.isoformat()) == ("INE849A01012", "2016-09-14")
