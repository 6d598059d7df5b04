"""When a broker ends MIS: by share, by day, by the day's hours."""

from datetime import date, datetime
from pathlib import Path

import pytest

from core.domain.account import Broker
from core.domain.clock import IST
from core.domain.money import Money
from core.errors import BadInput
from core.providers.calendar_file import load_calendar
from core.providers.square_off_file import load_cut_offs
from tests.made import MIDCO, RELIANCE

DATA = Path(__file__).parents[2] / "data"
CALENDAR = load_calendar(DATA / "calendar.json")
ROWS = load_cut_offs(DATA / "square_off.json")


def told(broker, instrument, day):
    return ROWS.of(broker, instrument, day, CALENDAR).at


def moment(day, hour, minute):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=IST)


@pytest.mark.parametrize(
    ("broker", "share", "day", "hour", "minute"),
    [
        (Broker.ZERODHA, MIDCO, date(2026, 11, 23), 15, 20),
        (Broker.ZERODHA, RELIANCE, date(2026, 7, 31), 15, 20),
        (Broker.ZERODHA, RELIANCE, date(2026, 11, 23), 15, 10),  # its auction begins at 15:15
        (Broker.ZERODHA, RELIANCE, date(2026, 12, 7), 15, 20),
        (Broker.PAPER, RELIANCE, date(2026, 11, 23), 15, 10),
        (Broker.UPSTOX, MIDCO, date(2026, 11, 23), 15, 15),
        (Broker.UPSTOX, RELIANCE, date(2026, 11, 23), 15, 5),
    ],
)
def test_the_minute_is_the_brokers_for_the_share_and_the_day(broker, share, day, hour, minute):
    assert told(broker, share, day) == moment(day, hour, minute)


def test_every_minute_of_the_loaded_years_lies_inside_continuous_trading():
    for broker in (Broker.ZERODHA, Broker.UPSTOX):
        for day in CALENDAR.sessions(date(2023, 1, 1), CALENDAR.last):
            special = CALENDAR.specials.get(day)
            if special is not None and not special.hours_known:
                continue
            for share in (MIDCO, RELIANCE):
                ends = CALENDAR.continuous_until(day, has_derivatives=share.has_derivatives)
                assert CALENDAR.session(day).opens_at < told(broker, share, day) < ends


def test_a_short_evening_session_is_squared_off_before_its_own_end():
    # Muhurat of 1 Nov 2024, 18:00 to 19:00
    assert told(Broker.ZERODHA, MIDCO, date(2024, 11, 1)) == moment(date(2024, 11, 1), 18, 50)


def test_a_day_without_trading_has_no_minute():
    when = ROWS.at(Broker.ZERODHA, CALENDAR)
    assert when(MIDCO, date(2026, 11, 22)) is None
    assert when(MIDCO, date(2031, 1, 2)) is None
    found = when(MIDCO, date(2026, 11, 23))
    assert found is not None and found.fee == Money.rupees("59")


def test_a_day_before_the_first_row_is_refused():
    with pytest.raises(BadInput, match="no row says when fyers squares off"):
        ROWS.row(Broker.FYERS, date(2026, 11, 23))


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "cannot be understood"), ('{"rows": [{}]}', "a row without 'broker'")],
)
def test_a_spoiled_file_is_named(tmp_path, text, words):
    path = tmp_path / "square_off.json"
    with pytest.raises(BadInput, match="cannot be read"):
        load_cut_offs(path)
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        load_cut_offs(path)
