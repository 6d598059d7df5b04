"""The desk's own paper broker ends MIS at the minute the committed rows name."""

from datetime import date, datetime

from core.desk.square_off import squares_off
from core.domain.account import Broker
from core.domain.clock import IST
from tests.made import MIDCO, RELIANCE


class Sitting:
    """A desk as far as its calendar."""

    def __init__(self):
        from core.desk.desk import calendar_now

        self.calendar = calendar_now()


def test_paper_ends_mis_when_zerodha_does():
    when = squares_off(Sitting(), Broker.PAPER)
    day = date(2026, 11, 23)
    assert when(MIDCO, day).at == datetime(2026, 11, 23, 15, 20, tzinfo=IST)
    assert when(RELIANCE, day).at == datetime(2026, 11, 23, 15, 10, tzinfo=IST)
    assert when(MIDCO, date(2026, 11, 24)) is None  # Guru Nanak Jayanti
