"""Which login's stream is the feed, what is asked beside it, and which ticks are held back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.desk.feed import STREAM_MAX, wanted_live, watched
from core.desk.live_prices import LivePrices
from core.domain.account import Broker, BrokerLogin, LoginMode, Market
from core.domain.quote import Quote
from core.domain.watch import Watchlist
from core.errors import NotFound, SessionDead
from core.store import accounts, cards, watchlists
from core.store.engine import open_store
from tests.desk.morning import Morning, a_card, morning_on
from tests.made import MIDCO, RELIANCE, quote, rs


class There:
    """One login: what its stream told, what it answers, and what it was asked."""

    def __init__(self, name: str, morning: Morning, prices: LivePrices) -> None:
        self.login = BrokerLogin(name, Broker.ZERODHA, LoginMode.PAPER, f"Zerodha {name}", "AB1234")
        self.session = SimpleNamespace(died="", silent="")
        self.stream = SimpleNamespace(state=SimpleNamespace(connected=True, trouble=""))
        self.known = self
        self.asked: list[list[str]] = []
        self.answers: dict[str, Quote] = {}
        self.dies = False
        self._morning, self._prices = morning, prices

    def lists(self, isin: str) -> bool:
        return True

    def quotes(self, isins: Sequence[str]) -> list[Quote]:
        self.asked.append(list(isins))
        if self.dies:
            raise SessionDead("the token is no longer valid")
        if missing := [one for one in isins if one not in self.answers]:
            raise NotFound(f"no quote of {missing[0]}")
        now = self._morning.clock.now()
        return [replace(self.answers[one], at=now, received_at=now) for one in isins]

    def tells(self, ltp: str, of=RELIANCE, **changes: Any) -> None:
        made = replace(quote(ltp, of=of, at=self._morning.clock.now()), source="zerodha", **changes)
        self._prices.hear(self.login, [made])


@pytest.fixture
def morning(sqlite_url: str, desk_home: Path) -> Iterator[Morning]:
    store = open_store(sqlite_url, Market.LIVE, scratch=True)
    yield morning_on(store, desk_home)
    store.close()


@pytest.fixture
def prices(morning: Morning) -> LivePrices:
    return LivePrices(morning.desk)


def two(morning: Morning, prices: LivePrices) -> tuple[There, There, Any]:
    one, other = There("a", morning, prices), There("b", morning, prices)
    for there in (one, other):
        there.answers = {share.isin: quote("500", of=share) for share in (MIDCO, RELIANCE)}
    return one, other, SimpleNamespace(opened={"a": one, "b": other})


def test_the_feed_moves_to_another_login_when_its_own_falls_silent(
    morning: Morning, prices: LivePrices
):
    one, other, ins = two(morning, prices)
    assert prices.look(ins) == "prices come from Zerodha a"
    one.tells("500")
    other.tells("501")
    prices.look(ins)
    assert {found.ltp for found in prices.take() if found.isin == RELIANCE.isin} == {rs("500")}
    morning.clock.pass_seconds(6)
    other.tells("502")
    assert prices.look(ins) == "prices come from Zerodha b"
    assert [found.ltp for found in prices.take() if found.isin == RELIANCE.isin] == [rs("502")]
    one.tells("503")
    assert prices.look(ins) == ""  # it stays with what ticks


def test_what_is_at_stake_is_asked_for_every_two_seconds_and_nothing_else(
    morning: Morning, prices: LivePrices
):
    one, _, ins = two(morning, prices)
    morning.put(a_card(morning.clock))
    prices.look(ins)  # the first look asks for everything
    assert sorted(one.asked[0]) == sorted([MIDCO.isin, RELIANCE.isin])
    prices.take()
    one.asked.clear()
    for _ in range(4):
        morning.clock.pass_seconds(1)
        one.tells("500")
        prices.look(ins)
    assert one.asked == [[MIDCO.isin], [MIDCO.isin]]


def test_a_share_the_broker_leaves_out_is_found_and_not_asked_for_again(
    morning: Morning, prices: LivePrices
):
    one, _, ins = two(morning, prices)
    del one.answers[MIDCO.isin]
    prices.look(ins)
    assert [found.isin for found in prices.take()] == [RELIANCE.isin]
    one.asked.clear()
    one.stream.state.connected = False
    morning.clock.pass_seconds(3)
    prices.look(ins)
    assert one.asked == [[RELIANCE.isin]]


def test_a_jump_waits_for_a_request_and_passes_when_nobody_denies_it(
    morning: Morning, prices: LivePrices
):
    one, _, ins = two(morning, prices)
    prices.look(ins)
    one.tells("500")
    prices.take()
    morning.clock.pass_seconds(1)
    one.tells("600")  # 20 % up
    assert prices.take() == [] and "20.00 % from the last price" in prices.refused[RELIANCE.isin]
    one.answers[RELIANCE.isin] = quote("600", of=RELIANCE)
    morning.clock.pass_seconds(2)
    prices.look(ins)  # a doubted share is asked for
    one.tells("600")
    assert prices.take()[-1].ltp == rs("600")


def test_a_first_price_without_any_answer_is_used_after_fifteen_seconds(
    morning: Morning, prices: LivePrices
):
    one, _, ins = two(morning, prices)
    one.answers = {}
    prices.look(ins)
    one.tells("500")
    morning.clock.pass_seconds(14)
    one.tells("500")
    assert prices.take() == []
    morning.clock.pass_seconds(2)
    one.tells("500")
    assert [found.ltp for found in prices.take()] == [rs("500")]


def test_a_price_told_late_is_not_used(morning: Morning, prices: LivePrices):
    one, _, ins = two(morning, prices)
    prices.look(ins)
    morning.clock.pass_seconds(2)
    one.tells("501")
    prices.take()
    one.tells("499", at=quote("1", seconds=1).at)
    assert prices.take() == []


def test_a_request_that_finds_the_session_dead_says_so_to_the_floor(
    morning: Morning, prices: LivePrices
):
    one, _, ins = two(morning, prices)
    one.dies = True
    prices.look(ins)
    assert one.session.died == "the token is no longer valid"
    prices.look(ins)
    assert "Zerodha b" in prices._seen(ins.opened["b"], [], slow="", sandboxes_out=False).label


def test_a_live_stream_watches_what_is_at_stake_then_lists_then_the_universe(morning: Morning):
    with morning.desk.store.write() as tx:
        accounts.put_login(tx, There("a", morning, LivePrices(morning.desk)).login)
        watchlists.put(tx, Watchlist(name="Mine", isins=("INE009A01021",)))
        cards.put(tx, a_card(morning.clock))
    with morning.desk.store.read() as tx:
        assert wanted_live(tx) == [MIDCO.isin, "INE009A01021", RELIANCE.isin]
    assert watched(morning.desk, "a") == [MIDCO.isin, "INE009A01021", RELIANCE.isin]
    assert STREAM_MAX == {Broker.ZERODHA: 3_000, Broker.UPSTOX: 2_000}
