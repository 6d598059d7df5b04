"""Headlines become tags on the right share, of the right kind, leaning the right way."""

from datetime import UTC, datetime

import pytest

from core.domain.event import Event, EventType, Priority, Stance
from core.domain.instrument import CapClass, Instrument
from core.tagging.kinds import priority_of
from core.tagging.names import NameIndex, squash
from core.tagging.tagger import magnitude, tag

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
E, S = EventType, Stance


def listed(n: int, symbol: str, name: str) -> Instrument:
    return Instrument(f"INE{n:03d}A01018", symbol, name, "Any", CapClass.LARGE)


UNIVERSE = [
    listed(n, symbol, name)
    for n, (symbol, name) in enumerate(
        [
            ("RELIANCE", "Reliance Industries Limited"),
            ("SBIN", "State Bank of India"),
            ("LT", "Larsen & Toubro Limited"),
            ("M&M", "Mahindra & Mahindra Limited"),
            ("HDFCBANK", "HDFC Bank Limited"),
            ("HDFCLIFE", "HDFC Life Insurance Company Limited"),
            ("TITAN", "Titan Company Limited"),
            ("BHEL", "Bharat Heavy Electricals Limited"),
            ("DRREDDY", "Dr. Reddy's Laboratories Limited"),
            ("ITC", "ITC Limited"),
            ("IDEA", "Vodafone Idea Limited"),
            ("TATAMOTORS", "Tata Motors Limited"),
            ("TATASTEEL", "Tata Steel Limited"),
            ("BSE", "BSE Limited"),
            ("NAUKRI", "Info Edge (India) Limited"),
        ]
    )
]
NAMES = NameIndex.build(UNIVERSE, {"Ratan's carmaker": "TATAMOTORS"}, scrip_codes={
    "500103": UNIVERSE[7].isin, "999999": "INE999Z01011"})  # fmt: skip


def news(headline: str, body: str = "") -> Event:
    return Event("e1", "wire", "1", headline, AT, AT, body=body)


def symbols(headline: str, body: str = "") -> list[str]:
    return [found.symbol for found in tag(news(headline, body), NAMES)]


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("Reliance Industries to expand capacity", ["RELIANCE"]),
        ("RIL shares gain 2%", ["RELIANCE"]),
        ("Reliance Power bags order", []),
        ("SBI raises rates", ["SBIN"]),
        ("SBI Cards reports loss", []),
        ("SBI Mutual Fund buys stake", []),
        ("L&T wins order worth ₹2,000 crore", ["LT"]),
        ("L&T Finance cuts rates", []),
        ("M&M launches new SUV", ["M&M"]),
        ("M&M Financial posts profit", []),
        ("HDFC Life net profit rises", ["HDFCLIFE"]),
        ("HDFC Bank's profit jumps 20%", ["HDFCBANK"]),
        ("Titan Company Q2 profit rises", ["TITAN"]),
        ("Titan slips 3%", ["TITAN"]),
        ("A titan of industry steps down", []),
        ("Dr Reddy's gets approval", ["DRREDDY"]),
        ("Tata Motors and Tata Steel fall", ["TATAMOTORS", "TATASTEEL"]),
        ("Tata group to meet lenders", []),
        ("BSE and NSE announce trading holiday", []),
        ("BSE Ltd net profit doubles", ["BSE"]),
        ("Good idea: buy the dip", []),
        ("Ratan's carmaker wins award", ["TATAMOTORS"]),
        ("ITC TO DEMERGE HOTELS, SAYS BOARD", ["ITC"]),
        ("Nothing about anybody", []),
    ],
)
def test_names_are_found_and_look_alikes_are_left_alone(headline, expected):
    assert symbols(headline) == expected


def test_a_filing_is_about_its_filer_only():
    subject = "Bharat Heavy Electricals Ltd - 500103 - Award_of_Order_Receipt_of_Order from L&T"
    assert symbols(subject) == ["BHEL"]
    assert symbols("Order from L&T", body="Company: Bharat Heavy Electricals Ltd\n") == ["BHEL"]
    assert symbols("Order from L&T", body="Scrip code: 500103") == ["BHEL"]
    assert symbols("Order received", body=f"ISIN {UNIVERSE[7].isin}") == ["BHEL"]
    assert symbols("Order received", body="symbol: M&M") == ["M&M"]


def test_a_filing_of_a_stranger_is_about_nobody():
    assert symbols("Sarveshwar Foods Ltd - 543688 - Order from Larsen & Toubro") == []


def test_company_names_compare_without_legal_form_and_punctuation():
    assert squash("Larsen & Toubro Ltd.") == squash("LARSEN AND TOUBRO LIMITED") == "larsentoubro"


