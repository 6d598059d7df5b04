"""What is said of a regime: where it comes from, how firm a name is, and when it claims nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.domain.regime import Look, Place, RegimeRecord, Spells
from core.domain.regime_words import likely_words, returns_words, seen_words, sentences
from core.domain.signal import Regime
from tests.models.made import AT

NOWHERE = Place("not known", None, None, 0)


def look(returns: float, error: float) -> Look:
    return Look(returns, error, volatility=0.18, breadth=0.36, sessions=500.0)


def record(**looks: Look) -> RegimeRecord:
    return RegimeRecord(
        of="market",
        at=AT,
        session=date(2026, 8, 21),
        regime=Regime.BEAR,
        score=0.9,
        since=date(2026, 8, 3),
        sessions=14,
        chances=dict.fromkeys(Regime, 0.25),
        durations={},
        moves={},
        volatility=NOWHERE,
        liquidity=NOWHERE,
        history=(),
        model_version="lgbm-1",
        fitted_to=date(2025, 12, 31),
        looks={Regime(name): one for name, one in looks.items()},
        changed=0.0104,
    )


@pytest.mark.parametrize(
    ("bull", "bear", "said"),
    [
        (0.0034, -0.0012, ()),  # eight errors above, and two and a half below
        (0.0034, -0.0006, (Regime.BEAR,)),  # one and a fifth errors below
        (0.0007, -0.0012, (Regime.BULL,)),
        (-0.0034, 0.0012, (Regime.BULL, Regime.BEAR)),  # the other way round is no better
    ],
)
def test_a_bull_or_a_bear_within_two_errors_of_none_is_named(bull, bear, said):
    found = record(bull=look(bull, 0.0004), bear=look(bear, 0.0005), sideways=look(0.0, 0.1))
    assert found.not_told_apart() == said
    assert len(sentences(found)) == 3 + len(said)


def test_the_sentence_gives_the_mean_its_error_and_what_the_name_rests_on():
    assert sentences(record(bear=look(-0.000577, 0.000568)))[-1] == (
        "Bear: its mean return, −0.06 ± 0.06 % a session, is not below zero by two standard "
        "errors, so the name says no more than that most prices lie low."
    )


def test_the_fit_and_its_last_refit_are_named_where_they_are_known():
    said = sentences(record())
    assert "states are those of lgbm-1, fitted on sessions up to 31 Dec 2025" in said[1]
    assert said[2] == "Their last refit gave 1.0 % of the sessions before it another name."
    assert len(sentences(replace(record(), fitted_to=None, changed=None))) == 1
    own = sentences(replace(record(), model_version=""))
    assert "states were fitted just now on sessions up to 31 Dec 2025" in own[1]


def test_the_plain_rule_claims_nothing_of_this():
    assert sentences(replace(record(), chances={})) == ()


@pytest.mark.parametrize(
    ("chance", "said"),
    [(0.997, "99.7 %"), (0.99951, "over 99.9 %"), (0.0004, "under 0.1 %"), (0.0005, "0.1 %")],
)
def test_no_chance_is_rounded_to_none_or_to_certain(chance, said):
    assert likely_words(chance) == said


def test_what_is_not_known_is_a_dash():
    assert (seen_words(None), returns_words(None)) == ("–", "–")
    assert seen_words(Spells(19, 14.7)) == "15 in 19 spells"
    assert seen_words(Spells(1, 4.0)) == "4 in 1 spell"
    assert returns_words(look(0.00338, 0.00042)) == "+0.34 ± 0.04 %"
