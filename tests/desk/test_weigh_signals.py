"""What accounts would take of signals that somebody brings, on the books of this moment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.signal_file import FileSignal, read_signals
from core.desk.weigh_signals import weigh_signals
from core.domain.account import Account
from core.domain.event import EventType
from core.domain.mandate import Objective
from core.errors import BadInput, NotFound
from core.mandates.defaults import default_mandate
from core.store import accounts, ledger, mandates
from core.treasury import post
from tests.desk.morning import ACCOUNT, Morning
from tests.made import RELIANCE, T0, rs

WIN = FileSignal("MIDCO", 1, "event drift", EventType.ORDER_WIN)


def weighed(morning: Morning, *signals: FileSignal):
    morning.tick("500")
    return weigh_signals(morning.desk, signals)


def test_a_signal_is_sized_with_every_cut_and_every_guardrail(morning: Morning):
    [row] = weighed(morning, WIN)
    made = row.allocation
    assert (row.account_id, row.symbol, row.place) == ("event", "MIDCO", 1)
    assert row.ranked_by.startswith("place 1 by gain and")
    assert made is not None and made.qty == made.sized > 0 and made.rejected == ""
    assert {"Volatility of the book", "Risk per trade"} <= {rail.name for rail in made.guardrails}
    # 10 % of ₹20 lakh less 2 % is ₹1.96 lakh at the top of the band
    assert made.bracket is not None
    assert made.qty <= 196_000 // (made.bracket.entry_high.paise / 100)


def test_nothing_is_written(morning: Morning):
    from core.store import cards, decisions

    weighed(morning, WIN)
    with morning.desk.store.read() as tx:
        assert (cards.recent(tx), decisions.recent(tx)) == ([], [])


def test_odds_out_of_enough_cases_bring_kelly_in(morning: Morning):
    thin = replace(WIN, edge=0.01, target_first=0.2, stop_first=0.6, cases=400)
    [row] = weighed(morning, thin)
    assert row.allocation is not None and row.allocation.qty == 0
    assert "Quarter Kelly" in [clamp.name for clamp in row.allocation.clamps]
    [few] = weighed(morning, replace(thin, cases=29))
    assert few.allocation is not None
    assert "Quarter Kelly" not in [clamp.name for clamp in few.allocation.clamps]


def test_a_filter_says_no_before_anything_is_sized(morning: Morning):
    banned = replace(
        default_mandate("event", Objective.BALANCED, signed_at=T0),
        version=2, sectors_banned=frozenset({"Chemicals"}),
    )  # fmt: skip
    with morning.desk.store.write() as tx:
        mandates.put(tx, banned)
    [row] = weighed(morning, WIN)
    assert (row.place, row.allocation, row.turned_down_by) == (0, None, "Banned sector")
    assert row.reason == "Chemicals is banned by the mandate."


def test_a_signal_that_no_playbook_covers_says_which_market_it_is(morning: Morning):
    [row] = weighed(morning, replace(WIN, event=EventType.ROUTINE))
    assert row.turned_down_by == "Playbook" and "routine" in row.reason


def test_accounts_that_want_the_same_share_part_it(morning: Morning):
    """0.06 % of a median day of a million shares is 600; each of the three would take 380."""
    rules = default_mandate("event", Objective.BALANCED, signed_at=T0)
    few = replace(rules, version=2, volume_share_max=0.0006)
    with morning.desk.store.write() as tx:
        mandates.put(tx, few)
        for name in ("second", "third"):
            accounts.put_account(tx, Account(name, name, ACCOUNT.login_id, T0))
            mandates.put(tx, replace(few, account_id=name, version=1))
            money = post.deposit(account_id=name, amount=rs(2_000_000), at=T0, reference=name)
            ledger.post(tx, money)
    parted = {row.account_id: row.allocation for row in weighed(morning, WIN)}
    assert {name: one.qty for name, one in parted.items()} == dict.fromkeys(parted, 200)
    for one in parted.values():
        cut = one.clamps[-1]
        assert (cut.name, cut.to_qty) == ("Shared with other accounts", 200)
        assert "600 may go to them: all accounts take at most 0.06 % of a median day" in cut.reason


def test_what_one_share_takes_counts_for_the_next(morning: Morning):
    morning.tick("500", of=RELIANCE)
    both = weighed(morning, WIN, replace(WIN, symbol="RELIANCE"))
    first, second = (row.allocation for row in both)
    assert first is not None and second is not None
    assert second.gross_before == pytest.approx(first.gross_after, abs=1e-3)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "is no JSON document"),
        ("[]", "has 0 signals; give 1 to 1000"),
        ("[1]", 'signal 1: write an object such as {"symbol": "TCS", "direction": "up"}'),
        ('{"symbol": "TCS", "size": 4}', "signal 1 has size; it may have cases, direction"),
        ('{"symbol": "TCS", "direction": "sideways"}', "neither up nor down"),
        ('{"symbol": "TCS", "direction": true}', "neither up nor down"),
        ('{"symbol": "TCS", "strategy": "luck"}', "no strategy; use event drift or momentum"),
        ('{"symbol": "TCS", "event": "rain"}', "no kind of event"),
        ('{"symbol": "TCS", "edge": 0.01}', "no target_first, stop_first, cases; give all four"),
        (
            '{"symbol": "TCS", "edge": NaN, "target_first": 0.4, "stop_first": 0.3, "cases": 50}',
            "no number that can be used",
        ),
        (
            '{"symbol": "TCS", "edge": 0, "target_first": 0.8, "stop_first": 0.3, "cases": 50}',
            "sum to at most 1",
        ),
        (
            '{"symbol": "TCS", "edge": 0, "target_first": 0.4, "stop_first": 0.3, "cases": 50.5}',
            "a whole number",
        ),
        ('[{"symbol": "TCS"}, {"symbol": "tcs"}]', "names TCS more than once"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_how(tmp_path: Path, told: str, words: str):
    file = tmp_path / "s.json"
    file.write_text(told)
    with pytest.raises(BadInput) as refused:
        read_signals(file)
    assert words in str(refused.value)


def test_one_signal_a_list_and_a_document_are_read_alike(tmp_path: Path):
    one = {"symbol": "tcs", "direction": "down", "event": "order win"}
    file = tmp_path / "s.json"
    for told in (one, [one], {"signals": [one]}):
        file.write_text(json.dumps(told))
        [found] = read_signals(file)
        assert found == FileSignal("TCS", -1, "event drift", EventType.ORDER_WIN)
    with pytest.raises(BadInput, match="there is no such file"):
        read_signals(tmp_path / "none.json")


def test_a_symbol_nobody_lists_is_named(morning: Morning):
    with pytest.raises(NotFound, match="NOSUCH"):
        weighed(morning, replace(WIN, symbol="NOSUCH"))
