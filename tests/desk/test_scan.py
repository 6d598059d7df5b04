"""Which shares a scan asks which account about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from core.desk import scan as scan_module
from core.desk.desk import Desk, calendar_now
from core.desk.facts import ShareFacts
from core.desk.last_scan import last_scan
from core.desk.scan import CANDIDATES, SHORTLIST, TRIES, Scanned, scan
from core.desk.stages import Case
from core.domain.account import Account, LoginMode
from core.domain.calendar import Calendar
from core.domain.candidate import Book
from core.domain.card import Card
from core.domain.instrument import Instrument
from core.domain.mandate import Holding, Mandate, Objective
from core.domain.research import Prediction
from core.domain.signal import Regime
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.mandates.slate import Covariances
from core.store import decisions, predictions
from tests.made import (
    ACCOUNT,
    T0,
    a_book,
    a_card,
    a_held,
    a_mandate,
    a_prediction,
    an_instrument,
    rs,
)
from tests.signals.made import feature_panel
from tests.views.shelf import empty_desk

# S00 has the best edge, S11 the worst; every fourth share is of the sector Power
NAMES = [f"S{place:02d}" for place in range(SHORTLIST + 2)]
SHARES = [
    an_instrument(isin=f"INE{name}A01010", symbol=name, sector="IT" if place % 4 else "Power")
    for place, name in enumerate(NAMES)
]
OTHER = replace(ACCOUNT, id="core", name="Core")


def edges() -> dict[str, Prediction]:
    return {
        share.isin: a_prediction(share, edge=0.03 - 0.001 * place)
        for place, share in enumerate(SHARES)
    }


@dataclass
class Knows:
    """Predictions of twelve shares and two accounts; no share has features yet."""

    at: datetime = T0
    regime: Regime = Regime.BULL
    predictions: dict[str, Prediction] = field(default_factory=edges)
    features: FeaturePanel = field(
        default_factory=lambda: feature_panel({share.isin: {} for share in SHARES})
    )
    instruments: dict[str, Instrument] = field(
        default_factory=lambda: {share.isin: share for share in SHARES}
    )
    accounts: dict[str, Account] = field(
        default_factory=lambda: {one.id: one for one in (ACCOUNT, OTHER)}
    )
    modes: dict[str, LoginMode] = field(
        default_factory=lambda: dict.fromkeys((ACCOUNT.id, OTHER.id), LoginMode.PAPER)
    )
    prefers: dict[str, frozenset[str]] = field(default_factory=dict)
    sells_short: str = ""
    rules: dict[str, dict[str, object]] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=calendar_now)
    together: Covariances = field(default_factory=lambda: Covariances((), np.zeros((0, 0))))
    open_cards: frozenset[tuple[str, str]] = frozenset()
    standings: dict[str, object] = field(default_factory=dict)
    results: dict[str, object] = field(default_factory=dict)
    ex_dates: dict[str, object] = field(default_factory=dict)
    left: dict[tuple[str, str], object] = field(default_factory=dict)
    offered: dict[str, int] = field(default_factory=dict)
    waiting: tuple[Card, ...] = ()

    def book(self, account_id: str) -> Book:
        return self.books.get(account_id, a_book(account_id=account_id))

    def facts(self, isin: str) -> ShareFacts:
        """₹1,000 a share, an ATR of 2 %, 30 % a year and ₹200 crore a day."""
        none = np.zeros(59)
        return ShareFacts(isin=isin, close=rs(1000), atr=rs(20), vol=0.3, rsi=55.0, skew=0.0,
                          turnover_median=rs(2_000_000_000), volume_median=2e6,
                          returns=none, by_session=none)  # fmt: skip

    def mandate(self, account_id: str) -> Mandate:
        liked = self.prefers.get(account_id, frozenset())
        changes = self.rules.get(account_id, {})
        rules = a_mandate(account_id=account_id, sectors_preferred=liked, **changes)
        if account_id == self.sells_short:
            return replace(rules, holding=Holding.DAY, shorts=True)
        return rules

    def feature_row(self, isin: str) -> object:
        raise NoData("20 of 253 sessions")


@pytest.fixture
def desk(tmp_path) -> Desk:
    return empty_desk(tmp_path)


def asked(done: Scanned) -> list[tuple[str, str]]:
    return [(decision.symbol, decision.account_id) for decision in done.decisions]


def turns(*symbols: str, accounts: tuple[str, ...] = ("core", "tactical")) -> list[tuple[str, str]]:
    """Each share before each account, as no share of these tests gets a card."""
    return [(symbol, account) for symbol in symbols for account in accounts]


def test_every_account_is_asked_about_the_best_until_it_was_asked_often_enough(desk: Desk):
    done = scan(desk, Knows())
    assert asked(done) == turns("S00", "S01", "S02", "S03", "S04")
    assert (done.symbols, done.candidates, done.cards) == (12, TRIES, 0)
    assert done.refused == (("not among the best few", 7),)
    assert done.sentence == "12 scanned, 5 candidates, 0 cards"


def test_an_account_that_has_its_cards_is_asked_about_nothing_more(desk: Desk, monkeypatch):
    """Each share but the first gets a card in the account core; tactical never does."""

    def decided(_: Desk, known: Knows, cases: list[Case]) -> tuple[list[object], Knows]:
        made = [
            SimpleNamespace(
                id=f"{case.instrument.symbol}{case.account.id}", symbol=case.instrument.symbol,
                isin=case.instrument.isin, account_id=case.account.id,
                card=object()
                if case.account.id == "core" and case.instrument.symbol != "S00" else None,
            )
            for case in cases
        ]  # fmt: skip
        return made, known

    monkeypatch.setattr(scan_module, "decide_share", decided)
    done = scan(desk, Knows())
    of_core = [symbol for symbol, account in asked(done) if account == "core"]
    assert of_core == ["S00", "S01", "S02"]
    assert len(asked(done)) - len(of_core) == TRIES and done.cards == CANDIDATES


def test_an_account_that_prefers_a_sector_is_asked_about_that_sector_first(desk: Desk):
    # of the ten best, S00, S04 and S08 are of the sector Power
    done = scan(desk, Knows(prefers={"core": frozenset({"Power"})}))
    of_core = [symbol for symbol, account in asked(done) if account == "core"]
    of_other = [symbol for symbol, account in asked(done) if account == "tactical"]
    assert of_core == ["S00", "S04", "S08", "S01", "S02"]
    assert of_other == ["S00", "S01", "S02", "S03", "S04"]


def test_in_one_turn_each_account_is_asked_about_one_share(desk: Desk):
    # second: core S04, tactical S01; what core wants second is asked before what it wants third
    done = scan(desk, Knows(prefers={"core": frozenset({"Power"})}))
    assert asked(done)[:6] == [
        ("S00", "core"), ("S00", "tactical"), ("S01", "tactical"), ("S04", "core"),
        ("S02", "tactical"), ("S08", "core"),
    ]  # fmt: skip


def test_a_sector_with_no_share_among_the_best_turns_nothing_away(desk: Desk):
    done = scan(desk, Knows(prefers={"core": frozenset({"Telecom"})}))
    assert asked(done) == asked(scan(desk, Knows()))


def test_every_prediction_and_every_decision_is_stored(desk: Desk):
    done = scan(desk, Knows())
    with desk.store.read() as tx:
        assert len(predictions.latest(tx)) == len(SHARES)
        assert {one.id for one in decisions.recent(tx)} == {one.id for one in done.decisions}


def test_an_account_that_sells_short_is_also_asked_about_the_weakest_shares(desk: Desk):
    # S10 and S11 pay nothing and fall; with 12 shares the bottom tenth is at -12 + 1.1 = -10.9 %
    fallen = {"dist_sma_50": -0.1, "ret_20": -0.1}
    rows = {
        share.isin: {**fallen, "mom_12_1": -(place + 1) / 100} for place, share in enumerate(SHARES)
    }
    known = Knows(features=feature_panel(rows), sells_short="tactical")
    known.predictions = {
        isin: replace(one, direction=int(place < 10), edge=one.edge)
        for place, (isin, one) in enumerate(known.predictions.items())
    }
    done = scan(desk, known)
    assert asked(done) == [
        *turns("S00", "S01", "S02", "S03", "S04"), ("S11", "tactical"),
    ]  # fmt: skip


def test_what_a_mandate_shuts_out_takes_no_place_of_its_few(desk: Desk):
    banned = {"sectors_banned": frozenset({"Power"}), "isins_banned": frozenset({SHARES[1].isin})}
    done = scan(desk, Knows(rules={"core": banned}))
    of_core = [symbol for symbol, account in asked(done) if account == "core"]
    assert of_core == ["S02", "S03", "S05", "S06", "S07"]


def test_an_account_without_a_free_place_is_asked_about_nothing(desk: Desk):
    full = a_book(account_id="core", positions=(a_held(),), gross=0.05)
    done = scan(desk, Knows(books={"core": full}, rules={"core": {"positions_max": 1}}))
    assert {account for _, account in asked(done)} == {"tactical"}


def test_each_objective_has_an_order_of_its_own(desk: Desk):
    # S05 is likely to stop last; S00 has the best edge and the likeliest stop
    known = Knows(rules={"core": {"objective": Objective.RISK_MINIMIZED},
                         "tactical": {"objective": Objective.MAX_PROFIT}})  # fmt: skip
    for place, one in enumerate(list(known.predictions.values())):
        odds = replace(one.stop_first, p=0.5 - 0.02 * (place == 5), low=0.1, high=0.9)
        known.predictions[one.isin] = replace(one, stop_first=odds)
    picked = {account: symbol for symbol, account in reversed(asked(scan(desk, known)))}
    assert picked == {"core": "S05", "tactical": "S00"}


def test_the_scan_is_kept_with_what_every_filter_turned_down(desk: Desk):
    banned = {"sectors_banned": frozenset({"Power"})}
    done = scan(desk, Knows(rules={"core": banned}))
    with desk.store.read() as tx:
        kept = last_scan(tx)
    assert kept is not None
    assert (kept.at, kept.shares, kept.candidates, kept.no_signal) == (T0, 12, 7, ())
    core, tactical = kept.accounts
    assert (core.account_name, core.looked_at, core.kept) == ("Core", 12, 9)
    [row] = core.filters
    assert (row.name, row.symbols) == ("Banned sector", ("S00", "S04", "S08"))
    assert row.whys == ("Power is banned by the mandate.",)
    assert row.why("S04") == "Power is banned by the mandate."
    assert [one.symbol for one in core.placed if one.asked] == ["S01", "S02", "S03", "S05", "S06"]
    assert {one.decision_id for one in core.placed if one.asked} <= {d.id for d in done.decisions}
    assert tactical.filters == () and len(tactical.placed) == SHORTLIST
    assert tactical.beyond == ("S10", "S11")
    assert "expected after charges for each ₹1 at risk" in tactical.placed[0].words


def test_what_has_no_signal_is_kept_by_its_reason(desk: Desk):
    known = Knows()
    for share in SHARES[10:]:
        known.predictions[share.isin] = replace(
            known.predictions[share.isin], direction=0, edge=-0.01
        )
    done = scan(desk, known)
    with desk.store.read() as tx:
        kept = last_scan(tx)
    assert kept is not None and kept.no_signal == (("no edge after costs", ("S10", "S11")),)
    assert ("no edge after costs", 2) in done.refused


def test_cards_of_earlier_scans_that_wait_take_a_place_of_the_few(desk: Desk):
    """A card for S00 waits in one account, where two would be all."""
    waits = frozenset({("core", SHARES[0].isin)})
    done = scan(desk, Knows(open_cards=waits, offered={"core": 1}))
    assert next(symbol for symbol, account in asked(done) if account == "core") == "S01"
    full = scan(desk, Knows(open_cards=waits, offered={"core": 2}))
    assert {account for _, account in asked(full)} == {"tactical"}
    with desk.store.read() as tx:
        kept = last_scan(tx)
    assert kept is not None and kept.accounts[0].waiting == 2


def test_a_waiting_card_holds_its_place_and_its_money(desk: Desk):
    card = a_card(account_id="core", isin=SHARES[0].isin, symbol="S00")
    full = {"core": {"positions_max": 1}}
    waits = frozenset({("core", card.isin)})
    scan(desk, Knows(waiting=(card,), open_cards=waits, rules=full))
    with desk.store.read() as tx:
        kept = last_scan(tx)
    assert kept is not None
    [row] = kept.accounts[0].filters
    assert row.whys == ("Open positions: 1 of at most 1, waiting cards among them.",)
    # 100 at ₹505 are ₹50,500 of ₹1,10,000, of which ₹50,000 must stay: ₹9,500 are no ticket
    poor = {"core": a_book(account_id="core", cash_free=rs(110_000))}
    scan(desk, Knows(waiting=(card,), open_cards=waits, books=poor))
    with desk.store.read() as tx:
        kept = last_scan(tx)
    assert kept is not None
    [row] = kept.accounts[0].filters
    assert row.name == "No cash for a ticket"
    assert "is free beside what waiting cards would take and ₹50,000 must stay" in row.whys[0]


def test_a_share_whose_card_waits_is_not_said_to_be_held(desk: Desk):
    card = a_card(account_id="core", isin=SHARES[0].isin, symbol="S00")
    scan(desk, Knows(waiting=(card,), open_cards=frozenset({("core", card.isin)})))
    with desk.store.read() as tx:
        kept = last_scan(tx)
    assert kept is not None
    assert [(row.name, row.symbols) for row in kept.accounts[0].filters] == [
        ("Card waits", ("S00",))
    ]


def test_what_each_position_adds_to_the_books_volatility_is_kept(desk: Desk):
    # 10 % and 20 % of equity in two shares of 30 % a year that do not move together:
    # 0.3 x sqrt(0.01 + 0.04) = 6.7 %, of which 0.01 / 0.05 and 0.04 / 0.05
    both = tuple(share.isin for share in SHARES[10:])
    held = (a_held(both[0], value=100_000), a_held(both[1], value=200_000))
    known = Knows(books={"core": a_book(account_id="core", positions=held, gross=0.3)},
                  together=Covariances(both, 0.09 * np.eye(2)))  # fmt: skip
    scan(desk, known)
    with desk.store.read() as tx:
        kept = last_scan(tx)
    assert kept is not None
    core = kept.accounts[0]
    assert [(one.symbol, round(one.adds, 4)) for one in core.risks] == [
        ("S11", 0.0537), ("S10", 0.0134),
    ]  # fmt: skip
    assert core.volatility.startswith("6.7 % a year of a target of 18.0 %")
