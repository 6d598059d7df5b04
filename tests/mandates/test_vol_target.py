"""The weight that brings a full book to its volatility target."""

import math

import numpy as np
import pytest

from core.domain.candidate import Comovement
from core.mandates.reach import reach
from core.mandates.vol_target import target_weight, vol_after, weight_to_target
from tests.made import a_book, a_candidate, a_held, a_mandate, a_signal, rs


def test_the_last_place_closes_the_gap_exactly():
    # book 15 % a year, share 30 %, covariance 0.02: 0.0225 + 2 w 0.02 + 0.09 w² = 0.18²
    moves = Comovement(0.0225, 0.02, 0.3)
    weight = weight_to_target(0.18, 0.30, moves, places=1, side=1)
    assert 0.0225 + 2 * weight * 0.02 + 0.09 * weight**2 == pytest.approx(0.18**2)
    assert weight == pytest.approx(0.1770, abs=1e-4)


def test_an_empty_book_shares_the_target_among_its_places():
    # 12 alike at 30 % correlated at 0.3: 0.18 / (0.30 x sqrt(12 x 4.3)) = 0.0835
    weight = weight_to_target(0.18, 0.30, Comovement(0.0, 0.0, 0.3), places=12, side=1)
    assert weight == pytest.approx(0.0835, abs=1e-4)


def test_alike_shares_one_after_another_end_at_the_target():
    vol, pairs, count = 0.30, 0.4, 10
    weights: list[float] = []
    for place in range(count):
        held = np.array(weights)
        book = vol**2 * ((1 - pairs) * (held**2).sum() + pairs * held.sum() ** 2)
        moves = Comovement(float(book), float(vol**2 * pairs * held.sum()), pairs)
        weights.append(weight_to_target(0.2, vol, moves, places=count - place, side=1))
    assert weights == pytest.approx([weights[0]] * count)
    end = np.array(weights)
    variance = vol**2 * ((1 - pairs) * (end**2).sum() + pairs * end.sum() ** 2)
    assert math.sqrt(variance) == pytest.approx(0.2)


def test_where_the_other_places_cannot_take_their_part_this_one_takes_more():
    # two other places of at most 10 % in shares of 20 %: 2 % of risk each, at the floor of 0.05
    # 0.2² = x² + 2 x (2 x 0.05 x 0.02) + 2 (1 + 0.05) 0.02², so x = 0.1959 of 60 % a year
    moves = Comovement(0.0, 0.0, 0.0, usual_vol=0.20)
    weight = weight_to_target(0.20, 0.60, moves, places=3, side=1, most=0.10)
    assert weight == pytest.approx(0.3265, abs=1e-4)
    # 0.20 / sqrt(3 x 1.1) of risk each where nothing holds the others
    assert weight_to_target(0.20, 0.60, moves, places=3, side=1) == pytest.approx(0.1835, abs=1e-4)


def test_a_wild_share_counts_on_calmer_ones_for_the_rest_of_the_room():
    # 4 places of 0.14 / sqrt(4 x 1.9) = 5.1 % of risk: 8.5 % of a share of 60 % a year and, of
    # shares of 20 %, the 10 % that one may weigh each, 38 % in all; of 30 % only 2 more fit
    wild = a_candidate(vol=0.60, moves=Comovement(0.0, 0.0, 0.3, usual_vol=0.20))
    rules = a_mandate(positions_max=4, vol_target=0.14)
    roomy = target_weight(wild, rules, held=0, gross_left=0.9)
    tight = target_weight(wild, rules, held=0, gross_left=0.3)
    assert tight > roomy > 0.085


def test_a_book_over_its_target_takes_nothing_that_adds_to_it():
    assert weight_to_target(0.18, 0.3, Comovement(0.04, 0.01, 0.3), places=3, side=1) == 0.0


def test_a_short_sale_against_the_book_has_more_room_than_a_purchase():
    moves = Comovement(0.0225, 0.02, 0.3)
    sold = weight_to_target(0.18, 0.30, moves, places=1, side=-1)
    assert sold > weight_to_target(0.18, 0.30, moves, places=1, side=1)
    falling = a_candidate(moves=moves, signal=a_signal(direction=-1))
    assert vol_after(falling, -sold) == pytest.approx(0.18)


def test_without_a_covariance_a_usual_correlation_stands_in():
    candidate = a_candidate(vol=0.30)
    assert target_weight(candidate, a_mandate(), held=5) == pytest.approx(0.0835, abs=1e-4)
    assert vol_after(candidate, 0.1) is None
    assert weight_to_target(0.18, float("nan"), Comovement(0, 0, 0.3), places=1, side=1) == 0.0


def test_an_account_says_what_keeps_it_from_its_target():
    rules = a_mandate(positions_max=2)
    full = a_book(positions=(a_held("A"), a_held("B")), gross=0.1, cash_free=rs(900_000))
    said = reach(rules, full, 0.05)
    assert not said.is_near
    assert said.words == (
        "5.0 % a year of a target of 18.0 %; it stays under it because all 2 places of at most "
        "10 % are filled."
    )
    assert reach(a_mandate(), full, 0.05).words.endswith("places are still free.")
    assert reach(a_mandate(), full, 0.17).is_near
    geared = a_book(gross=0.94, cash_free=rs(60_000))
    assert "94 % of a limit of 95 %" in reach(a_mandate(), geared, 0.10).words
    broke = a_book(gross=0.5, cash_free=rs(55_000))
    assert "₹55,000 is free and ₹50,000 must stay" in reach(a_mandate(), broke, 0.10).words
    assert "not measured" in reach(a_mandate(), full, math.nan).words
