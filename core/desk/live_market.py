"""The real market as the worker's loop sees it: prices from a login's stream, the rest by hand.

It makes nothing up. Bars come from imported files and vendors, news from imported files,
corporate actions from lists that a person confirmed, and a market-wide halt is seen only as
prices that stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import numpy as np

from core.desk.desk import REFERENCE, Desk
from core.desk.live_prices import LivePrices
from core.desk.log_in import LogIns
from core.domain.action import CorporateAction
from core.domain.event import Event
from core.domain.instrument import Instrument
from core.domain.quote import Quote
from core.panel import Floats
from core.providers.sim.halting import Stop
from core.providers.universe_file import load_universe
from core.store import actions, instruments

LIST_SECONDS: Final = 15.0  # between two looks at which shares are listed


class LiveMarket:
    """A MarketSide over the live feed; `shares` is what its paper broker trades."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._listed_at = float("-inf")
        self.prices = LivePrices(desk)
        self.shares: dict[str, Instrument] = {}
        self.list_shares()

    def list_shares(self) -> None:
        """Read which shares there are: the store's, and those that are shipped before it has any.

        A share is never taken away, for it may still be held.
        """
        self._listed_at = self._desk.clock.monotonic()
        with self._desk.store.read() as tx:
            listed = instruments.all_instruments(tx)
        known = listed or load_universe(REFERENCE / "universe.csv")
        self.shares.update({one.isin: one for one in known})

    def look(self, ins: LogIns) -> str:
        """What the feed needs beside the floor, each second."""
        return self.prices.look(ins)

    def quotes_at(self, at: datetime) -> Sequence[Quote]:
        """Prices that came since the last call."""
        if self._desk.clock.monotonic() - self._listed_at >= LIST_SECONDS:
            self.list_shares()
        return self.prices.take()

    def events(self, since: datetime, until: datetime) -> Sequence[Event]:
        """None: there is no live newswire, and imported files are stored as they are read."""
        return ()

    def actions(self, until: datetime) -> Sequence[CorporateAction]:
        """None: lists are imported."""
        return ()

    def actions_on(self, day: date) -> list[CorporateAction]:
        """What the desk's own list says goes ex, once a person or an exchange's file said so."""
        with self._desk.store.read() as tx:
            return [one for one in actions.going_ex(tx, day, day) if one.status == "CONFIRMED"]

    def opens(self, session: date) -> datetime:
        """When continuous trading begins."""
        return self._desk.calendar.session(session).opens_at

    def halts_of(self, session: date) -> Sequence[Stop]:
        """None: no index is streamed."""
        return ()

    def bars_of(self, session: date) -> None:
        """None: a session's bars are imported or fetched."""
        return

    def last_trades(self, sessions: Sequence[date]) -> Floats:
        """Nothing beside no bars."""
        return np.empty((len(sessions), 0))
