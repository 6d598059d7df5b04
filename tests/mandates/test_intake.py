"""The intake talk understands plain answers, asks back when unsure and invents nothing."""

import json
from datetime import UTC, date, datetime

import pytest

from core.domain.account import FundingKind
from core.domain.instrument import CapClass, Instrument
from core.domain.mandate import Objective
from core.domain.money import Money
from core.errors import BadInput
from core.mandates.intake import disagreements, finish, next_question, reply, rows, start
from core.mandates.questions import BY_KEY, QUESTIONS, Answer, Context, Unclear, parse

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
ON = date(2026, 12, 1)


def listed(n, symbol, name, sector):
    return Instrument(f"INE{n:03d}A01018", symbol, name, sector, CapClass.LARGE)


UNIVERSE = tuple(
    listed(n, *row)
    for n, row in enumerate(
        [
            ("HDFCBANK", "HDFC Bank Ltd.", "Financial Services"),
            ("CIPLA", "Cipla Ltd.", "Healthcare"),
            ("INFY", "Infosys Ltd.", "Information Technology"),
            ("ITC", "ITC Ltd.", "Fast Moving Consumer Goods"),
            ("ADANIENT", "Adani Enterprises Ltd.", "Metals & Mining"),
            ("ADANIPORTS", "Adani Ports and Special Economic Zone Ltd.", "Services"),
            ("ULTRACEMCO", "UltraTech Cement Ltd.", "Construction Materials"),
            ("LT", "Larsen & Toubro Ltd.", "Construction"),
            ("ONGC", "Oil & Natural Gas Corporation Ltd.", "Oil Gas & Consumable Fuels"),
        ]
    )
)
CONTEXT = Context(universe=UNIVERSE, capital=Money.rupees(500_000))


def read(key, text, context=CONTEXT):
    return parse(BY_KEY[key], text, context)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("objective", "Balanced please", "balanced"),
        ("objective", "as aggressive as it gets", "max profit"),
        ("objective", "keep it safe", "risk minimized"),
        ("horizon_months", "I won't need it for two years", 24),
        ("horizon_months", "24m", 24),
        ("funding", "5 lakh", {"lump_sum": 50_000_000, "instalment": 0}),
        ("funding", "₹2.5L a month", {"lump_sum": 0, "instalment": 25_000_000}),
        ("funding", "SIP of 25k", {"lump_sum": 0, "instalment": 2_500_000}),
        ("funding", "5 lakh now and 25k a month",
         {"lump_sum": 50_000_000, "instalment": 2_500_000}),
        ("day_of_month", "the 5th", 5),
        ("risk_per_trade_max", "1.5% a trade", 0.015),
        ("risk_per_trade_max", "0.75", 0.0075),
        ("risk_per_trade_max", "₹5,000", 0.01),
        ("drawdown_max", "maybe 5 or 6 percent", 0.05),
        ("position_weight_max", "never more than 10% in a stock", 0.10),
        ("positions_max", "about a dozen, say 12", 12),
        ("positions_max", "ten", 10),
        ("banned", "none", []),
        ("banned", "no banks or pharma", ["sector:Financial Services", "sector:Healthcare"]),
        ("banned", "no IT", ["sector:Information Technology"]),
        ("banned", "nothing to do with cement, please no ITC", None),
        ("banned", "cement and ITC",
         ["sector:Construction Materials", f"share:ITC:{UNIVERSE[3].isin}"]),
        ("banned", "avoid adani",
         [f"share:ADANIENT:{UNIVERSE[4].isin}", f"share:ADANIPORTS:{UNIVERSE[5].isin}"]),
        ("cap_classes", "large and mid", ["large", "mid"]),
        ("cap_classes", "no small caps", ["large", "mid"]),
        ("cap_classes", "anything, all of them", ["large", "mid", "small"]),
        ("cash_floor", "50k", 5_000_000),
        ("cash_floor", "none", 0),
        ("cash_floor", "10%", 5_000_000),
    ],
)  # fmt: skip
def test_plain_answers_are_understood(key, text, value):
    found = read(key, text)
    if value is None:
        assert isinstance(found, Answer | Unclear)
    else:
        assert isinstance(found, Answer), found
        assert found.value == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("objective", "hmm", "most profit, balanced, or least risk"),
        ("objective", "safe but aggressive", "more than one aim"),
        ("horizon_months", "long term", "months or years"),
        ("horizon_months", "5", "in months or in years"),
        ("horizon_months", "90 years", "outside 1 to 600"),
        ("funding", "a lot", "How many rupees"),
        ("funding", "5", "rupees, thousands, lakh or crore"),
        ("funding", "-5 lakh", "not money to invest"),
        ("funding", "5 lakh or 6 lakh", "Which is the sum now"),
        ("day_of_month", "31", "Not every month has a day 31"),
        ("day_of_month", "whenever", "1 to 28"),
        ("risk_per_trade_max", "20%", "20.00 % is outside"),
        ("risk_per_trade_max", "a little", "In percent, how much?"),
        ("positions_max", "some", "as one number"),
        ("positions_max", "500", "outside 1 to 100"),
        ("banned", "no tobacco", "“tobacco” is no sector and no share"),
        ("banned", "please", "Which sectors or shares?"),
        ("cap_classes", "good ones", "Large, mid or small"),
        ("cash_floor", "some", "always stay in cash"),
        ("cash_floor", "5", "rupees, thousands or lakh"),
        ("funding", "  ", "Nothing was written"),
    ],
)
def test_what_is_not_clear_is_asked_again(key, text, words):
    found = read(key, text)
    assert isinstance(found, Unclear), found
    assert words in found.sentence


