"""How many shares, and why not more."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.money import ZERO, Money
from core.errors import BadInput
from core.mandates.caps import kelly, shares
from core.mandates.size import allocate
from core.mandates.vol_target import vol_target_weight
from tests.made import (
    a_book,
    a_candidate,
    a_held,
    a_mandate,
    a_playbook,
    a_probability,
    a_signal,
    free,
    rs,
)


def names(allocation):
    return [clamp.name for clamp in allocation.clamps]


def test_without_a_vote_the_stop_decides_the_size():
    # full position: 10% x 0.98 of 10 lakh = 98,000 / 1003 = 97 shares
    # risk: 0.75% x 0.98 = 7,350 at 43 a share = 170 shares, so the position limit holds
    allocation = allocate(a_candidate(), a_mandate(), a_book(), charges=free)
    assert (allocation.qty, names(allocation)) == (97, [])
    # 0.3% x 0.98 = 2,940 at 43 a share = 68 shares
    careful = a_mandate(risk_per_trade_max=0.003)
    allocation = allocate(a_candidate(), careful, a_book(), charges=free)
    assert (allocation.qty, names(allocation)) == (68, ["Risk per trade"])
    assert allocation.at_risk == rs(68 * 43)
    assert allocation.rejected == ""


def test_with_a_vote_volatility_and_kelly_cut_too():
    # weight = 0.18 / (0.60 x sqrt(12 x (1 + 11 x 0.3))) = 0.0418 -> 41 shares
    voting = a_candidate(vol=0.60, signal=a_signal(has_vote=True, target_first=a_probability(0.6)))
    allocation = allocate(voting, a_mandate(), a_book(), charges=free)
    assert (allocation.qty, names(allocation)) == (41, ["Volatility target"])
    # 0.40 x 1.3256 - 0.50 = 0.0302, / (1.3256 x 0.9) = 0.0253, a quarter is 0.63% -> 147 shares
    thin = a_signal(has_vote=True, target_first=a_probability(0.2), stop_first=a_probability(0.6))
    allocation = allocate(a_candidate(signal=thin), a_mandate(), a_book(), charges=free)
    assert allocation.qty == 0
    assert "Quarter Kelly" in names(allocation)
    assert "allows 0.00 % at risk" in allocation.rejected


def test_a_tighter_stop_buys_no_more_under_kelly_than_the_odds_were_measured_for():
    # 0.38 x 1.3256 - 0.48 = 0.0237, / (1.3256 x 0.86) = 2.08 %, a quarter is 0.52 %: 120 shares
    odds = a_signal(has_vote=True, target_first=a_probability(0.38), stop_first=a_probability(0.48))
    wide = a_mandate(position_weight_max=0.25, risk_per_trade_max=0.01, daily_loss_max=0.02)
    calm = a_candidate(signal=odds, vol=0.05)
    usual = allocate(calm, wide, a_book(), charges=free)
    tight = allocate(calm, replace(wide, stop_atr=0.7, target_atr=6.0), a_book(), charges=free)
    assert names(usual)[-1] == names(tight)[-1] == "Quarter Kelly"
    assert tight.qty == usual.qty
    assert tight.at_risk < usual.at_risk


def test_odds_from_too_few_cases_size_nothing():
    few = a_signal(
        has_vote=True, target_first=a_probability(0.2, n=29), stop_first=a_probability(0.7, n=29)
    )
    allocation = allocate(a_candidate(signal=few), a_mandate(), a_book(), charges=free)
    assert allocation.qty > 0 and "Quarter Kelly" not in names(allocation)


def test_a_playbook_without_a_size_takes_nothing():
    for multiple in (float("nan"), -0.5):
        none = a_candidate(playbook=a_playbook(size_multiple=multiple))
        assert allocate(none, a_mandate(), a_book(), charges=free).qty == 0


def test_kelly_is_the_known_fraction():
    assert kelly(0.5, 0.3, 1.5) == pytest.approx((0.75 - 0.3) / (1.5 * 0.8))
    assert kelly(0.3, 0.6, 1.0) == 0.0
    assert kelly(0.0, 0.0, 1.0) == 0.0


def test_volatility_target_weight():
    # one position: target over volatility
    assert vol_target_weight(0.18, 0.30, 1) == pytest.approx(0.6)
    assert vol_target_weight(0.18, float("nan"), 10) == 0.0


def test_cash_leaves_the_floor_and_the_charges():
    book = a_book(cash_free=rs(80_000))
    # 80,000 - 50,000 = 30,000; 29 x 1003 + 100 = 29,187; 30 would need 30,190
    allocation = allocate(a_candidate(), a_mandate(), book, charges=lambda q, p: rs(100))
    assert (allocation.qty, names(allocation)) == (29, ["Cash"])
    assert allocation.charges == rs(100)


def test_no_cash_is_a_rejection_with_its_sentence():
    allocation = allocate(a_candidate(), a_mandate(), a_book(cash_free=rs(50_000)), charges=free)
    assert allocation.qty == 0
    assert "₹50,000.00 is free and ₹50,000.00 of it must stay" in allocation.rejected


def test_what_is_held_counts_against_position_sector_and_gross():
    held = a_held(isin="INE002A01018", sector="Energy", value=60_000)
    allocation = allocate(
        a_candidate(), a_mandate(), a_book(positions=(held,), gross=0.06), charges=free
    )
    assert allocation.qty == 37  # 98,000 - 60,000 = 38,000 / 1003
    assert allocation.weight_before == pytest.approx(0.06)
    assert allocation.weight_after == pytest.approx(0.06 + 37 * 1003 / 1_000_000)
    full = a_book(positions=(a_held(sector="Energy", value=245_000),), gross=0.245)
    assert allocate(a_candidate(), a_mandate(), full, charges=free).qty == 0
    geared = a_book(gross=0.95)
    assert (
        "Positions already make up"
        in allocate(a_candidate(), a_mandate(), geared, charges=free).rejected
    )


def test_a_thin_share_is_capped_by_its_volume():
    # 1% x 0.98 of 3,000 shares = 29
    thin = a_candidate(volume_median=3000.0)
    assert allocate(thin, a_mandate(), a_book(), charges=free).qty == 29


def test_the_playbook_scales_down_and_never_up():
    half = allocate(
        a_candidate(playbook=a_playbook(size_multiple=0.5)), a_mandate(), a_book(), charges=free
    )
    double = allocate(
        a_candidate(playbook=a_playbook(size_multiple=2.0)), a_mandate(), a_book(), charges=free
    )
    assert (half.qty, double.qty) == (48, 97)


def test_a_ticket_too_small_is_not_worth_its_charges():
    allocation = allocate(
        a_candidate(volume_median=600.0), a_mandate(), a_book(), charges=free
    )  # 5 shares, ₹5,015
    assert allocation.qty == 0
    assert allocation.rejected.startswith("₹5,015 is below the smallest ticket of ₹10,000")


def test_a_share_dearer_than_a_position_says_so():
    allocation = allocate(
        a_candidate(), a_mandate(), a_book(equity=rs(9_000), cash_free=rs(9_000)), charges=free
    )
    assert "One share at ₹1,003.00 is above 10.00 %" in allocation.rejected


def test_an_empty_account_and_a_missing_atr_are_refused_before_any_bracket():
    empty = allocate(a_candidate(), a_mandate(), a_book(equity=ZERO), charges=free)
    assert empty.bracket is None and "fund it first" in empty.rejected
    no_atr = allocate(a_candidate(atr=ZERO), a_mandate(), a_book(), charges=free)
    assert no_atr.qty == 0 and "ATR" in no_atr.rejected


def test_a_failed_guardrail_empties_the_allocation_and_names_itself():
    allocation = allocate(a_candidate(rsi=91.0), a_mandate(), a_book(), charges=free)
    assert allocation.qty == 0 and allocation.notional == ZERO
    assert allocation.rejected == "RSI stands at 91, limit 80."
    assert [rail.name for rail in allocation.failed] == ["Overbought, RSI"]


def test_negative_gross_cannot_be():
    with pytest.raises(BadInput, match="gross exposure"):
        a_book(gross=-0.1)


def test_shares_never_go_below_zero():
    assert shares(rs(1000), -0.5, rs(10)) == 0
    assert shares(rs(1000), 0.5, ZERO) == 0


@settings(max_examples=200, deadline=None)
@given(
    equity=st.integers(1, 500_000_000),
    cash=st.integers(-1_000_000, 500_000_000),
    atr=st.integers(1, 30_000),
    vol=st.floats(0.01, 3.0),
    gross=st.floats(0.0, 1.2),
    held=st.integers(0, 100_000_000),
    volume=st.floats(0.0, 1e7),
    vote=st.booleans(),
    multiple=st.floats(0.0, 3.0),
    fee=st.integers(0, 5_000),
)
def test_no_size_ever_breaks_a_limit_and_no_clamp_ever_adds(
    equity, cash, atr, vol, gross, held, volume, vote, multiple, fee
):
    mandate = a_mandate()
    position = replace(a_held(sector="Energy"), value=Money(held))
    book = a_book(equity=Money(equity), cash_free=Money(cash), gross=gross, positions=(position,))
    candidate = a_candidate(
        atr=Money(atr), vol=vol, volume_median=volume, signal=a_signal(has_vote=vote),
        playbook=a_playbook(size_multiple=multiple),
    )  # fmt: skip
    allocation = allocate(candidate, mandate, book, charges=lambda q, p: Money(fee + q))
    assert allocation.qty >= 0
    assert all(0 <= clamp.to_qty <= clamp.from_qty for clamp in allocation.clamps)
    assert (allocation.qty == 0) == bool(allocation.rejected)
    if allocation.qty:
        assert allocation.at_risk.share_of(book.equity) <= mandate.risk_per_trade_max
        assert allocation.weight_after <= mandate.position_weight_max
        assert allocation.gross_after <= mandate.gross_exposure_max
        assert allocation.sector_after <= mandate.sector_weight_max
        left = book.cash_free - allocation.notional - allocation.charges
        assert left >= mandate.cash_floor
        assert not allocation.failed
