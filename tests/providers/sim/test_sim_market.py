import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.domain.calendar import Calendar
from core.domain.clock import IST
from core.domain.event import EventType, Stance
from core.domain.instrument import CapClass, Instrument, tick_for, trading_range
from core.domain.money import Money
from core.errors import BadInput, NotFound, OutsideCalendar
from core.panel import Panel
from core.providers.calendar_file import load_calendar
from core.providers.sim import SIM_STARTS_ON, SimMarket
from core.providers.sim.climate import climate
from core.providers.sim.daily import shocks
from core.providers.sim.world import assemble, auctions
from core.providers.universe_file import load_universe

FILES = Path(__file__).resolve().parents[3] / "data"
FIRST = SIM_STARTS_ON
AUCTION_DAY = date(2026, 8, 4)  # shares with derivatives close by auction since 3 Aug 2026


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_calendar(FILES / "calendar.json")


@pytest.fixture(scope="module")
def universe() -> list[Instrument]:
    """Every sixth share of the committed universe, and all large ones."""
    shares = load_universe(FILES / "universe.csv")
    return [
        one
        for place, one in enumerate(shares)
        if place % 6 == 0 or (one.cap_class is CapClass.LARGE and place % 2 == 0)
    ]


@pytest.fixture(scope="module")
def market(universe: list[Instrument], calendar: Calendar) -> SimMarket:
    return SimMarket(universe, calendar, seed=42)


def at(hour: int, minute: int, second: int = 0, *, day: date = FIRST) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=IST)


def hash_of(panel: Panel) -> str:
    parts = (panel.open, panel.high, panel.low, panel.close, panel.volume)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def test_the_same_seed_gives_the_same_market_in_any_order_of_asking(market, universe, calendar):
    again = SimMarket(universe, calendar, seed=42)
    later = again.quotes_at(at(11, 0, day=date(2026, 4, 8)))
    assert again.quotes_at(at(10, 0)) == market.quotes_at(at(10, 0))
    assert later == market.quotes_at(at(11, 0, day=date(2026, 4, 8)))
    assert hash_of(again.history(1250)) == hash_of(market.history(1250))
    day = (at(0, 0), at(23, 59))
    assert again.events(*day) == market.events(*day)


def test_another_seed_gives_another_market(market, universe, calendar):
    other = SimMarket(universe, calendar, seed=43)
    assert hash_of(other.history(50)) != hash_of(market.history(50))
    assert other.events(at(0, 0), at(12, 0)) != market.events(at(0, 0), at(12, 0))


def test_a_share_keeps_its_nature_whoever_its_neighbours_are(market, universe, calendar):
    fewer = SimMarket(universe[:5], calendar, seed=42)
    np.testing.assert_array_equal(fewer.world.traits.price, market.world.traits.price[:5])
    assert fewer.results_on(universe[0].isin) == market.results_on(universe[0].isin)


def test_history_ends_before_the_first_live_session_and_is_whole(market, universe):
    panel = market.history(1250)
    assert panel.close.shape == (1250, len(universe))
    assert panel.sessions[-1] == date(2026, 4, 2)  # 3 April 2026 is Good Friday
    for part in (panel.open, panel.high, panel.low, panel.close, panel.volume):
        assert np.isfinite(part).all() and (part > 0).all()
    assert (panel.high >= np.maximum(panel.open, panel.close)).all()
    assert (panel.low <= np.minimum(panel.open, panel.close)).all()
    assert (panel.factor[-1] == 1).all() and (panel.factor > 1).any()
    assert hash_of(market.history(40)) == hash_of(panel.since(panel.sessions[-40]))


def test_present_prices_are_those_of_shares(market):
    last = market.history(1).close[0]
    assert last.min() >= 29 and last.max() <= 12_500


def test_prices_stand_on_the_tick_of_the_month_and_inside_the_band(market, universe):
    panel = market.history(60)
    paise = np.rint(panel.close * 100).astype(int)
    for column, one in enumerate(universe):
        for row in range(1, 60):
            tick = market.tick_of(one.isin, panel.sessions[row])
            assert paise[row, column] % tick.paise == 0
            divisor = panel.factor[row - 1, column] / panel.factor[row, column]
            prev_close = Money(int(paise[row - 1, column]))
            if divisor != 1:  # a split's base price, on the tick
                prev_close = Money(round(prev_close.paise / divisor / tick.paise) * tick.paise)
            for side in (panel.high, panel.low):
                edge = Money(round(side[row, column] * 100))
                # a derivative share's range is flexed to what trades; any other's stands
                assert trading_range(one, prev_close=prev_close, ltp=edge, tick=tick).holds(edge)


