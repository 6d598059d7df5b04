"""A short position in an account's book: as large as a purchase, and moving the other way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.desk.comove import comovement
from core.desk.facts import ShareFacts
from core.mandates.after import book_after
from core.mandates.size import allocate
from core.mandates.slate import Covariances
from tests.made import MIDCO, RELIANCE, a_book, a_candidate, a_held, a_mandate, a_signal, free, rs
from tests.made.slate import a_slate
from tests.mandates.test_shorts import a_short, shorting


def facts(isin: str, *, seed: int) -> ShareFacts:
    moves = np.random.default_rng(seed).normal(0.0, 0.01, 59)
    return ShareFacts(
        isin=isin, close=rs(500), atr=rs(10), vol=0.2, rsi=50.0, skew=0.0,
        turnover_median=rs(500_000_000), volume_median=1e6, returns=moves, by_session=moves,
    )  # fmt: skip


@pytest.mark.parametrize("way", [1, -1])
def test_what_is_sold_short_moves_a_book_against_its_share(way: int):
    held = replace(a_held(MIDCO.isin), qty=way * 10)
    book = a_book(positions=(held,))
    same = {MIDCO.isin: facts(MIDCO.isin, seed=1)}
    found = comovement(facts(RELIANCE.isin, seed=1), same, book)
    assert found is not None
    # the same moves: a short of 5 % of equity pulls the other way as hard as 5 % bought
    assert found.with_book * way > 0
    assert found.book == pytest.approx(abs(found.with_book) * 0.05)


def test_a_candidate_that_moves_with_what_is_sold_short_adds_least():
    # S001 moves with the S000 that is sold short, S002 against it: as for a purchase, turned round
    matrix = 0.09 * np.array([[1.0, 0.8, -0.5], [0.8, 1.0, 0.0], [-0.5, 0.0, 1.0]])
    slate = a_slate(3, together=Covariances(a_slate(3).isins, matrix))
    sold = replace(a_held(isin="INE000A01018", value=500_000), qty=-10)
    # 0.5 of equity short: covariances of 0.09 x 0.8 and 0.09 x -0.5, each times -0.5
    variance, pulled = slate.pulled(a_book(positions=(sold,), gross=0.5))
    assert variance == pytest.approx(0.0225)
    assert pulled[1:] == pytest.approx([-0.036, 0.0225])


def test_what_is_sold_short_takes_room_as_a_purchase_does():
    sold = allocate(a_short(), shorting(), a_book(), charges=free)
    bought = allocate(a_candidate(signal=a_signal()), a_mandate(), a_book(), charges=free)
    for made, sign in ((sold, -1), (bought, 1)):
        after = book_after(a_book(), made, sector=RELIANCE.sector)
        assert after.positions[0].qty == sign * made.qty
        assert after.weight_of(RELIANCE.isin) == pytest.approx(made.weight_after)
        assert after.sector_weight(RELIANCE.sector) == pytest.approx(made.sector_after)
        assert after.gross == pytest.approx(made.gross_after)
        assert after.cash_free == a_book().cash_free - made.notional
