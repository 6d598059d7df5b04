"""The judge says only what the evidence says, and says where it stands."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.event import Event, Stance, TaggedEvent
from core.domain.instrument import Surveillance
from core.domain.mandate import Holding
from core.domain.signal import FeatureRow, Reason
from core.domain.verdict import Evidence, EvidenceKind, Opinion
from core.judge.facts import judge, numbers_sourced
from core.judge.numbers import numbers_in
from core.mandates.size import allocate
from tests import made
from tests.made import (
    RELIANCE,
    T0,
    a_book,
    a_candidate,
    a_mandate,
    a_meta_label,
    a_probability,
    a_signal,
    an_instrument,
    free,
    rs,
)

EVENT = Event("ev1", "NSE filing", "1", "Reliance bags order worth ₹1,240 crore, 14 GW", T0, T0)
FEATURES = FeatureRow(RELIANCE.isin, T0, ("rsi_14",), (55.0,), "f1", "abc")
REASONS = (
    Reason("volume_ratio", 2.3, 0.4, "volume over its 20-session median 2.30"),
    Reason("gap", -0.01, -0.1, "gap at the open"),
)


def a_tag(**changes: object) -> TaggedEvent:
    read = {"impact": 0.6, "confidence": 0.7, "matched": ("bags",)}
    return made.a_tag(EVENT, on=RELIANCE, **(read | changes))


def verdict_of(candidate=None, mandate=None, book=None, event=EVENT, features=FEATURES, others=()):
    candidate = candidate or a_candidate(tag=a_tag())
    mandate = mandate or a_mandate()
    allocation = allocate(candidate, mandate, book or a_book(), charges=free)
    return judge(candidate, allocation, mandate, event=event, features=features,
                 as_of=datetime(2026, 11, 20, 5, 1, tzinfo=UTC), others=others)  # fmt: skip


def unsourced(verdict) -> tuple[str, ...]:
    return numbers_sourced(" ".join([verdict.thesis, *verdict.risks]), verdict.evidence)[1]


def test_an_event_trade_quotes_the_event_levels_and_size_and_admits_no_edge():
    verdict = verdict_of()
    assert verdict.opinion is Opinion.AGREES
    assert "bags order worth ₹1,240 crore" in verdict.thesis
    assert "Last trade ₹1,000.00; buy up to ₹1,003.00, stop ₹960.00" in verdict.thesis
    assert "97 shares weigh 9.73 % of the account, limit 10.00 %" in verdict.thesis
    assert any("edge is not measured" in risk for risk in verdict.risks)
    assert "like cases" not in verdict.thesis
    assert {item.id.split(":")[0] for item in verdict.evidence} == {
        "event", "model", "price", "mandate",
    }  # fmt: skip
    assert unsourced(verdict) == ()


def test_a_voting_model_shows_its_record():
    signal = a_signal(has_vote=True, edge=0.012, reasons=REASONS,
                      target_first=a_probability(0.58, 142))  # fmt: skip
    verdict = verdict_of(a_candidate(signal=signal), event=None)
    assert "In 142 like cases out of sample the target came first in 58 %" in verdict.thesis
    assert "Volume over its 20-session median 2.30 speaks for it." in verdict.thesis
    assert "speaks against it" in verdict.thesis
    assert unsourced(verdict) == ()


def test_too_few_cases_show_no_percentage():
    signal = a_signal(has_vote=True, edge=0.012, target_first=a_probability(0.58, 18))
    verdict = verdict_of(a_candidate(signal=signal), event=None)
    assert "Too few like cases for a percentage: 18" in verdict.thesis
    assert "58 %" not in verdict.thesis


def test_gap_losses_are_the_open_or_the_stop_whichever_is_worse():
    # 97 shares from 1003: 5% opens at 952.85, 10% at 902.70, 20% at 802.40
    (gap,) = [risk for risk in verdict_of().risks if "gap" in risk]
    assert "₹4,864.55 at −5 %" in gap
    assert "₹9,729.10 at −10 %" in gap
    assert "₹19,458.20 at −20 %" in gap


def test_each_weakness_becomes_a_risk():
    weak = a_candidate(
        tag=a_tag(), earnings_in_sessions=6, rsi=74.0, volume_median=15_000.0,
        instrument=an_instrument(surveillance=Surveillance.ASM),
    )  # fmt: skip
    said = " ".join(verdict_of(weak, a_mandate(sector_weight_max=0.11)).risks)
    assert "Results in 6 sessions fall inside the horizon of 10" in said
    assert "RSI stands at 74" in said
    assert "Getting out may move the price" in said
    assert "ASM list" in said
    assert "Energy makes up 9.73 % after the trade, limit 11.00 %" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"meta_label": a_meta_label(has_vote=True, right=a_probability(0.41))}, "41 %"),
        ({"signal": a_signal(has_vote=True, edge=-0.004)}, "−0.40 %"),
        ({"tag": a_tag(stance=Stance.NEGATIVE)}, "leans against the signal"),
    ],
)
def test_measured_facts_against_the_signal_make_the_judge_oppose(change, words):
    verdict = verdict_of(a_candidate(**{"tag": a_tag(), **change}))
    assert verdict.opinion is Opinion.OPPOSES
    assert words in verdict.thesis
    assert unsourced(verdict) == ()


def test_a_strong_item_the_other_way_opposes_and_a_faint_one_is_a_risk():
    strong = a_tag(event_id="ev2", stance=Stance.NEGATIVE, impact=0.8, confidence=0.8)
    faint = a_tag(event_id="ev3", stance=Stance.NEGATIVE, impact=0.1, confidence=0.5)
    assert verdict_of(others=(strong,)).opinion is Opinion.OPPOSES
    verdict = verdict_of(others=(faint, a_tag(event_id="ev4")))
    assert verdict.opinion is Opinion.AGREES
    assert any("leans the other way" in risk for risk in verdict.risks)
    assert unsourced(verdict) == ()


def test_nothing_usable_makes_it_abstain():
    vague = verdict_of(a_candidate(tag=a_tag(confidence=0.1)))
    assert vague.opinion is Opinion.ABSTAINS and "0.10 only" in vague.thesis
    assert unsourced(vague) == ()
    blank = verdict_of(a_candidate(tag=None), event=None, features=None)
    assert blank.opinion is Opinion.ABSTAINS
    missing = replace(FEATURES, values=(float("nan"),))
    nothing = verdict_of(a_candidate(tag=None), event=None, features=missing)
    assert nothing.opinion is Opinion.ABSTAINS


def test_a_scan_with_features_may_agree_and_the_answer_is_the_same_twice():
    scan = a_candidate(tag=None, event_age_minutes=None, signal=a_signal(strategy="momentum"))
    assert verdict_of(scan, event=None) == verdict_of(scan, event=None)
    assert verdict_of(scan, event=None).opinion is Opinion.AGREES


def test_a_scan_in_a_preferred_sector_says_so_with_the_mandate_as_its_source():
    scan = a_candidate(tag=None, event_age_minutes=None)
    verdict = verdict_of(scan, a_mandate(sectors_preferred=frozenset({"Energy"})), event=None)
    assert "The mandate prefers Energy, and among its best shares a scan" in verdict.thesis
    [fact] = [one for one in verdict.evidence if one.id.endswith(":preferred")]
    assert (fact.kind, fact.source) == (EvidenceKind.MANDATE, "mandate version 1")
    assert unsourced(verdict) == ()


def test_news_and_other_sectors_owe_nothing_to_a_preference():
    scan = a_candidate(tag=None, event_age_minutes=None)
    energy, power = (a_mandate(sectors_preferred=frozenset({one})) for one in ("Energy", "Power"))
    for verdict in (verdict_of(a_candidate(tag=a_tag()), energy), verdict_of(scan, power)):
        assert "prefers" not in verdict.thesis


def test_a_trade_of_no_shares_is_judged_without_size_or_levels():
    verdict = verdict_of(a_candidate(tag=a_tag(), atr=rs(0)))
    assert "shares weigh" not in verdict.thesis and "Last trade" not in verdict.thesis


def test_numbers_are_compared_as_amounts():
    fact = Evidence("price:x", EvidenceKind.PRICE, "₹1,00,000.00 and 58 %", "test", T0)
    assert numbers_sourced("100000 rupees, 58.0 percent", [fact]) == (True, ())
    assert numbers_sourced("up 400 bps in 2 quarters", [fact]) == (False, ("400", "2"))
    assert numbers_in("360ONE and 3MINDIA at 12.50, Q2") == numbers_in("12.5")


@settings(max_examples=60, deadline=None)
@given(
    ltp=st.integers(200, 400_000), atr_pct=st.floats(0.005, 0.06), rsi=st.floats(5, 79),
    n=st.integers(0, 400), p=st.floats(0.3, 0.6), vote=st.booleans(), away=st.integers(0, 20),
)  # fmt: skip
def test_every_number_the_judge_writes_has_a_source(ltp, atr_pct, rsi, n, p, vote, away):
    price = rs(ltp)
    quote = replace(a_candidate().quote, ltp=price, ask=price, bid=price)
    candidate = a_candidate(
        quote=quote, atr=rs(max(1, int(ltp * atr_pct))), rsi=rsi, tag=a_tag(),
        band=replace(a_candidate().band, low=rs(max(1, ltp * 8 // 10)), high=rs(ltp * 12 // 10)),
        signal=a_signal(has_vote=vote, target_first=a_probability(p, n), reasons=REASONS),
        earnings_in_sessions=away,
    )  # fmt: skip
    verdict = verdict_of(candidate)
    assert unsourced(verdict) == ()


def a_short(**changes: object):
    """Bad news about a share at 1,000: sold down to 996.50, its circuit at 1,188."""
    bad = a_tag(stance=Stance.NEGATIVE)
    down = a_signal(direction=-1, reasons=REASONS)
    return a_candidate(**{"tag": bad, "signal": down, **changes})


def short_verdict(candidate=None, **changes: object):
    rules = a_mandate(holding=Holding.DAY, shorts=True)
    return verdict_of(candidate or a_short(), rules, **changes)


def test_a_short_quotes_its_levels_the_right_way_round_and_says_whose_odds_the_model_knows():
    verdict = short_verdict()
    assert verdict.opinion is Opinion.AGREES
    assert "sell short down to ₹996.50, stop ₹1,040.00, target ₹940.00, 1.30 R" in verdict.thesis
    assert "20-session median 2.30 speaks against it" in verdict.thesis
    assert "Gap at the open speaks for it" in verdict.thesis
    said = " ".join(verdict.risks)
    assert "The model's odds are those of a purchase" in said
    assert "shown no skill" not in said
    assert unsourced(verdict) == ()


def test_a_short_loses_by_a_jump_upwards_and_most_of_all_in_the_auction():
    # 97 shares from 996.50: 5% opens at 1046.33, 10% at 1096.15, 20% at 1195.80
    risks = short_verdict().risks
    (gap,) = [risk for risk in risks if "jump" in risk]
    assert "₹4,833.51 at +5 %" in gap
    assert "₹9,666.05 at +10 %" in gap
    assert "₹19,332.10 at +20 %" in gap
    # 1,188 + 20 % less 996.50 is 429.10 a share
    (auction,) = [risk for risk in risks if "auction" in risk]
    assert "upper circuit ₹1,188.00" in auction and "20 % above the last price" in auction
    assert auction.endswith("loses ₹41,622.70.")
    assert not [risk for risk in verdict_of().risks if "auction" in risk or "jump" in risk]


def test_a_short_in_a_share_that_fell_far_already_is_warned_of():
    assert any(
        "RSI stands at 25: much of the fall" in r for r in short_verdict(a_short(rsi=25)).risks
    )
    assert not any("RSI" in risk for risk in short_verdict(a_short(rsi=75)).risks)


def test_good_news_about_the_same_share_opposes_a_short():
    good = replace(a_tag(impact=0.9, confidence=0.9), event_id="ev2")
    assert short_verdict(others=(good,)).opinion is Opinion.OPPOSES
    assert short_verdict(a_short(tag=a_tag())).opinion is Opinion.OPPOSES