def test_rupees_for_a_percentage_need_the_capital_first():
    found = read("risk_per_trade_max", "₹5,000", Context())
    assert isinstance(found, Unclear) and "in percent of the account" in found.sentence


ANSWERS = {
    "objective": "balanced",
    "horizon_months": "two years",
    "funding": "5 lakh now and ₹25,000 a month",
    "day_of_month": "5th",
    "drawdown_max": "10%",
    "daily_loss_max": "2%",
    "risk_per_trade_max": "1% a trade",
    "position_weight_max": "10%",
    "sector_weight_max": "25%",
    "positions_max": "12",
    "banned": "no banks or pharma",
    "cap_classes": "large and mid",
    "cash_floor": "₹20,000",
}


def talk(draft=None, answers=ANSWERS):
    draft = draft or start("a1", "Event tactical")
    for _ in QUESTIONS:
        question = next_question(draft)
        if question is None:
            break
        draft, _ = reply(draft, answers[question.key], universe=UNIVERSE)
    return draft


def test_a_whole_talk_ends_in_a_mandate_a_plan_and_worked_rupees():
    draft = json.loads(json.dumps(talk()))
    assert next_question(draft) is None and disagreements(draft) == []
    outcome = finish(draft, version=3, signed_at=AT, starts_on=ON)
    m, plan = outcome.mandate, outcome.funding
    assert (m.version, m.objective, m.horizon_months) == (3, Objective.BALANCED, 24)
    assert m.sectors_banned == {"Financial Services", "Healthcare"}
    assert m.cash_floor == Money.rupees(20_000)
    assert (plan.kind, plan.months, plan.day_of_month) == (FundingKind.HYBRID, 24, 5)
    assert plan.lump_sum == Money.rupees(500_000) and plan.instalment == Money.rupees(25_000)
    assert "one trade may lose 1.00 % (₹5,000)" in outcome.summary
    assert "10.00 % (₹50,000) under its peak" in outcome.summary
    assert "Financial Services, Healthcare" in outcome.summary
    assert len(outcome.log) == len(QUESTIONS) + 1 and "Not asked" in outcome.log[-1]


def test_a_banned_share_is_shown_by_symbol_and_kept_by_isin():
    draft = talk(answers={**ANSWERS, "banned": "no ITC"})
    outcome = finish(draft, version=1, signed_at=AT, starts_on=ON)
    assert outcome.mandate.isins_banned == {UNIVERSE[3].isin}
    assert "Excluded: ITC." in outcome.summary


