"""What an account is kept out of before anything is ranked, with counts and a sentence each."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.instrument import CapClass, Series, Surveillance
from core.domain.mandate import Holding
from core.mandates.filters import FILTERS, NAMES, Standing, filtered, why
from tests.made import a_book, a_held, a_mandate, rs
from tests.made.slate import a_slate, some_shares

FIRST = "INE000A01018"


def standing(book=None, **rules):
    return Standing(a_mandate(**rules), book or a_book())


def changed(**of_first):
    """Six candidates of which the first share differs."""
    first, *rest = some_shares(6)
    return a_slate(shares=(replace(first, **of_first), *rest))


def of_first(values, value):
    return np.concatenate(([value], np.asarray(values, dtype=float)[1:]))


def test_a_clean_slate_is_kept_whole():
    found = filtered(a_slate(), standing())
    assert (found.counts, found.kept.tolist()) == ((), [0, 1, 2, 3, 4, 5])
    assert why(a_slate(), standing(), found, 0) == ""


@pytest.mark.parametrize(
    ("name", "slate", "account", "words"),
    [
        ("Already held", a_slate(), standing(a_book(positions=(a_held(FIRST),))), "holds or is"),
        ("Card waits", a_slate(), replace(standing(), waiting=frozenset({FIRST})), "waits for a"),
        (
            "Cooling off", a_slate(),
            replace(standing(cooling_off_sessions=5), left={FIRST: 4, "INE001A01018": 5}),
            "left S000 4 sessions ago and waits 5",
        ),
        ("Traded universe", changed(is_traded=False), standing(), "no traded universe"),
        ("Banned name", a_slate(), standing(isins_banned=frozenset({FIRST})), "S000 is banned"),
        ("Banned sector", a_slate(), standing(sectors_banned=frozenset({"Energy"})), "Energy is"),
        ("Size class", changed(cap_class=CapClass.SMALL), standing(), "mandate takes large, mid"),
        ("Series", changed(series=Series.BE), standing(), "series BE; only EQ"),
        ("Surveillance", changed(surveillance=Surveillance.GSM), standing(), "GSM list"),
        (
            "Surveillance", changed(surveillance=Surveillance.ASM),
            standing(holding=Holding.DAY), "ASM list",
        ),
        (
            "Turnover", a_slate(turnover=of_first(np.full(6, 2e9), 4e7)), standing(),
            "trades ₹4.00 Cr; the mandate asks for ₹5.00 Cr",
        ),
        (
            "Turnover", a_slate(turnover=of_first(np.full(6, 2e9), np.nan)), standing(),
            "trades nothing",
        ),
        (
            "Data quality", a_slate(quality=of_first(np.full(6, 100), 59)), standing(),
            "score 59, the floor is 60",
        ),
        (
            "Earnings window", a_slate(to_results=of_first(np.full(6, np.inf), 2)), standing(),
            "reports in 2 sessions; no entry within 2",
        ),
        (
            "Ex-date", a_slate(to_ex_date=of_first(np.full(6, np.inf), 10)), standing(),
            "goes ex in 10 sessions, within the 10",
        ),
    ],
)  # fmt: skip
def test_one_share_is_turned_down_by_one_filter_in_its_words(name, slate, account, words):
    found = filtered(slate, account)
    assert found.counts == ((name, 1),)
    assert found.turned_down(name).tolist() == [0]
    assert words in why(slate, account, found, 0)


@pytest.mark.parametrize(
    ("name", "slate", "account", "words"),
    [
        (
            "No free place", a_slate(), standing(a_book(positions=(a_held(),)), positions_max=1),
            "Open positions: 1 of at most 1.",
        ),
        (
            "No cash for a ticket", a_slate(), standing(a_book(cash_free=rs(59_999))),
            "₹59,999 is free and ₹50,000 must stay; the smallest ticket is ₹10,000",
        ),
        ("Strategy", a_slate(), standing(strategies=frozenset({"event drift"})), "Momentum is not"),
        (
            "Horizon", a_slate(horizon_sessions=22), standing(horizon_months=1),
            "held up to 22 sessions and the mandate's horizon is 1 month",
        ),
        ("Direction", a_slate(direction=-1), standing(), "sells nothing short"),
    ],
)  # fmt: skip
def test_what_concerns_the_account_turns_every_share_down(name, slate, account, words):
    found = filtered(slate, account)
    assert found.counts == ((name, 6),)
    assert words in why(slate, account, found, 5)


def test_a_mandate_for_the_day_sells_short_where_it_may_and_has_no_horizon():
    account = standing(horizon_months=1, holding=Holding.DAY, shorts=True)
    assert filtered(a_slate(direction=-1, horizon_sessions=99), account).counts == ()


def test_the_first_no_is_counted_so_that_counts_add_up():
    slate = changed(cap_class=CapClass.SMALL, sector="Banks", surveillance=Surveillance.GSM)
    account = standing(sectors_banned=frozenset({"Banks", "IT"}))
    found = filtered(slate, account)
    assert found.counts == (("Banned sector", 2),)
    assert sum(n for _, n in found.counts) + len(found.kept) == len(slate)


def test_every_filter_has_a_name_of_its_own():
    assert len(set(NAMES)) == len(FILTERS)
