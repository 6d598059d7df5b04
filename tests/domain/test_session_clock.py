from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.domain.calendar import Entry, Phase
from core.domain.clock import IST
from core.domain.instrument import CapClass, Instrument
from core.domain.session_clock import SessionClock
from core.errors import BadInput, OutsideCalendar
from core.providers.calendar_file import load_calendar

NSE = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


def clock(day: str, *, futures: bool = True, exchange: str = "NSE") -> SessionClock:
    return SessionClock(
        exchange, "SBIN", date.fromisoformat(day), calendar=NSE, has_derivatives=futures
    )


@pytest.mark.parametrize(
    ("at", "futures", "change", "phase", "entry"),
    [
        ("2026-11-20 08:00", True, "2026-11-20 09:00", Phase.PRE_OPEN, Entry.ANY),
        ("2026-11-20 09:00", True, "2026-11-20 09:05", Phase.PRE_OPEN, Entry.LIMIT_ONLY),
        ("2026-11-20 09:10", True, "2026-11-20 09:15", Phase.CONTINUOUS, Entry.ANY),
        ("2026-11-20 15:14:59", True, "2026-11-20 15:15", Phase.CLOSING_AUCTION, Entry.NONE),
        ("2026-11-20 15:15", True, "2026-11-20 15:20", Phase.CLOSING_AUCTION, Entry.ANY),
        ("2026-11-20 15:15", False, "2026-11-20 15:30", Phase.CLOSED, Entry.NONE),
        ("2026-11-20 15:34", True, "2026-11-20 15:35", Phase.CLOSED, Entry.NONE),
        ("2026-11-20 15:40", True, "2026-11-20 15:50", Phase.POST_CLOSE, Entry.ANY),
        ("2026-11-20 15:55", True, "2026-11-20 16:00", Phase.CLOSED, Entry.NONE),
        ("2026-11-20 16:00", True, "2026-11-23 09:00", Phase.PRE_OPEN, Entry.ANY),
        ("2026-11-24 11:00", True, "2026-11-25 09:00", Phase.PRE_OPEN, Entry.ANY),  # a holiday
        ("2026-11-06 17:00", True, "2026-11-09 09:00", Phase.PRE_OPEN, Entry.ANY),  # over Muhurat
        ("2026-12-07 15:20", True, "2026-12-07 15:30", Phase.CLOSING_AUCTION, Entry.NONE),
        ("2024-03-02 10:30", True, "2024-03-02 11:15", Phase.PRE_OPEN, Entry.ANY),  # a drill
    ],
)
def test_the_next_change_names_its_moment_and_what_holds_then(
    at: str, futures: bool, change: str, phase: Phase, entry: Entry
):
    following = clock(at[:10], futures=futures).next_change(ist(at))
    assert (following.at, following.phase, following.entry) == (ist(change), phase, entry)


def test_seconds_are_counted_to_the_next_change_from_any_zone():
    # 15:14:30 in India is 09:44:30 UTC; the auction begins at 15:15
    assert clock("2026-11-20").seconds_to_next_change(
        datetime(2026, 11, 20, 9, 44, 30, tzinfo=UTC)
    ) == pytest.approx(30.0)


def test_a_day_is_told_from_its_first_phase_to_its_last_with_its_pause():
    told = [
        (f"{one.starts_at:%H:%M}", one.phase, one.note)
        for one in clock("2026-11-20").stretches()[3:]
    ]
    assert told == [
        ("09:15", Phase.CONTINUOUS, ""),
        ("15:15", Phase.CLOSING_AUCTION, "reference price"),
        ("15:20", Phase.CLOSING_AUCTION, "order entry"),
        (
            "15:25",
            Phase.CLOSING_AUCTION,
            "limit orders only; entry ends at random from 15:28 to 15:30",
        ),
        ("15:28", Phase.CLOSING_AUCTION, "matching"),
        ("15:35", Phase.CLOSED, ""),
        ("15:50", Phase.POST_CLOSE, "at the closing price"),
    ]
    assert clock("2026-11-24").stretches() == ()
    assert not clock("2026-11-24").is_session


def test_stops_are_taken_in_continuous_trading_only_and_die_with_it():
    share = clock("2026-11-20")
    assert share.takes_stops(ist("2026-11-20 15:14"))
    assert not share.takes_stops(ist("2026-11-20 15:21"))
    assert share.entry(ist("2026-11-20 15:26")) is Entry.LIMIT_ONLY
    assert share.continuous_until() == ist("2026-11-20 15:15")
    assert clock("2026-11-20", futures=False).continuous_until() == ist("2026-11-20 15:30")


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-11-20 08:44:59", False),
        ("2026-11-20 08:45", True),
        ("2026-11-20 09:00", False),
        ("2026-11-20 14:19", True),
        ("2026-11-20 14:20", False),
        ("2026-11-24 14:10", False),  # a holiday
        ("2016-06-01 09:20", True),  # until 2017 the first 35 minutes
        ("2016-06-01 14:10", False),
        ("2025-10-21 14:10", False),  # Muhurat has none
    ],
)
def test_block_deals_have_windows_of_their_own(at: str, inside: bool):
    assert clock(at[:10]).in_block_window(ist(at)) is inside


def test_block_deals_grew_on_8_december_2025():
    before, after = (
        NSE.block_windows(date.fromisoformat(day)) for day in ("2025-12-05", "2025-12-08")
    )
    assert before and (before.minimum_rupees, before.range_pct) == (100_000_000, 1)
    assert after and (after.minimum_rupees, after.range_pct) == (250_000_000, 3)


def test_settlement_days_are_not_trading_days():
    assert NSE.is_settlement_day(date(2026, 2, 18))
    assert NSE.is_session(date(2026, 2, 19)) and not NSE.is_settlement_day(date(2026, 2, 19))
    assert not NSE.is_settlement_day(date(2026, 2, 1))  # the Budget Sunday
    assert not NSE.is_settlement_day(date(2026, 11, 24))  # a holiday


def test_a_day_outside_the_loaded_span_is_refused_in_one_sentence():
    with pytest.raises(OutsideCalendar) as refusal:
        clock("2027-01-04")
    assert str(refusal.value) == (
        "2027-01-04 is outside the loaded calendar, 2012-01-01 to 2026-12-31; "
        "load the exchange's list for that year"
    )
    with pytest.raises(OutsideCalendar):
        clock("2026-12-31").next_change(ist("2026-12-31 17:00"))


def test_another_exchange_or_another_day_is_refused():
    with pytest.raises(BadInput, match="sessions of MCX are not loaded; NSE and BSE are"):
        clock("2026-11-20", exchange="MCX")
    with pytest.raises(BadInput, match="2026-11-23 10:00 is not on 2026-11-20"):
        clock("2026-11-20").phase(ist("2026-11-23 10:00"))
    assert clock("2026-11-20", exchange="BSE").phase(ist("2026-11-20 10:00")) is Phase.CONTINUOUS


def test_an_instrument_brings_its_own_exchange_symbol_and_auction():
    share = Instrument(
        "INE062A01020", "SBIN", "State Bank of India", "Banks", CapClass.LARGE, has_derivatives=True
    )
    made = SessionClock.of(share, date(2026, 11, 20), NSE)
    assert (made.exchange, made.symbol) == ("NSE", "SBIN")
    assert made.phase(ist("2026-11-20 15:16")) is Phase.CLOSING_AUCTION