def test_each_rule_shows_its_value_and_where_it_came_from():
    table = {row.key: row for row in rows(talk())}
    assert table["risk_per_trade_max"].value == "1.00 % · ₹5,000"
    assert table["risk_per_trade_max"].source == "you said"
    assert table["funding"].value == "₹5.00 L now and ₹25,000 a month"
    fresh = rows(start("a1", "x"))
    assert {row.source for row in fresh} == {"not asked yet"}
    assert "day_of_month" not in {row.key for row in fresh}


def test_a_suggestion_is_taken_only_after_a_yes():
    draft, _ = reply(start("a1", "x"), "balanced")
    draft, said = reply(draft, "what do you suggest?")
    assert said == "For an account that is balanced I would take 12 months. Shall I?"
    assert "horizon_months" not in draft["answers"]
    refused, said = reply(draft, "no")
    assert "horizon_months" not in refused["answers"] and said.startswith("Then what")
    draft, said = reply(draft, "yes")
    assert draft["answers"]["horizon_months"] == 12
    assert draft["sources"]["horizon_months"] == "suggested"


def test_only_the_owner_knows_aim_and_money():
    draft, said = reply(start("a1", "x"), "you decide")
    assert said.startswith("Only you can say that.") and draft["answers"] == {}


def test_one_sentence_may_answer_several_questions():
    draft, said = reply(
        start("a1", "x"), "Balanced. I won't need it for two years. 42 lakh, 1% a trade"
    )
    assert draft["answers"]["horizon_months"] == 24
    assert draft["answers"]["funding"] == {"lump_sum": 420_000_000, "instalment": 0}
    assert draft["answers"]["risk_per_trade_max"] == pytest.approx(0.01)
    assert said.endswith(BY_KEY["drawdown_max"].ask)


def test_a_correction_goes_to_the_rule_it_names():
    draft, said = reply(talk(), "change the drawdown to 8%")
    assert draft["answers"]["drawdown_max"] == pytest.approx(0.08)
    assert said.startswith("Noted: Drawdown: 8.00 % · ₹40,000.")
    draft, _ = reply(draft, "actually make the horizon 3 years")
    assert draft["answers"]["horizon_months"] == 36
    same, said = reply(draft, "thanks")
    assert same == draft and said.startswith("Every question is answered")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"risk_per_trade_max": "3%", "daily_loss_max": "2%"}, "one trade may lose 3.00% but"),
        ({"position_weight_max": "30%"}, "one position may be 30.0% but its sector only 25.0%"),
        ({"daily_loss_max": "5%", "drawdown_max": "3%"}, "a day may lose 5.0%"),
        ({"objective": "safe", "drawdown_max": "20%"}, "least risk, and yet a fall of 20.00 %"),
        ({"objective": "max profit", "drawdown_max": "3%"}, "most profit, and yet"),
        ({"cash_floor": "6 lakh"}, "₹6.00 L must stay in cash and ₹5.00 L is all there is"),
        ({"positions_max": "2"}, "2 positions of at most 10.00 % invest 20.00 % only"),
    ],
)
def test_answers_that_cannot_all_hold_are_named_with_both_numbers(changes, words):
    draft = talk(answers={**ANSWERS, **changes})
    assert any(words in sentence for sentence in disagreements(draft))
    with pytest.raises(BadInput, match="Event tactical"):
        finish(draft, version=1, signed_at=AT, starts_on=ON)


def test_rules_not_asked_yet_never_contradict_what_was_said():
    draft = start("a1", "x")
    for text in ("safe", "2 years", "5 lakh", "2%"):
        draft, said = reply(draft, text)
        assert "disagrees" not in said


def test_an_unfinished_talk_cannot_be_signed():
    draft, _ = reply(start("a1", "Event tactical"), "balanced")
    with pytest.raises(BadInput, match="11 questions are open: Horizon, Money"):
        finish(draft, version=1, signed_at=AT, starts_on=ON)


def test_an_unclear_answer_changes_nothing_but_what_it_also_said():
    draft, said = reply(start("a1", "x"), "dunno, for two years")
    assert "Which is nearest" in said
    assert draft["answers"] == {"horizon_months": 24}
