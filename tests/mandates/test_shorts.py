"""A short sale: where it goes in and out, how many shares, and what refuses it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.instrument import PriceBand, Series, Surveillance, price_band
from core.domain.mandate import Holding
from core.domain.money import ZERO, Money
from core.domain.order import Side
from core.errors import BadInput, GuardrailRefused
from core.mandates.bracket import bracket
from core.mandates.guardrails import guardrails
from core.mandates.short_rails import auction_loss_per_share
from core.mandates.size import allocate
from tests.made import (
    a_book,
    a_candidate,
    a_held,
    a_mandate,
    a_playbook,
    a_quote,
    a_signal,
    an_instrument,
    free,
    rs,
)

DOWN = a_signal(direction=-1)


def a_short(**changes):
    """RELIANCE at ₹1,000, bid 999.50, an ATR of ₹20, between 792 and 1,188 today."""
    return a_candidate(**{"signal": DOWN, **changes})


def shorting(**changes):
    """The balanced mandate, within the day and with short sales."""
    return a_mandate(**{"holding": Holding.DAY, "shorts": True, **changes})


def failed(candidate=None, mandate=None, qty=50):
    candidate, mandate = candidate or a_short(), mandate or shorting()
    levels = bracket(a_short(), shorting())
    rails = guardrails(candidate, mandate, a_book(), qty=qty, bracket=levels, charges=ZERO)
    return {rail.name: rail.sentence for rail in rails if not rail.passed}


def test_a_short_sells_down_to_the_band_foot_with_its_stop_above_and_its_target_below():
    levels = bracket(a_short(), shorting())
    assert levels.side is Side.SELL
    assert levels.entry_low == rs("996.50")  # bid 999.50 - 0.15 x 20
    assert levels.entry_high == rs(1005)  # 1000 + 0.25 x 20
    assert (levels.stop, levels.target) == (rs(1040), rs(940))  # 2 and 3 ATR
    assert (levels.trail, levels.trail_from) == (rs(40), rs(960))  # one risk below
    assert levels.risk_per_share == rs("43.50")
    assert levels.reward_to_risk == pytest.approx(56.5 / 43.5)


def test_without_a_bid_the_last_trade_is_the_worst_price():
    levels = bracket(a_short(quote=a_quote(bid=ZERO)), shorting())
    assert levels.entry_low == rs(997)


def test_a_short_keeps_stop_and_target_inside_the_band_and_refuses_without_room():
    levels = bracket(a_short(band=PriceBand(low=rs(970), high=rs(1030))), shorting())
    assert (levels.stop, levels.target) == (rs(1030), rs(970))
    with pytest.raises(GuardrailRefused, match="leaves no room around"):
        bracket(a_short(band=PriceBand(low=rs(970), high=rs(1000))), shorting())


def test_a_short_is_sized_by_its_worth_as_a_buy_is():
    # 10 % x 0.98 of 10 lakh = 98,000 / 1,005 = 97 shares, each risking 43.50
    made = allocate(a_short(), shorting(), a_book(), charges=free)
    assert (made.qty, made.rejected) == (97, "")
    assert made.at_risk == rs("4219.50")
    assert made.notional == rs(97485)
    assert made.weight_after == made.gross_after == pytest.approx(0.097485)
    # 0.3 % x 0.98 = 2,940 / 43.50 = 67 shares
    careful = allocate(a_short(), shorting(risk_per_trade_max=0.003), a_book(), charges=free)
    assert [clamp.name for clamp in careful.clamps] == ["Risk per trade"]
    assert careful.qty == 67


def test_margin_for_the_whole_worth_must_be_free():
    # 1,05,000 free, 50,000 must stay: 55,000 / 1,005 = 54 shares
    poor = allocate(a_short(), shorting(), a_book(cash_free=rs(105_000)), charges=free)
    assert (poor.qty, poor.clamps[-1].name) == (54, "Cash")


def test_a_short_locked_at_its_circuit_is_counted_with_the_exchanges_close_out():
    # 1,188 + 20 % = 1,425.60, less the 996.50 it was sold at
    lost = rs("429.10")
    assert auction_loss_per_share(a_short(), bracket(a_short(), shorting())) == lost
    # 2 % x 0.98 of 10 lakh = 19,600 / 429.10 = 45 shares
    thin = allocate(a_short(), shorting(drawdown_max=0.02), a_book(), charges=free)
    assert (thin.qty, thin.clamps[-1].name) == (45, "Short auction")
    assert "₹429.10 a share if it stays locked" in thin.clamps[-1].reason
    said = failed(mandate=shorting(drawdown_max=0.02))["Short auction"]
    # 50 x 429.10 = 21,455
    assert "₹21,455.00: 2.15 % of a limit of 2.00 %" in said


def test_a_clean_short_passes_every_row_and_every_row_has_a_sentence():
    rows = guardrails(
        a_short(), shorting(), a_book(), qty=50, bracket=bracket(a_short(), shorting())
    )
    assert all(row.passed for row in rows)
    assert all(row.sentence.endswith(".") for row in rows)
    assert len({row.name for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Lower circuit, away", {"band": PriceBand(low=rs(985), high=rs(1188))}),
        ("Upper circuit, past the stop", {"band": PriceBand(low=rs(792), high=rs(1045))}),
        ("Price band", {"band": PriceBand(low=rs(792), high=rs(1030))}),
        ("Oversold, RSI", {"rsi": 15.0}),
        ("Right skew", {"skew": 2.5}),
        ("Series", {"instrument": an_instrument(series=Series.BE)}),
        ("Surveillance", {"instrument": an_instrument(surveillance=Surveillance.ASM)}),
        ("Surveillance", {"instrument": an_instrument(surveillance=Surveillance.GSM)}),
    ],
)
def test_each_rule_of_a_short_turns_its_own_case_down(name, change):
    assert name in failed(a_short(**change))


def test_what_refuses_a_buy_for_having_risen_does_not_refuse_a_short():
    assert failed(a_short(rsi=90.0, skew=-3.0)) == {}


def test_a_mandate_without_shorts_turns_a_falling_share_down_as_ever():
    said = failed(mandate=a_mandate())
    assert said["Direction"] == (
        "The signal does not point up, and delivery shares cannot be sold short."
    )
    assert "Direction" in failed(mandate=a_mandate(holding=Holding.DAY))
    assert "Direction" not in failed()


def test_shares_below_zero_are_refused_lest_a_short_would_free_a_limit():
    levels = bracket(a_short(), shorting())
    with pytest.raises(BadInput, match="RELIANCE: -50 shares; count them without a sign"):
        guardrails(a_short(), shorting(), a_book(), qty=-50, bracket=levels)


def test_no_intraday_entry_in_a_share_on_the_asm_list_and_delivery_with_a_warning():
    listed = a_candidate(instrument=an_instrument(surveillance=Surveillance.ASM))
    levels = bracket(a_candidate(), a_mandate())

    def passes(mandate):
        rows = guardrails(listed, mandate, a_book(), qty=50, bracket=levels)
        return next(row.passed for row in rows if row.name == "Surveillance")

    assert passes(a_mandate())
    assert not passes(a_mandate(holding=Holding.DAY))


@settings(max_examples=200, deadline=None)
@given(
    way=st.sampled_from([1, -1]),
    equity=st.integers(1, 500_000_000),
    cash=st.integers(-1_000_000, 500_000_000),
    ltp=st.integers(100, 2_000_000),
    spread=st.integers(0, 500),
    atr_pct=st.floats(0.001, 0.12),
    tick=st.sampled_from([1, 5, 10, 50, 100]),
    band_pct=st.sampled_from([2, 5, 10, 20]),
    gross=st.floats(0.0, 1.2),
    held=st.integers(0, 100_000_000),
    volume=st.floats(0.0, 1e7),
    vote=st.booleans(),
    multiple=st.floats(0.0, 3.0),
    fee=st.integers(0, 5_000),
)
def test_whichever_way_no_clamp_adds_and_levels_stand_in_the_band_on_their_sides(
    way,
    equity,
    cash,
    ltp,
    spread,
    atr_pct,
    tick,
    band_pct,
    gross,
    held,
    volume,
    vote,
    multiple,
    fee,
):
    rules, last = shorting(), Money(ltp - ltp % tick or tick)
    position = replace(a_held(sector="Energy"), value=Money(held))
    book = a_book(equity=Money(equity), cash_free=Money(cash), gross=gross, positions=(position,))
    share = an_instrument(band_pct=band_pct)
    band = price_band(share, prev_close=last, tick=Money(tick))
    candidate = a_candidate(
        signal=a_signal(direction=way, has_vote=vote),
        quote=a_quote(ltp=last, bid=Money(max(0, last.paise - spread)), ask=last),
        atr=Money(max(1, round(last.paise * atr_pct))), tick=Money(tick), band=band,
        volume_median=volume, playbook=a_playbook(size_multiple=multiple),
    )  # fmt: skip
    made = allocate(candidate, rules, book, charges=lambda q, p: Money(fee + q))
    assert all(0 <= clamp.to_qty <= clamp.from_qty for clamp in made.clamps)
    assert made.qty >= 0 and (made.qty == 0) == bool(made.rejected)
    b = made.bracket
    if b is None:
        return
    levels = (b.entry_low, b.entry_high, b.stop, b.target)
    assert all(level.paise % tick == 0 for level in levels)
    assert all(band.holds(level) for level in levels)
    assert b.side is (Side.BUY if way > 0 else Side.SELL)
    below, above = sorted((b.stop, b.target))
    assert below < b.entry_low <= b.entry_high < above
    assert b.risk_per_share > ZERO and b.trail >= Money(tick)
    assert below <= b.trail_from <= above and (b.target - b.trail_from).paise * way >= 0
    if made.qty:
        assert made.at_risk.share_of(book.equity) <= rules.risk_per_trade_max
        assert made.weight_after <= rules.position_weight_max
        assert made.gross_after <= rules.gross_exposure_max
        assert book.cash_free - made.notional - made.charges >= rules.cash_floor
        assert not made.failed
