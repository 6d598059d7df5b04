"""One lookup from a symbol, an ISIN or a vendor's name on a day to a share.

The shipped 174 come first, then a person's universes, then the brokers' masters, then shares that
are known to have merged or ended. What none of them knows is refused by name. A share from
elsewhere than the shipped list is looked at only, until a universe that has it is traded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.desk.desk import REFERENCE, Desk
from core.domain.instrument import NOT_KNOWN, CapClass, Instrument, Series
from core.domain.listed import Listed
from core.domain.succession import same_share
from core.domain.universe import Member, Universe
from core.domain.words import counted
from core.errors import NotFound
from core.providers.bar_file import BarFile
from core.providers.bar_panel import unknown_keys
from core.providers.names import Names
from core.providers.renames import Kind, changes_now, current_isin, current_symbol
from core.providers.universe_file import Listing, load_listings, load_universe
from core.store import masters, universes
from core.store.sql import near

WAY_OUT: Final = (
    "import a master of Upstox or Fyers, which carry ISINs, with munim data masters FILE, or a "
    "list with ISINs with munim data universe import NAME FILE"
)
VENDOR_FORMS: Final = (
    re.compile(r"^NSE_EQ\|(?P<name>[A-Z0-9]{12})$"),  # Upstox
    re.compile(r"^NSE:(?P<name>.+?)(-(EQ|BE|BZ|SM|ST|T0))?$"),  # Fyers, and Kite's quotes
    re.compile(r"^(?P<name>.+)\.(NS|BO)$"),  # Yahoo
    re.compile(r"^(?P<name>.+)-(EQ|BE|BZ|SM|ST|T0)$"),  # Angel, and Kite outside EQ
)
ISIN: Final = re.compile(r"IN[A-Z0-9]{9}[0-9]")
T2T_BAND_PCT: Final = 5


@dataclass(frozen=True, slots=True)
class Share:
    """A share that was found: what it is, what vendors call it, and which list told so."""

    instrument: Instrument
    listing: Listing
    told_by: str


class ShareNames:
    """Made once for a piece of work; masters are read for the names given to `learn`."""

    def __init__(
        self,
        shipped: Sequence[Instrument],
        listings: dict[str, Listing],
        lists: Sequence[Universe],
        *,
        traded: frozenset[str],
    ) -> None:
        self._shipped = {one.isin: one for one in shipped}
        self._listings = listings
        self._names = Names(listings, changes_now())
        self._codes = {one.bse_code: isin for isin, one in listings.items() if one.bse_code}
        self._members = [(made.name, one) for made in lists for one in made.members]
        self._lines: dict[str, list[Listed]] = {}
        self._traded = frozenset(current_isin(isin) for isin in traded)

    def learn(self, lines: Iterable[Listed]) -> None:
        """Take in lines of brokers' masters."""
        for line in lines:
            for key in {line.symbol, line.isin, current_isin(line.isin)} - {""}:
                self._lines.setdefault(key, []).append(line)

    def find(self, name: str, day: date) -> Share:
        """The share somebody calls so on a day; raises NotFound naming near ones."""
        plain = plain_name(name)
        for told in (self._of_shipped, self._of_universe, self._of_master, self._of_left):
            found = told(plain, day)
            if found is not None:
                return found
        known = [one.symbol for one in self._shipped.values()]
        known += [member.symbol for _, member in self._members]
        raise NotFound(f"{name} is no share known here; {near(plain, known)}; {WAY_OUT}")

    def _of_shipped(self, name: str, day: date) -> Share | None:
        if ISIN.fullmatch(name):
            isin = current_isin(name)
        else:
            try:
                isin = self._codes.get(name) or self._names.by_symbol(name, day)
            except NotFound:
                today = {one.symbol: one.isin for one in self._shipped.values()}
                isin = today.get(current_symbol(name), "")
        share = self._shipped.get(isin)
        return None if share is None else Share(share, self._listings[isin], "data/universe.csv")

    def _of_universe(self, name: str, day: date) -> Share | None:
        """A member by ISIN, by its symbol on the day, or by its symbol on any day."""
        number = current_isin(name) if ISIN.fullmatch(name) else ""
        called = {name, current_symbol(name)}
        fits = [
            (made, one)
            for made, one in self._members
            if (current_isin(one.isin) == number if number else one.symbol in called)
        ]
        fits.sort(key=lambda pair: (not pair[1].holds(day), -pair[1].starts.toordinal()))
        if not fits:
            return None
        made, member = fits[0]
        lines = self._lines.get(current_isin(member.isin), [])
        return self._share(member, _best(lines), told_by=f"universe {made}")

    def _of_master(self, name: str, day: date) -> Share | None:
        number = current_isin(name) if ISIN.fullmatch(name) else name
        lines = self._lines.get(number) or self._lines.get(current_symbol(name)) or []
        best = _best(lines)
        if best is None:
            return None
        member = Member(current_isin(best.isin), best.symbol, best.name or best.symbol, day)
        return self._share(member, best, told_by=f"{best.broker}'s master")

    def _of_left(self, name: str, day: date) -> Share | None:
        """A share that merged into another or ended; its past is studied all the same."""
        for one in changes_now():
            if one.kind in (Kind.END, Kind.MERGER) and name in (one.old_symbol, one.old_isin):
                member = Member(one.old_isin, one.old_symbol, one.old_symbol, day)
                return self._share(member, None, told_by="data/symbol_changes.csv")
        return None

    def _share(self, member: Member, line: Listed | None, *, told_by: str) -> Share:
        isin = current_isin(member.isin)
        symbol = current_symbol(member.symbol)
        series = _series(line)
        share = Instrument(
            isin=isin,
            symbol=symbol,
            name=member.name,
            sector=NOT_KNOWN,
            cap_class=CapClass.SMALL,  # no list here tells a size; `is_sized` says so
            series=series,
            band_pct=20 if series is Series.EQ else T2T_BAND_PCT,
            is_traded=isin in self._traded,
        )
        return Share(share, listing_of(share), told_by)


