"""Each rule says no to what it is for, in one sentence with both numbers."""

import math

import pytest

from core.domain.candidate import Comovement
from core.domain.instrument import NOT_KNOWN, CapClass, PriceBand, Series, Surveillance
from core.domain.mandate import Objective
from core.domain.money import ZERO
from core.domain.risk import KillLevel
from core.domain.signal import Regime
from core.mandates.bracket import bracket
from core.mandates.defaults import default_mandate
from core.mandates.guardrails import guardrails
from tests.made import (
    T0,
    a_book,
    a_candidate,
    a_held,
    a_mandate,
    a_playbook,
    a_quote,
    a_signal,
    an_instrument,
    rs,
)


def failed(candidate=None, mandate=None, book=None, qty=50, charges=ZERO):
    candidate, mandate, book = candidate or a_candidate(), mandate or a_mandate(), book or a_book()
    levels = bracket(a_candidate(), mandate)
    rails = guardrails(candidate, mandate, book, qty=qty, bracket=levels, charges=charges)
    return {rail.name: rail.sentence for rail in rails if not rail.passed}


def test_a_clean_candidate_passes_every_row_and_every_row_has_a_sentence():
    rails = guardrails(
        a_candidate(), a_mandate(), a_book(), qty=50, bracket=bracket(a_candidate(), a_mandate())
    )
    assert all(rail.passed for rail in rails)
    assert all(rail.sentence.endswith(".") for rail in rails)
    assert len({rail.name for rail in rails}) == len(rails) >= 22


def test_a_share_of_no_traded_universe_is_turned_down_with_the_way_out():
    said = failed(a_candidate(instrument=an_instrument(is_traded=False)))
    assert list(said) == ["Traded universe"]
    assert "munim data universe trade NAME" in said["Traded universe"]


def test_a_share_of_unknown_size_meets_the_narrowest_spread_limit():
    mandate = a_mandate(cap_classes=frozenset(CapClass))
    quote = a_quote(bid=rs("998.00"))  # 1,000.00 less 998.00 is 0.20 %: over 0.15, under 0.50
    small = an_instrument(cap_class=CapClass.SMALL)
    unknown = an_instrument(cap_class=CapClass.SMALL, sector=NOT_KNOWN)
    assert "Spread" not in failed(a_candidate(instrument=small, quote=quote), mandate)
    assert "Spread" in failed(a_candidate(instrument=unknown, quote=quote), mandate)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Turnover, median day", {"turnover_median": rs(1_000_000)}),
        ("Share of day's volume", {"volume_median": 1000.0}),
        ("Share of day's volume", {"volume_median": 0.0}),
        ("Spread", {"quote": a_quote(bid=rs(980))}),
        ("Upper circuit, away", {"quote": a_quote(ltp=rs(1180))}),
        ("Price band", {"band": PriceBand(low=rs(970), high=rs(1188))}),
        ("Feed age", {"quote_age_seconds": 6.0}),
        ("Overbought, RSI", {"rsi": 84.0}),
        ("Overbought, RSI", {"rsi": float("nan")}),
        ("Left skew", {"skew": -2.5}),
        ("Direction", {"signal": a_signal(direction=-1)}),
        ("Strategy", {"signal": a_signal(strategy="astrology")}),
        ("Size class", {"instrument": an_instrument(cap_class=CapClass.SMALL)}),
        ("Series", {"instrument": an_instrument(series=Series.BE)}),
        ("Surveillance", {"instrument": an_instrument(surveillance=Surveillance.GSM)}),
        ("Earnings window", {"earnings_in_sessions": 2}),
        ("Ex-date", {"goes_ex_in_sessions": 1}),
        ("Ex-date", {"goes_ex_in_sessions": a_playbook().horizon_sessions}),
        ("Catalyst freshness", {"event_age_minutes": 61.0}),
        ("Regime", {"playbook": a_playbook(regimes=frozenset({Regime.BEAR}))}),
    ],
)
def test_each_market_rule_turns_its_own_case_down(name, change):
    assert name in failed(a_candidate(**change))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Banned sector", {"sectors_banned": frozenset({"Energy"})}),
        ("Banned name", {"isins_banned": frozenset({"INE002A01018"})}),
        ("Risk per trade", {"risk_per_trade_max": 0.001}),
        ("Weight in this account", {"position_weight_max": 0.04}),
        ("Sector, Energy", {"position_weight_max": 0.04, "sector_weight_max": 0.04}),
        ("Gross exposure", {"gross_exposure_max": 0.04}),
        ("Cash after", {"cash_floor": rs(999_000)}),
    ],
)
def test_each_mandate_rule_turns_its_own_case_down(name, change):
    assert name in failed(mandate=a_mandate(**change))


@pytest.mark.parametrize(
    ("name", "book"),
    [
        ("Day's loss so far", a_book(day_pnl=rs(-16_000))),
        ("Kill level", a_book(kill_level=KillLevel.PAUSE)),
        (
            "Positions",
            a_book(positions=tuple(a_held(isin=f"INE{n:09d}", value=100) for n in range(12))),
        ),
    ],
)
def test_each_rule_of_the_book_turns_its_own_case_down(name, book):
    assert name in failed(book=book)