def test_the_tick_comes_from_the_last_close_of_the_month_before(market, universe):
    panel = market.history(1250)
    march = max(day for day in panel.sessions if day < date(2026, 4, 1))
    row = panel.sessions.index(march)
    for column, one in enumerate(universe):
        close = Money(round(panel.close[row, column] * 100))
        assert market.tick_of(one.isin, FIRST) == tick_for(close)


@pytest.mark.parametrize("day", [FIRST, AUCTION_DAY])
def test_the_session_s_bars_are_those_of_its_quotes(market, universe, day):
    bars = market.bars_of(day)
    seconds = [at(9, 15, day=day) + timedelta(seconds=37 * n) for n in range(700)]
    seen = np.array([[q.ltp.paise for q in market.quotes_at(one)] for one in seconds])
    last = market.quotes_at(at(20, 0, day=day))
    assert (seen[0] == np.rint(bars.open[0] * 100)).all()
    trades, half_hour = market.last_trades([day])[0], at(15, 0, day=day)
    window = np.array(
        [
            [q.ltp.paise for q in market.quotes_at(half_hour + timedelta(seconds=second))]
            for second in range(1, 1801)
        ]
    )
    for column, quote in enumerate(last):
        close = round(bars.close[0, column] * 100)
        assert quote.ltp.paise == round(trades[column] * 100)
        if universe[column].has_derivatives and day == AUCTION_DAY:
            assert quote.ltp.paise == close  # the auction's price is the last trade
        else:  # the average of the last half hour, but for ticks and for who trades seldom
            assert close == pytest.approx(window[:, column].mean(), rel=2e-3)
        assert max(quote.high.paise, close) == round(bars.high[0, column] * 100)
        assert min(quote.low.paise, close) == round(bars.low[0, column] * 100)
        assert quote.open.paise == round(bars.open[0, column] * 100)
        assert quote.volume == bars.volume[0, column]
    assert (seen.max(axis=0) <= np.rint(bars.high[0] * 100)).all()
    assert (seen.min(axis=0) >= np.rint(bars.low[0] * 100)).all()
    closes = market.world.daily.close[market.world.sessions.index(day)]
    assert (np.rint(bars.close[0] * 100) == closes).all()


def test_a_quote_is_on_ticks_in_the_band_with_bid_under_ask(market, universe):
    for moment in (at(9, 15), at(9, 15, 1), at(12, 30, 7), at(15, 29, 59)):
        for one, quote in zip(universe, market.quotes_at(moment), strict=True):
            tick = market.tick_of(one.isin, FIRST)
            assert quote.isin == one.isin and quote.source == "SIM"
            assert quote.low <= quote.ltp <= quote.high
            assert quote.bid <= quote.ltp <= quote.ask
            assert {p.paise % tick.paise for p in (quote.ltp, quote.bid, quote.ask)} == {0}
            band = trading_range(one, prev_close=quote.prev_close, ltp=quote.ltp, tick=tick)
            assert band.holds(quote.bid) and band.holds(quote.ask)
            assert quote.at == moment == quote.received_at


def test_volume_and_range_only_grow_during_a_session(market):
    moments = [at(9, 15), at(9, 15, 30), at(9, 16, 30), at(11, 0), at(11, 0, 59), at(15, 30)]
    found = [market.quotes_at(one) for one in moments]
    for earlier, later in pairwise(found):
        for a, b in zip(earlier, later, strict=True):
            assert a.volume <= b.volume and a.high <= b.high and a.low >= b.low


def test_outside_trading_hours_the_last_price_stands_with_its_own_time(market):
    before = market.quotes_at(at(9, 14, 59))
    past = market.history(1)
    assert [q.ltp.paise for q in before] == np.rint(
        market.last_trades(past.sessions)[0] * 100
    ).astype(int).tolist()
    assert {q.at for q in before} == {at(15, 30, day=date(2026, 4, 2))}
    assert {q.received_at for q in before} == {at(9, 14, 59)}
    evening, night = market.quotes_at(at(19, 0)), market.quotes_at(at(8, 0, day=date(2026, 4, 7)))
    assert [q.ltp for q in evening] == [q.ltp for q in night]
    assert {q.at for q in evening} == {at(15, 30)}
    opened = market.quotes_at(at(9, 15, day=date(2026, 4, 7)))
    closes = np.rint(market.bars_of(FIRST).close[0] * 100).astype(int).tolist()
    assert [q.prev_close.paise for q in opened] == closes
    assert closes != [q.ltp.paise for q in evening]  # the official close is no last trade


