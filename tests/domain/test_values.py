"""The smaller nouns: probabilities, feature rows, guardrails, quotes, kill levels, the record."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.allocation import Allocation, Guardrail, Unit
from core.domain.audit import GENESIS, Anchor, AuditEntry, canonical, check_chain, link_hash
from core.domain.money import ZERO
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.domain.signal import MIN_CASES, FeatureRow, Probability, fingerprint
from core.errors import BadInput, Tampered
from tests.made import MIDCO, T0, rs

ISIN = MIDCO.isin


def test_a_probability_lies_in_its_interval():
    with pytest.raises(BadInput, match="must lie in its interval"):
        Probability(p=0.7, low=0.4, high=0.6, n=50)
    with pytest.raises(BadInput, match="must lie in its interval"):
        Probability(p=0.5, low=-0.1, high=0.6, n=50)


def test_a_percentage_is_shown_from_thirty_cases_on():
    even = Probability(p=0.5, low=0.4, high=0.6, n=MIN_CASES - 1)
    assert not even.shown
    assert replace(even, n=MIN_CASES).shown


def test_a_feature_is_read_by_name_and_equal_features_share_a_fingerprint():
    names, values = ("rsi", "atr"), (55.0, 2.5)
    row = FeatureRow(ISIN, T0, names, values, "f1", fingerprint(names, values, "f1"))
    assert row["atr"] == 2.5
    assert row.fingerprint == fingerprint(names, (55.0, 2.5 + 1e-14), "f1")
    assert row.fingerprint != fingerprint(names, (55.0, 2.6), "f1")
    assert row.fingerprint != fingerprint(names, values, "f2")


@pytest.mark.parametrize(
    ("value", "limit", "floor", "used"),
    [(5.0, 10.0, False, 0.5), (10.0, 5.0, True, 0.5), (0.0, 5.0, True, 1.0),
     (1.0, 0.0, False, 1.0), (0.0, 0.0, False, 0.0)],
)  # fmt: skip
def test_a_guardrail_says_how_much_is_used(value: float, limit: float, floor: bool, used: float):
    rail = Guardrail("weight", True, value, limit, Unit.FRACTION, "words", limit_is_floor=floor)
    assert rail.used == used


def test_an_allocation_names_the_guardrails_that_say_no():
    yes = Guardrail("a", True, 1.0, 2.0, Unit.COUNT, "")
    no = replace(yes, name="b", passed=False)
    made = Allocation(
        "x", ISIN, 0, None, ZERO, ZERO, ZERO, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, (), (yes, no)
    )
    assert made.failed == (no,)


def test_the_spread_is_a_fraction_of_the_last_trade():
    quote = Quote(
        ISIN, rs(500), rs(499), rs(501), 1, 1, rs(500), rs(500), rs(500), rs(500), 1, T0, T0, "x"
    )
    assert quote.spread == pytest.approx(0.004)  # 2 of 500


def test_only_a_normal_desk_lets_entries_through_and_levels_are_ordered():
    assert [level for level in KillLevel if level.allows_entries] == [KillLevel.NORMAL]
    assert sorted(KillLevel, reverse=True)[0] is KillLevel.FLATTEN


def chain(length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    before = GENESIS
    for seq in range(1, length + 1):
        fields = {
            "seq": seq,
            "at": T0 + timedelta(seconds=seq),
            "actor": "person",
            "verb": "approve",
            "subject": f"cd{seq}",
            "body": canonical({"b": 2, "a": "₹"}),
            "prev_hash": before,
        }
        entries.append(AuditEntry(**fields, hash=link_hash(**fields)))
        before = entries[-1].hash
    return entries


def test_canonical_json_is_sorted_and_without_blanks():
    assert canonical({"b": 2, "a": "₹"}) == '{"a":"₹","b":2}'


def test_a_whole_chain_holds_and_says_where_it_ends():
    entries = chain(4)
    found = check_chain(entries, anchor=Anchor(2, entries[1].hash))
    assert (found.entries, found.head) == (4, Anchor(4, entries[3].hash))
    assert check_chain([]).entries == 0


@pytest.mark.parametrize("field", ["actor", "verb", "subject", "body"])
def test_a_changed_entry_is_named(field: str):
    entries = chain(4)
    entries[2] = replace(entries[2], **{field: "other"})
    with pytest.raises(Tampered, match="entry 3 was changed"):
        check_chain(entries)


def test_missing_moved_and_rewritten_entries_are_named():
    entries = chain(4)
    with pytest.raises(Tampered, match="entry 2 is missing: 3 follows 1"):
        check_chain([entries[0], *entries[2:]])
    with pytest.raises(Tampered, match="entry 1 is out of place"):
        check_chain([*entries[:2], entries[0]])
    fields = {name: getattr(entries[1], name) for name in ("seq", "at", "actor", "verb", "subject")}
    fields |= {"body": "{}", "prev_hash": GENESIS}
    with pytest.raises(Tampered, match="entry 2 was put in or moved"):
        check_chain([entries[0], AuditEntry(**fields, hash=link_hash(**fields))])
    with pytest.raises(Tampered, match="entry 4 is missing: the record ends at 3"):
        check_chain(entries[:3], anchor=Anchor(4, entries[3].hash))
    with pytest.raises(Tampered, match="entry 2 was rewritten with all before it"):
        check_chain(entries, anchor=Anchor(2, "f" * 64))