@pytest.mark.parametrize(
    ("headline", "kind", "stance"),
    [
        ("ITC Q2 net profit jumps 25% to ₹900 crore, beats estimates", E.RESULTS, S.POSITIVE),
        ("ITC Q2 net profit falls 25% to ₹900 crore", E.RESULTS, S.NEGATIVE),
        ("ITC Q2 net profit at ₹900 crore, in line with estimates", E.RESULTS, S.NEUTRAL),
        ("ITC net loss narrows in Q3", E.RESULTS, S.POSITIVE),
        ("ITC wins ₹1,200 crore contract from a port authority", E.ORDER_WIN, S.POSITIVE),
        ("ITC acquisition fails to win approval; deal terminated", E.ACQUISITION, S.NEGATIVE),
        ("Statutory auditor of ITC resigns, cites concerns", E.MANAGEMENT, S.NEGATIVE),
        ("Lenders invoke pledge on 12% of ITC shares", E.PLEDGE, S.NEGATIVE),
        ("ITC promoters release pledge on 12% of shares", E.PLEDGE, S.POSITIVE),
        ("ITC board approves share buyback of ₹900 crore", E.BUYBACK, S.POSITIVE),
        ("ITC receives show cause notice from the regulator", E.REGULATORY, S.NEGATIVE),
        ("ITC unit clears inspection with zero observations by USFDA", E.REGULATORY, S.POSITIVE),
        ("Court quashes demand of ₹40 crore on ITC", E.LITIGATION, S.POSITIVE),
        ("ITC cuts full-year revenue guidance by 10% on weak demand", E.GUIDANCE, S.NEGATIVE),
        ("A rating agency downgrades ITC, outlook negative", E.RATING, S.NEGATIVE),
        ("ITC admitted to insolvency", E.INSOLVENCY, S.NEGATIVE),
        ("ITC approves stock split", E.BONUS_SPLIT, S.POSITIVE),
        ("ITC fixes record date for dividend", E.DIVIDEND, S.NEUTRAL),
        ("ITC commissions new plant in Odisha", E.EXPANSION, S.POSITIVE),
        ("ITC to raise funds through rights issue", E.FUND_RAISE, S.NEUTRAL),
        ("ITC launches new product", E.PRODUCT, S.NEUTRAL),
        ("ITC informs the exchange about closure of trading window", E.ROUTINE, S.NEUTRAL),
        ("ITC files newspaper publication of strong results", E.ROUTINE, S.NEUTRAL),
    ],
)
def test_kind_and_stance_of_filing_english(headline, kind, stance):
    found = tag(news(headline), NAMES)
    assert [(t.symbol, t.event_type, t.stance) for t in found] == [("ITC", kind, stance)]


@pytest.mark.parametrize(
    ("headline", "stance"),
    [
        ("ITC does not expect weak demand", S.POSITIVE),
        ("ITC not a good buy", S.NEGATIVE),
        ("ITC cuts debt by 20%", S.POSITIVE),
        ("ITC costs rise 20%", S.NEGATIVE),
        ("Buy ITC with a stop loss of ₹400 and a target of ₹450", S.NEUTRAL),
    ],
)
def test_negation_and_what_moves_decide_the_lean(headline, stance):
    assert tag(news(headline), NAMES)[0].stance == stance


def test_each_company_is_read_in_its_own_clause():
    found = tag(news("Tata Motors jumps 8% while Tata Steel falls 5%"), NAMES)
    assert [(t.symbol, t.stance) for t in found] == [
        ("TATAMOTORS", S.POSITIVE),
        ("TATASTEEL", S.NEGATIVE),
    ]
    assert all(t.confidence < 0.8 for t in found)


def test_a_company_s_own_name_never_leans():
    found = tag(news("Info Edge promoters pledge another 5% of shares"), NAMES)
    assert [(t.symbol, t.stance) for t in found] == [("NAUKRI", S.NEGATIVE)]


def test_larger_figures_have_more_impact_and_all_scores_are_fractions():
    small = tag(news("ITC wins order worth ₹50 crore"), NAMES)[0]
    large = tag(news("ITC wins order worth ₹6,000 crore"), NAMES)[0]
    assert 0 < small.impact < large.impact <= 1
    assert 0 < small.confidence <= 1
    assert "ITC" in large.matched and large.known_at == AT


def test_magnitude_reads_percent_and_crore():
    assert magnitude("up 40%") == 1.0
    assert magnitude("up 10 per cent") == 0.25
    assert magnitude("₹1 lakh crore plan") == 1.0
    assert magnitude("nothing") is None


def test_priority_follows_the_kind():
    assert priority_of("ITC wins order worth ₹50 crore") is Priority.URGENT
    assert priority_of("Closure of Trading Window") is Priority.ROUTINE
    assert priority_of("ITC fixes record date for dividend") is Priority.NORMAL
    assert priority_of("ITC in focus") is Priority.NORMAL


def test_boilerplate_is_not_read_as_news_of_the_regulator():
    subject = (
        "Bharat Heavy Electricals Ltd - 500103 - Disclosure Under Regulation 30 Of SEBI (Listing "
        "Obligations And Disclosure Requirements) Regulations, 2015"
    )
    assert tag(news(subject), NAMES)[0].event_type is E.ROUTINE