def test_a_share_with_derivatives_waits_for_its_auction(market, universe):
    hold = [market.quotes_at(at(15, minute, day=AUCTION_DAY)) for minute in (16, 27)]
    for column, one in enumerate(universe):
        if one.has_derivatives:
            assert hold[0][column].ltp == hold[1][column].ltp
    moved = [a.ltp != b.ltp for a, b in zip(*hold, strict=True)]
    assert any(
        moving for moving, one in zip(moved, universe, strict=True) if not one.has_derivatives
    )


def test_days_beyond_the_calendar_and_before_the_history_are_refused(market):
    with pytest.raises(OutsideCalendar, match="2027-01-04 has no simulated quotes"):
        market.quotes_at(at(10, 0, day=date(2027, 1, 4)))
    with pytest.raises(OutsideCalendar, match="2015-01-05 has no simulated quotes"):
        market.quotes_at(at(10, 0, day=date(2015, 1, 5)))
    with pytest.raises(OutsideCalendar, match="2026-04-05 is no session"):
        market.bars_of(date(2026, 4, 5))
    with pytest.raises(OutsideCalendar, match="is no session"):
        market.opens(date(2026, 4, 5))


def test_wrong_asking_is_one_sentence(market, universe, calendar):
    with pytest.raises(BadInput, match="1 to 1250 sessions, asked for 1251"):
        market.history(1251)
    with pytest.raises(NotFound, match="INE000000000 is not among"):
        market.results_on("INE000000000")
    with pytest.raises(BadInput, match="cannot start on 2026-04-05"):
        SimMarket(universe[:3], calendar, seed=1, starts_on=date(2026, 4, 5))
    with pytest.raises(OutsideCalendar, match="needs 1250 sessions before 2014-01-02"):
        SimMarket(universe[:3], calendar, seed=1, starts_on=date(2014, 1, 2))
    with pytest.raises(BadInput, match="at least one instrument"):
        SimMarket([], calendar, seed=1)


def test_bars_of_a_past_session_are_the_history_s(market):
    panel = market.history(3)
    assert hash_of(market.bars_of(panel.sessions[1])) == hash_of(
        panel.only(panel.isins).since(panel.sessions[1]).until(panel.sessions[1])
    )
    assert market.opens(FIRST) == at(9, 15)


def test_results_come_four_times_a_year_on_sessions_and_are_known_ahead(market, universe, calendar):
    for one in universe:
        dates = market.results_on(one.isin)
        assert all(calendar.is_session(day) for day in dates)
        assert sum(day.year == 2025 for day in dates) == 4
        assert any(day > FIRST for day in dates)


def test_every_event_is_marked_simulated(market, universe):
    past = market.past_events()
    live = market.events(at(0, 0), at(23, 59))
    assert all(event.simulated and event.source == "SIM newswire" for event in past + live)
    assert len({event.id for event in past + live}) == len(past) + len(live)
    assert past == sorted(past, key=lambda event: event.known_at)
    assert past[-1].known_at < at(9, 15) and len(past) > 3_000


def test_events_are_asked_open_on_the_left_and_closed_on_the_right(market):
    event = market.events(at(9, 15), at(15, 30))[0]
    assert event in market.events(event.known_at - timedelta(seconds=1), event.known_at)
    assert event not in market.events(event.known_at, event.known_at + timedelta(hours=1))
    whole = market.events(at(0, 0), at(23, 0, day=date(2026, 4, 9)))
    halves = market.events(at(0, 0), at(12, 0, day=date(2026, 4, 7)))
    halves += market.events(at(12, 0, day=date(2026, 4, 7)), at(23, 0, day=date(2026, 4, 9)))
    assert halves == whole


@pytest.mark.parametrize("seed", [1, 7, 42, 2026])
def test_a_newcomer_meets_good_news_of_several_large_companies_at_once(seed, universe, calendar):
    market = SimMarket(universe, calendar, seed=seed)
    soon = [
        item
        for item in market.world.items[market.world.first_live]
        if item.strong and item.stance is Stance.POSITIVE and 33_300 <= item.second < 33_420
    ]
    columns = {item.column for item in soon}
    assert len(columns) >= 3 and min(item.second for item in soon) < 33_300 + 60
    assert all(universe[column].cap_class is CapClass.LARGE for column in columns)
    assert len({universe[column].sector for column in columns}) == len(columns)
    for column in columns:
        own = [i for i in market.world.items[market.world.first_live] if i.column == column]
        assert all(item.stance is not Stance.NEGATIVE for item in own)