def test_a_book_that_moves_alike_is_refused_and_an_empty_one_is_not():
    alike = a_candidate(correlation_with_book=0.95)
    assert "Correlation with book" in failed(alike, book=a_book(positions=(a_held(),)))
    assert "Correlation with book" not in failed(alike)


def test_asm_passes_with_a_warning():
    candidate = a_candidate(instrument=an_instrument(surveillance=Surveillance.ASM))
    rails = guardrails(
        candidate, a_mandate(), a_book(), qty=50, bracket=bracket(candidate, a_mandate())
    )
    row = next(rail for rail in rails if rail.name == "Surveillance")
    assert row.passed and "ASM" in row.sentence


def test_a_scan_and_an_open_window_pass():
    assert not failed(a_candidate(event_age_minutes=None))
    assert not failed(a_candidate(earnings_in_sessions=0), a_mandate(earnings_blackout_sessions=0))
    assert not failed(a_candidate(earnings_in_sessions=3))


def test_a_split_beyond_the_horizon_keeps_nobody_out():
    beyond = a_playbook().horizon_sessions + 1
    assert not failed(a_candidate(goes_ex_in_sessions=beyond))
    said = failed(a_candidate(goes_ex_in_sessions=3))["Ex-date"]
    assert said.startswith("New share terms in 3 sessions; a position is held up to ")


def test_charges_count_against_the_cash_floor():
    book = a_book(cash_free=rs(50 * 1003 + 50_000))
    assert not failed(book=book, charges=rs(0))
    assert "₹49,999.00 stays free" in failed(book=book, charges=rs(1))["Cash after"]


@pytest.mark.parametrize("objective", list(Objective))
def test_every_starting_mandate_holds_together(objective):
    mandate = default_mandate("a", objective, signed_at=T0)
    assert (mandate.stop_atr, mandate.target_atr) == (2.0, 3.0)


def test_an_account_worth_nothing_or_less_opens_nothing():
    for equity in (ZERO, rs(-5)):
        broke = a_book(equity=equity, cash_free=rs(500_000))
        assert {"Risk per trade", "Gross exposure", "Weight in this account"} <= set(
            failed(book=broke)
        )


def test_a_market_with_one_side_or_with_its_sides_crossed_has_no_spread_to_judge():
    for quote in (a_quote(bid=ZERO), a_quote(ask=ZERO), a_quote(bid=rs("1000.50"))):
        assert "no market to trade in" in failed(a_candidate(quote=quote))["Spread"]


def test_a_volatility_made_of_numbers_that_are_not_known_does_not_pass():
    unknown = a_candidate(moves=Comovement(math.nan, 0.0, 0.3))
    assert failed(unknown)["Volatility of the book"].endswith("is not known, so it cannot pass.")


def test_a_share_that_filled_in_part_is_one_position_of_its_whole_worth():
    half = a_held(isin="INE002A01018", sector="Energy", value=40_000)
    book = a_book(positions=(half, half), gross=0.08)
    assert (len(book.held), book.weight_of(half.isin)) == (1, pytest.approx(0.08))
    said = failed(mandate=a_mandate(positions_max=1), book=book)
    # 8 % held and coming, and 50 at 1,003 are 5.015 %
    assert "13.02 % of a limit of 10.00 %" in said["Weight in this account"]
    assert "Positions" not in said


def test_a_target_cut_back_by_the_band_to_less_than_the_stop_is_refused():
    near = a_candidate(band=PriceBand(low=rs(792), high=rs(1030)))
    levels = bracket(near, a_mandate())  # to 1,030 from 1,003, stop 960: 27 / 43
    rows = guardrails(near, a_mandate(), a_book(), qty=50, bracket=levels)
    [no] = [row.sentence for row in rows if not row.passed]
    assert no == "The target ₹1,030.00 is worth 0.63 R, at least 1.00 R is asked for."
    # 1 ATR for 2: (20 - 3) / (40 + 3) is 0.40, and nine tenths of that are asked for
    timid = a_mandate(target_atr=1.0)
    rows = guardrails(a_candidate(), timid, a_book(), qty=50, bracket=bracket(a_candidate(), timid))
    assert all(row.passed for row in rows)


def test_a_playbook_that_holds_longer_than_the_money_has_time_is_refused():
    slow = a_candidate(playbook=a_playbook(horizon_sessions=22))
    assert failed(slow, a_mandate(horizon_months=1))["Horizon"] == (
        "It may be held for 22 sessions; the mandate's horizon is 1 month."
    )
    assert "Horizon" not in failed(slow, a_mandate(horizon_months=2))


def test_a_quote_whose_age_is_not_known_does_not_pass():
    assert failed(a_candidate(quote_age_seconds=math.nan))["Feed age"].endswith("cannot pass.")
