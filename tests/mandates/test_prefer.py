"""A preference orders what is good enough, and does nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.mandates.prefer import preferred_first
from core.mandates.size import allocate
from tests.made import a_book, a_candidate, a_mandate, free

SECTORS = {"A": "Energy", "B": "IT", "C": "Power", "D": "IT"}
letters = st.lists(st.sampled_from("ABCDX"), unique=True)
liked = st.frozensets(st.sampled_from(["Energy", "IT", "Power"]))


def test_shares_of_preferred_sectors_come_first_and_keep_their_order():
    mandate = a_mandate(sectors_preferred=frozenset({"IT"}))
    assert preferred_first("ABCD", SECTORS, mandate) == ("B", "D", "A", "C")


def test_without_a_preference_the_order_stands():
    assert preferred_first("DCBA", SECTORS, a_mandate()) == ("D", "C", "B", "A")


@given(letters, liked)
def test_no_share_is_added_and_none_turned_away(ranked: list[str], sectors: frozenset[str]):
    mandate = a_mandate(sectors_preferred=sectors)
    assert sorted(preferred_first(ranked, SECTORS, mandate)) == sorted(ranked)


def test_a_preferred_sector_buys_no_more_and_passes_no_other_rule():
    # RELIANCE is of the sector Energy
    sized = [
        allocate(a_candidate(), a_mandate(sectors_preferred=sectors), a_book(), charges=free)
        for sectors in (frozenset(), frozenset({"Energy"}))
    ]
    assert sized[0] == sized[1] and sized[0].qty > 0
