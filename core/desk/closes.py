"""What shares were worth at the end of a session: the official close, in the terms of that day.

The official close of a session is its stored bar's. Until that is there, the exchange's own word
in the next session's quotes stands for it, and then the last price of the session itself. A share
that did not trade keeps its last close, in the share terms of the day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from sqlmodel import Session

from core.domain.action import ActionStatus, share_ratio
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.succession import members
from core.store import actions, array_versions, closes, factors, successions
from core.store.moment import kept

Divisors = tuple[tuple[date, float], ...]
Read = tuple[Mapping[str, closes.Closes], Mapping[str, Divisors]]
TABLES_KEPT = 32
LOOK_BACK = 30  # calendar days in which the last close of a share that does not trade is sought
FAR = 0.2  # a stored close further from the last price than the widest band is no close of it


@dataclass(frozen=True, slots=True)
class CloseTable:
    """Closes of some shares over some days; `told` are those that only quotes know, by day."""

    closes: Mapping[str, closes.Closes]
    divisors: Mapping[str, Divisors] = field(default_factory=dict)
    told: Mapping[date, Mapping[str, Money]] = field(default_factory=dict)

    def on(self, isin: str, day: date) -> Money | None:
        """The worth of a share at the end of a day; None where no price is known."""
        stored = self.closes.get(isin, {})
        if day in stored:
            return stored[day]
        if isin in self.told.get(day, {}):
            return self.told[day][isin]
        days = list(stored)
        at = bisect_right(days, day) - 1
        if at < 0 or (day - days[at]).days > LOOK_BACK:
            return None
        price = float(stored[days[at]].paise)
        for ex_date, divisor in self.divisors.get(isin, ()):
            if days[at] < ex_date <= day:
                price /= divisor
        return Money(round(price))

    def marks(self, isins: Iterable[str], day: date) -> dict[str, Money]:
        """What each of these was worth at the end of a day; one without a price is left out."""
        found = ((isin, self.on(isin, day)) for isin in isins)
        return {isin: price for isin, price in found if price is not None}


def close_table(
    tx: Session, isins: Iterable[str], start: date, end: date, prices: Mapping[str, Quote]
) -> CloseTable:
    """Closes from `start` to `end`.

    Args:
        prices: last prices of the session after `end` or of that very session, which tell its
            close where no bar does; none where they are of another.
    """
    wanted = tuple(sorted(set(isins)))
    stored, divisors = STORED.of(tx, wanted, start, end)
    missing = [isin for isin in wanted if isin in prices and end not in stored.get(isin, {})]
    ratios = _ratios(tx, missing, end, prices)
    same = Fraction(1)
    told = {
        isin: _told(prices[isin], end, ratios.get(isin, same), isin in stored) for isin in missing
    }
    known = {isin: price for isin, price in told.items() if price is not None}
    return CloseTable(stored, divisors, {end: known})


@dataclass(slots=True)
class Stored:
    """Closes and steps of the shares asked for, read once while no bar and no step comes."""

    held: tuple[object, dict[object, Read]] = field(default_factory=lambda: (None, {}))

    def of(self, tx: Session, isins: tuple[str, ...], start: date, end: date) -> Read:
        """Closes from `LOOK_BACK` days before `start` on, and confirmed steps, by ISIN."""
        key = (str(tx.get_bind().engine.url), _version(tx))
        held = self.held
        if key != held[0] or len(held[1]) > TABLES_KEPT:
            held = self.held = (key, {})  # another thread keeps the one it began with
        found, asked = held[1], (isins, start, end)
        if asked not in found:
            read = closes.between(tx, isins, start - timedelta(days=LOOK_BACK), end)
            found[asked] = (read, _divisors(tx, isins))
        return found[asked]


STORED = Stored()


def _version(tx: Session) -> int:
    return kept(tx, "closes", "version", lambda: array_versions.version(tx))


def _divisors(tx: Session, isins: Iterable[str]) -> dict[str, Divisors]:
    """Confirmed steps of each share under any of its ISINs, by ex-date."""
    links = successions.links(tx)
    chains = {isin: frozenset(members([isin], links)) for isin in isins}
    every = frozenset[str]().union(*chains.values())
    steps = [one for one in factors.all_factors(tx, isins=sorted(every)) if every]
    confirmed = [one for one in steps if one.status is ActionStatus.CONFIRMED]
    return {
        isin: tuple((one.ex_date, one.divisor) for one in confirmed if one.isin in chain)
        for isin, chain in chains.items()
    }


def _ratios(
    tx: Session, isins: Sequence[str], day: date, prices: Mapping[str, Quote]
) -> dict[str, Fraction | None]:
    """New shares for an old one of what went ex between a day and its quote; None if not told."""
    until = max((ist_day(prices[isin].at) for isin in isins), default=day)
    if until <= day:
        return {}
    found: dict[str, Fraction | None] = {}
    for one in actions.moving(tx, isins, until=until, after=day):
        before, ratio = found.get(one.isin, Fraction(1)), share_ratio(one)
        found[one.isin] = None if before is None or ratio is None else before * ratio
    return found


def _told(quote: Quote, day: date, ratio: Fraction | None, is_stored: bool) -> Money | None:
    """What a quote says of the close of a day: its last trade then, or its previous close.

    On an ex-date the exchange states the previous close in new terms; it is put back into those
    of `day`.
    """
    at = ist_day(quote.at)
    if at == day or (at < day and not is_stored):
        return quote.ltp
    if at < day or not quote.prev_close or ratio is None:
        return None
    return Money(round(quote.prev_close.paise * ratio))


@dataclass(slots=True)
class ClosesOfDay:
    """Stored closes of one session, asked for each second and read once while no bar comes."""

    held: tuple[object, dict[str, Money | None]] = field(default_factory=lambda: (None, {}))

    def of(self, tx: Session, isins: Iterable[str], day: date) -> dict[str, Money]:
        """The stored close of each of these on a day; one without a bar is left out."""
        key = (str(tx.get_bind().engine.url), _version(tx), day)
        held = self.held
        if key != held[0]:
            held = self.held = (key, {})  # another thread keeps the one it began with
        found = held[1]
        wanted = list(isins)
        missing = [isin for isin in wanted if isin not in found]
        if missing:
            read = closes.between(tx, missing, day, day)
            found |= {isin: read.get(isin, {}).get(day) for isin in missing}
        known = ((isin, found[isin]) for isin in wanted)
        return {isin: price for isin, price in known if price is not None}


TODAY = ClosesOfDay()


def last_prices(tx: Session, isins: Iterable[str], prices: Mapping[str, Quote]) -> dict[str, Money]:
    """The last price of each share that has one: its official close once that is stored."""
    known = {isin: prices[isin] for isin in isins if isin in prices}
    if not known:
        return {}
    day = max(ist_day(quote.at) for quote in known.values())
    official = TODAY.of(tx, [i for i, quote in known.items() if ist_day(quote.at) == day], day)
    return {
        isin: official[isin] if _near(official.get(isin), quote.ltp) else quote.ltp
        for isin, quote in known.items()
    }


def _near(close: Money | None, ltp: Money) -> bool:
    return close is not None and bool(ltp) and abs(close - ltp).share_of(ltp) <= FAR