def share_names(desk: Desk, names: Iterable[str] = ()) -> ShareNames:
    """Everything known now, with the masters' lines of the names that will be asked for."""
    shipped = load_universe(REFERENCE / "universe.csv")
    with desk.store.read() as tx:
        lists = universes.all_universes(tx)
        traded = universes.traded_isins(tx)
    made = ShareNames(shipped, load_listings(REFERENCE / "universe.csv"), lists, traded=traded)
    asked = {plain_name(name) for name in names}
    asked |= {current_symbol(name) for name in asked}
    asked |= {member.isin for universe in lists for member in universe.members
              if member.symbol in asked}  # fmt: skip
    made.learn(masters.share_lines(desk.home, sorted(asked)))
    return made


def shares_named(desk: Desk, names: Sequence[str], day: date) -> list[Share]:
    """Every name's share, each once, in the order given; raises NotFound naming all unknown."""
    known = share_names(desk, names)
    found: dict[str, Share] = {}
    unknown: list[str] = []
    first: NotFound | None = None
    for name in names:
        try:
            share = known.find(name, day)
        except NotFound as missing:
            unknown.append(name)
            first = first or missing
        else:
            found.setdefault(share.instrument.isin, share)
    if first is not None:
        if len(unknown) == 1:
            raise first
        raise NotFound(unknown_words(unknown))
    return list(found.values())


def shares_of_files(
    desk: Desk, files: Sequence[BarFile], minutes: Sequence[tuple[str, date]] = ()
) -> list[Instrument]:
    """The shipped shares, then those of files that universes or masters know.

    A symbol counts under an ISIN of the file's own only where issuer and kind agree, because a
    symbol can pass to another company.

    Args:
        minutes: symbols of files of bars inside the day, each with its last day.
    """
    shipped = load_universe(REFERENCE / "universe.csv")
    asked: dict[tuple[str, str], date] = {}
    for file in files:
        last = file.rows.day.max().item() if len(file.rows) else date.max
        for key in unknown_keys(file, shipped):
            asked[key] = max(last, asked.get(key, last))
    asked |= {("", symbol): day for symbol, day in minutes}
    names = {name for key in asked for name in key if name}
    if not names:
        return shipped
    known = share_names(desk, names)
    found: dict[str, Instrument] = {one.isin: one for one in shipped}
    for (isin, symbol), day in asked.items():
        for name in filter(None, (isin, symbol)):
            try:
                share = known.find(name, day).instrument
            except NotFound:
                continue
            if not isin or same_share(isin, share.isin):
                found.setdefault(share.isin, share)
                break
    return list(found.values())


def unknown_words(names: Sequence[str]) -> str:
    """How many names nobody knows, the first of them, and the way out; empty for none."""
    if not names:
        return ""
    first = ", ".join(names[:8]) + ("..." if len(names) > 8 else "")
    return f"{counted(len(names), 'name')} no list here knows ({first}); {WAY_OUT}"


def plain_name(name: str) -> str:
    """A symbol or an ISIN out of what a vendor calls a share."""
    typed = name.strip().upper()
    for form in VENDOR_FORMS:
        if (parts := form.match(typed)) is not None:
            return parts["name"]
    return typed


def listing_of(share: Instrument) -> Listing:
    """What vendors call a share of no shipped list; Kite's number comes from its own list."""
    series = "" if share.series is Series.EQ else f"-{share.series}"
    return Listing(
        isin=share.isin,
        symbol=share.symbol,
        bse_code="",
        yahoo=f"{share.symbol}.NS",
        kite=f"{share.symbol}{series}",
        kite_token=0,
        upstox=f"NSE_EQ|{share.isin}",
        fyers=f"NSE:{share.symbol}{series or '-EQ'}",
    )


def _best(lines: Sequence[Listed]) -> Listed | None:
    """The line with an ISIN; brokers that give none name nothing alone."""
    return next((line for line in lines if ISIN.fullmatch(line.isin)), None)


def _series(line: Listed | None) -> Series:
    """A master's series; SZ and the like, which Munim has no word for, are trade for trade."""
    if line is None:
        return Series.EQ
    return Series(line.series) if line.series in set(Series) else Series.BZ
