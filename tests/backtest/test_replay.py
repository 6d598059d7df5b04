"""A replay runs the desk's own path: nothing is known early, the books close, twice is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.backtest.replay import HISTORY_MIN, History, opened, play
from core.config import Settings
from core.desk.trade_costs import trade_costs
from core.domain.account import Market
from core.domain.card import CardStatus
from core.domain.money import ZERO, Money, total
from core.errors import BadInput, NoData, WrongMarket
from core.store import audit, bars, cards, decisions, fills, hypotheses, ledger, orders, plans
from core.store.engine import open_store
from core.treasury.pnl import charges_by_item
from tests.backtest.conftest import Played
from tests.backtest.made import BEFORE, PLAYED, SHARES, history, replayed

ALL = 10**6


def test_it_makes_cards_with_evidence_and_every_yes_becomes_an_order(played: Played):
    o = played.outcome
    assert o.cards == o.cards_with_evidence > 0
    assert o.approved > 0
    with played.run.desk.store.read() as tx:
        assert len(approvals(tx)) == o.approved
    assert o.fills == len(all_fills(played)) > 0


def approvals(tx) -> list:
    return [entry for entry in audit.entries(tx) if entry.verb == "approve"]


def all_fills(played: Played) -> list:
    with played.run.desk.store.read() as tx:
        return fills.recent(tx, ALL)


def test_the_books_sum_to_zero_and_the_record_verifies(played: Played):
    with played.run.desk.store.read() as tx:
        assert ledger.trial_balance(tx) == ZERO
        assert audit.verify(tx).entries == played.outcome.audit_entries
    assert played.outcome.trial_balance_paise == 0


def test_no_event_is_decided_before_it_was_known(played: Played):
    with played.run.desk.store.read() as tx:
        made = decisions.recent(tx, ALL)
    about_news = [one for one in made if one.event is not None]
    assert about_news
    for one in about_news:
        assert one.event.known_at <= one.as_of
        assert all(proof.known_at <= one.as_of for proof in evidence(one))


def evidence(decision) -> tuple:
    return decision.verdict.evidence if decision.verdict else ()


def test_no_fill_is_older_than_its_card(played: Played):
    with played.run.desk.store.read() as tx:
        for fill in fills.recent(tx, ALL):
            order = orders.by_id(tx, fill.order_id)
            card = cards.by_id(tx, plans.by_id(tx, order.plan_id).card_id)
            assert card.written_at <= order.prepared_at <= fill.traded_at


def test_every_fill_lies_in_its_sessions_range(played: Played):
    panel = history().panel
    for fill in all_fills(played):
        row = panel.sessions.index(fill.traded_at.date())
        column = panel.column(fill.isin)
        price = fill.price.paise / 100
        assert panel.low[row, column] - 0.005 <= price <= panel.high[row, column] + 0.05


def test_features_end_at_the_session_before(played: Played):
    with played.run.desk.store.read() as tx:
        for one in decisions.recent(tx, ALL):
            closed = [day for day in bars.sessions(tx) if day < one.as_of.date()]
            assert played.run.research is not None
            if one.as_of.date() == history().panel.sessions[-1]:
                assert played.run.research.session == closed[-1]


def test_it_counts_what_it_read(played: Played):
    o = played.outcome
    span = history().panel.sessions[-PLAYED]
    opens_at = played.run.desk.calendar.session(span).opens_at
    coming = [e for e in history().events if e.known_at >= opens_at - timedelta(minutes=1)]
    assert 0 < o.events_in_span <= len(coming)
    assert o.events_mapped <= o.events_in_span
    # the wire speaks of the whole universe, and the replay holds 40 shares of it
    assert 0 < o.events_decided <= o.events_mapped < o.events_named <= o.events_in_span
    unnamed = o.event_outcomes.get("names no share of the universe", 0)
    assert unnamed == o.events_in_span - o.events_named
    assert f"{o.events_named} name a share of the universe, {o.events_mapped} one" in o.words()
    assert (o.sessions, o.symbols, o.symbols_scanned) == (PLAYED, SHARES, SHARES)
    assert sum(o.event_outcomes.values()) == o.events_in_span
    assert "postings sum to ₹0.00" in o.words()
    assert '"trial_balance_paise": 0' in o.to_json()


def test_no_card_outlives_its_session(played: Played):
    with played.run.desk.store.read() as tx:
        assert cards.with_status(tx, CardStatus.OPEN) == []


def test_what_the_trades_cost_adds_up_to_the_books(played: Played):
    with played.run.desk.store.read() as tx:
        done = {plan.id: fills.of_plan(tx, plan.id) for plan in plans.recent(tx, ALL)}
        moves = ledger.transactions(tx)
    booked = charges_by_item(moves)
    assert total(trade_costs(done, moves).values()) == total(booked.values())
    net: dict[tuple[str, date], int] = {}  # one login: its accounts share a charge
    for fill in all_fills(played):
        day = (fill.isin, fill.traded_at.date())
        net[day] = net.get(day, 0) + fill.qty
    left = sum(qty < 0 for qty in net.values())  # bought the same day, nothing leaves
    assert booked.get("dp", ZERO) == Money.rupees("15.34") * left


@pytest.mark.slow
def test_cards_that_nobody_answers_are_scored_alike_each_time(played: Played, tmp_path: Path):
    found = []
    for name in ("one", "two"):
        past, folder = history(), tmp_path / name
        sessions = past.panel.sessions[-PLAYED:]
        settings = Settings(home=folder, database_url=f"sqlite:///{folder / 'unused.db'}")
        with opened(past, settings=settings, calendar_start=sessions[0], folder=folder) as run:
            play(run, sessions, approver=lambda _card, _desk: False)
            with run.desk.store.read() as tx:
                found.append(hypotheses.recent(tx, ALL))
                assert fills.recent(tx, ALL) == []
                assert ledger.trial_balance(tx) == ZERO
    over = [belief for belief in found[0] if belief.outcome]
    assert found[0] == found[1] and over
    assert all(belief.pnl is not None and not belief.taken for belief in over)
    assert all(b.closed_at is not None and b.closed_at > b.as_of for b in over)


@pytest.mark.slow
def test_twice_the_same_history_gives_the_same_cards(played: Played, tmp_path: Path):
    with replayed(tmp_path / "again") as (_, again):
        assert again.cards_hash == played.outcome.cards_hash
        assert again.equity_paise == played.outcome.equity_paise
        assert again.refusals == played.outcome.refusals


def test_a_replay_store_refuses_sim_and_the_other_way_round(tmp_path: Path):
    for stamped, asked in ((Market.REPLAY, Market.SIM), (Market.SIM, Market.REPLAY)):
        url = f"sqlite:///{tmp_path / stamped}.db"
        open_store(url, stamped, scratch=True).close()
        with pytest.raises(WrongMarket, match=f"is stamped {stamped} and cannot be opened for"):
            open_store(url, asked)


def test_too_little_history_says_how_little(tmp_path: Path):
    past = history()
    late = past.panel.sessions[BEFORE - HISTORY_MIN + 9]
    short = History(past.instruments, past.panel.since(late), ())
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'unused.db'}")
    with (
        pytest.raises(NoData, match=f"{HISTORY_MIN - 9} sessions lie before"),
        opened(short, settings=settings, calendar_start=past.panel.sessions[-PLAYED],
               folder=tmp_path / "short"),
    ):  # fmt: skip
        pass


def test_the_least_history_is_enough_to_train_and_to_play(tmp_path: Path):
    past = history()
    first = past.panel.sessions[-PLAYED]
    least = History(
        past.instruments, past.panel.since(past.panel.sessions[BEFORE - HISTORY_MIN]), ()
    )
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'unused.db'}")
    with opened(least, settings=settings, calendar_start=first, folder=tmp_path / "least") as run:
        play(run, [first])
        with run.desk.store.read() as tx:
            assert len([day for day in bars.sessions(tx) if day < first]) == HISTORY_MIN
        assert run.scanned == SHARES


def test_a_folder_is_replayed_into_once(tmp_path: Path):
    past = history()
    (tmp_path / "replay.db").touch()
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'unused.db'}")
    with (
        pytest.raises(BadInput, match="holds an earlier replay"),
        opened(past, settings=settings, calendar_start=past.panel.sessions[-1], folder=tmp_path),
    ):
        pass


def test_a_share_without_a_bar_is_not_quoted(played: Played):
    market = played.run.market
    panel = history().panel
    gone = replace(
        panel, **{part: np.where(np.arange(SHARES) == 0, np.nan, getattr(panel, part))
                  for part in ("open", "high", "low", "close", "volume")},
    )  # fmt: skip
    from core.providers.replay import ReplayMarket

    bare = ReplayMarket(gone, played.run.desk.calendar, ())
    at = market.tick_times(panel.sessions[-1])[2]
    assert panel.isins[0] not in {quote.isin for quote in bare.quotes_at(at)}