def test_every_live_session_opens_with_a_strong_item_and_goes_on(market):
    for items in market.world.items[market.world.first_live :]:
        assert 18 <= len(items) <= 75
        assert any(item.strong and 33_300 < item.second < 33_390 for item in items)


def test_good_news_drifts_up_and_bad_news_down(market):
    # By construction a strong item drifts about 1.15 of a session's vol over ten sessions.
    panel = market.history(1250)
    found: dict[Stance, list[float]] = {Stance.POSITIVE: [], Stance.NEGATIVE: []}
    for items in market.world.items[: market.world.first_live - 12]:
        for item in items:
            if item.strong and item.moves:
                row = item.row + (item.second >= 55_800)  # the first close that knows it
                now, later = panel.close[row, item.column], panel.close[row + 10, item.column]
                found[item.stance].append(later / now - 1)
    good, bad = (np.array(found[side]) for side in (Stance.POSITIVE, Stance.NEGATIVE))
    error = np.sqrt(good.var() / len(good) + bad.var() / len(bad))
    assert (good.mean() - bad.mean()) / error > 4


def test_some_news_misleads(market):
    strong = [i for items in market.world.items for i in items if i.strong and i.moves]
    wrong = [i for i in strong if i.drift * int(i.stance) < 0]
    assert 0.05 < len(wrong) / len(strong) < 0.2


def test_news_jumps_the_price_at_its_own_second(market):
    world = market.world
    row = world.first_live
    item = next(i for i in world.items[row] if i.strong and i.moves and 33_300 < i.second < 33_420)
    known = at(0, 0) + timedelta(seconds=item.second)
    before = market.quotes_at(known - timedelta(seconds=1))[item.column].ltp.paise
    after = market.quotes_at(known)[item.column].ltp.paise
    expected = item.jump * world.traits.vol[item.column]
    assert np.log(after / before) == pytest.approx(expected, abs=0.004)


def test_prices_never_know_of_later_items(market, universe, calendar):
    moment = at(11, 0)
    world = market.world
    cut = (moment - at(0, 0)).total_seconds()
    known = tuple(
        tuple(
            i
            for i in items
            if row < world.first_live or (row == world.first_live and i.second <= cut)
        )
        for row, items in enumerate(world.items)
    )
    n = len(world.sessions)
    weather = climate(n, world.traits.sectors, first_live=world.first_live, seed=42)
    ignorant = SimMarket(universe, calendar, seed=42)
    ignorant.world = assemble(
        world.sessions,
        world.first_live,
        world.traits,
        weather=weather,
        before_news=shocks(n, world.traits, weather, seed=42),
        results=world.results,
        items=known,
        planned=world.payouts,
        by_auction=auctions(world.sessions, universe, calendar),
        seed=42,
    )
    assert sum(map(len, known)) < sum(map(len, world.items))
    for one in (at(9, 15), at(10, 12, 13), moment):
        assert ignorant.quotes_at(one) == market.quotes_at(one)
    assert ignorant.quotes_at(at(15, 30)) != market.quotes_at(at(15, 30))


def test_a_bank_wins_no_orders(market, universe):
    banks = {n for n, one in enumerate(universe) if one.sector == "Financial Services"}
    kinds = {i.kind for items in market.world.items for i in items if i.column in banks}
    assert EventType.ORDER_WIN not in kinds and EventType.GUIDANCE in kinds


def test_at_a_circuit_one_side_of_the_book_is_empty(market, universe):
    fixed = next(n for n, one in enumerate(universe) if one.band_pct is not None)
    world, row = market.world, market.world.first_live - 1
    for side, sizes in (
        ("band_high", ("ask_qty", "bid_qty")),
        ("band_low", ("bid_qty", "ask_qty")),
    ):
        last = world.daily.last.copy()
        last[row, fixed] = getattr(world.daily, side)[row, fixed]
        held = SimMarket.__new__(SimMarket)
        held.__dict__.update(market.__dict__)
        held.world = replace(world, daily=replace(world.daily, last=last))
        quote = held.quotes_at(at(8, 0))[fixed]
        assert getattr(quote, sizes[0]) == 0 and getattr(quote, sizes[1]) > 0
        assert quote.bid <= quote.ltp <= quote.ask
