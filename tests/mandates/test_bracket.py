"""Where a buy goes in and comes out."""

from dataclasses import replace

import pytest

from core.domain.instrument import PriceBand
from core.domain.money import ZERO, Money
from core.errors import GuardrailRefused, NoData
from core.mandates.bracket import bracket, measured
from tests.made import a_candidate, a_mandate, a_playbook, a_quote, rs


def test_distances_are_atrs_from_the_last_trade():
    levels = bracket(a_candidate(), a_mandate())
    assert levels.entry_high == rs(1003)  # ask 1000 + 0.15 x 20
    assert levels.entry_low == rs(995)  # 1000 - 0.25 x 20
    assert (levels.stop, levels.target) == (rs(960), rs(1060))
    assert (levels.trail, levels.trail_from) == (rs(40), rs(1040))
    assert levels.reward_to_risk == pytest.approx(57 / 43)


def test_prices_are_multiples_of_the_tick():
    candidate = a_candidate(quote=a_quote(ltp=rs("1000.30"), ask=rs("1000.70")), atr=rs("19.37"),
                            tick=rs("0.50"))  # fmt: skip
    levels = bracket(candidate, a_mandate())
    for price in (levels.entry_low, levels.entry_high, levels.stop, levels.target, levels.trail):
        assert price.paise % 50 == 0


def test_the_playbook_may_tighten_the_stop_and_never_widen_it():
    tight = bracket(a_candidate(playbook=a_playbook(stop_atr=1.5)), a_mandate())
    wide = bracket(a_candidate(playbook=a_playbook(stop_atr=4.0)), a_mandate())
    assert (tight.stop, wide.stop) == (rs(970), rs(960))


def test_stop_and_target_stay_inside_the_band():
    levels = bracket(a_candidate(band=PriceBand(low=rs(980), high=rs(1030))), a_mandate())
    assert (levels.stop, levels.target) == (rs(980), rs(1030))


def test_no_atr_means_no_bracket():
    with pytest.raises(NoData, match="RELIANCE: ATR"):
        bracket(a_candidate(atr=ZERO), a_mandate())


def test_a_share_at_its_upper_circuit_leaves_no_room():
    candidate = a_candidate(band=PriceBand(low=rs(960), high=rs(1000)))
    with pytest.raises(GuardrailRefused, match="leaves no room"):
        bracket(candidate, a_mandate())


def test_a_trail_is_at_least_a_tick():
    mandate = replace(a_mandate(), trail_atr=0.0001)
    assert bracket(a_candidate(), mandate).trail == Money(10)


def test_a_trail_in_percent_is_signed_in_basis_points_and_shown_in_rupees():
    levels = bracket(a_candidate(), replace(a_mandate(), trail_pct=0.025))
    assert levels.trail_bps == 250
    assert levels.trail == rs(26)  # 2.5 % of 1040, where the trail begins
    assert bracket(a_candidate(), a_mandate()).trail_bps == 0


def test_the_target_is_the_mandates_and_odds_are_taken_at_the_distances_they_were_measured_at():
    far = a_mandate(stop_atr=1.0, target_atr=5.0)
    levels = bracket(a_candidate(), far)
    assert (levels.stop, levels.target) == (rs(980), rs(1100))
    # the playbook's 2 and 3 ATR from 1,003: 43 at risk for 57
    assert measured(a_candidate(), levels) == (rs(43), pytest.approx(57 / 43))
    near = bracket(a_candidate(), a_mandate(target_atr=2.0))
    assert measured(a_candidate(), near) == (rs(43), pytest.approx(37 / 43))
    plain = bracket(a_candidate(), a_mandate())
    assert measured(a_candidate(), plain) == (rs(43), pytest.approx(plain.reward_to_risk))


def test_a_share_that_moves_less_than_a_tick_has_no_room_and_the_tick_is_named():
    with pytest.raises(GuardrailRefused, match="in ticks of"):
        bracket(a_candidate(atr=Money(1)), a_mandate())
