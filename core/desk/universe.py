"""Universes beside the desk's own 174 shares: an index list, a CSV, a watchlist."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import Session

from core.desk.desk import REFERENCE, Desk
from core.desk.share_names import share_names
from core.domain.account import Market
from core.domain.clock import ist_day
from core.domain.universe import Member, Universe, after_list
from core.errors import BadInput, NotFound
from core.providers.renames import Kind, changes_now, current_isin
from core.providers.share_list import ListedShare, read_shares
from core.providers.universe_file import load_universe
from core.store import audit, instruments, universes, watchlists

OWN = "munim"
OWN_SOURCE = "data/universe.csv, the shares the desk trains on"
ISSUER = 9  # letters of an ISIN that name issuer and kind of security


@dataclass(frozen=True, slots=True)
class UniverseRead:
    """What reading a list did; `unresolved` are symbols no ISIN is known for, left out."""

    universe: Universe
    joined: tuple[str, ...]
    left: tuple[str, ...]
    unresolved: tuple[str, ...]
    placeholders: int

    @property
    def sentence(self) -> str:
        """One line for a person."""
        words = (
            f"{self.universe.name}: {len(self.universe.now)} shares as of "
            f"{self.universe.read_as_of[-1]}, {len(self.joined)} joined, {len(self.left)} left"
        )
        if self.placeholders:
            words += f", {self.placeholders} placeholder rows left out"
        if self.unresolved:
            names = ", ".join(self.unresolved[:5])
            words += f"; no ISIN is known for {len(self.unresolved)}: {names}"
        return words


def own_universe() -> Universe:
    """The committed 174 shares; they have belonged since the calendar begins."""
    members = tuple(
        Member(one.isin, one.symbol, one.name, date(2012, 1, 1))
        for one in load_universe(REFERENCE / "universe.csv")
    )
    return Universe(OWN, OWN_SOURCE, members, (date(2012, 1, 1),))


def all_universes(desk: Desk) -> list[Universe]:
    """The desk's own first, then a person's by name."""
    with desk.store.read() as tx:
        return [own_universe(), *universes.all_universes(tx)]


def universe_named(desk: Desk, name: str) -> Universe:
    """One universe; raises NotFound naming near ones."""
    if name == OWN:
        return own_universe()
    with desk.store.read() as tx:
        return universes.by_name(tx, name)


def import_universe(
    desk: Desk, name: str, path: Path, *, as_of: date | None = None, column: str = "", by: str
) -> UniverseRead:
    """Read a list into a universe, new or known, as of a day (today when left out).

    Raises:
        BadInput: the file, its order in time or its name is wrong, or it resolves nobody.
    """
    day = as_of or ist_day(desk.clock.now())
    listed = read_shares(path, column=column)
    isin_of = _isin_of(desk, [one.symbol for one in listed.shares if not one.isin], day)
    members, unresolved = [], []
    for share in listed.shares:
        isin = share.isin or isin_of(share.symbol)
        if isin:
            members.append(_member(share, isin, day))
        else:
            unresolved.append(share.symbol)
    if not members:
        raise BadInput(
            f"{path.name}: no ISIN is known for {', '.join(unresolved[:5])}; load an instrument "
            "master of Upstox or Fyers, or give a file with ISINs"
        )
    return _keep(
        desk,
        name,
        members,
        source=path.name,
        as_of=day,
        by=by,
        unresolved=unresolved,
        placeholders=listed.placeholders,
    )


def universe_of_watchlist(desk: Desk, name: str, watchlist: str, *, by: str) -> UniverseRead:
    """Make or renew a universe from a watchlist as it stands today; raises NotFound."""
    day = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        kept = watchlists.by_name(tx, watchlist)
        shares = [instruments.by_isin(tx, isin) for isin in kept.isins]
    members = [Member(one.isin, one.symbol, one.name, day) for one in shares]
    return _keep(desk, name, members, source=f"watchlist {watchlist}", as_of=day, by=by)


def drop_universe(desk: Desk, name: str, *, by: str) -> None:
    """Take a person's universe away; the desk's own stays. Raises NotFound or BadInput."""
    if name == OWN:
        raise BadInput(f"{OWN} is the desk's own universe and stays; make another beside it")
    with desk.store.write() as tx:
        universes.drop(tx, name)
        if name in universes.traded_names(tx):
            universes.put_traded(tx, set(universes.traded_names(tx)) - {name})
            mark_members(tx)
        audit.append(tx, at=desk.clock.now(), actor=by, verb="drop universe", subject=name, body={})


def trade_universe(desk: Desk, name: str, *, traded: bool, by: str) -> tuple[str, ...]:
    """Let a universe's shares be traded, or only looked at again; returns what is traded now.

    What is held of a universe that is traded no more keeps its stops and is sold as planned.

    Raises:
        BadInput: a simulated market, or the desk's own universe, which is always traded.
        NotFound: no universe of the name.
    """
    if desk.market is Market.SIM:
        raise BadInput("a simulated market trades its own shares; set MUNIM_MARKET=replay")
    if name == OWN:
        raise BadInput(f"{OWN} is the desk's own universe and always traded")
    with desk.store.write() as tx:
        universes.by_name(tx, name)
        names = set(universes.traded_names(tx)) - {name} | ({name} if traded else set())
        universes.put_traded(tx, names)
        mark_members(tx)
        verb = "trade universe" if traded else "stop trading universe"
        audit.append(tx, at=desk.clock.now(), actor=by, verb=verb, subject=name, body={})
    return (OWN, *sorted(names))


def mark_members(tx: Session) -> None:
    """Say of every share kept whether it is traded: shipped, or in a universe that is."""
    shipped = {one.isin for one in load_universe(REFERENCE / "universe.csv")}
    inside = shipped | {current_isin(isin) for isin in universes.traded_isins(tx)}
    kept = [one.isin for one in instruments.all_instruments(tx)]
    instruments.mark_traded(tx, [isin for isin in kept if isin in inside], traded=True)
    instruments.mark_traded(tx, [isin for isin in kept if isin not in inside], traded=False)


def _keep(
    desk: Desk,
    name: str,
    members: Iterable[Member],
    *,
    source: str,
    as_of: date,
    by: str,
    unresolved: Iterable[str] = (),
    placeholders: int = 0,
) -> UniverseRead:
    name = name.strip()
    if name == OWN:
        raise BadInput(f"{OWN} is the desk's own universe; choose another name")
    with desk.store.write() as tx:
        try:
            known: Universe | None = universes.by_name(tx, name)
        except NotFound:
            known = None
        made = after_list(known, members, name=name, source=source, as_of=as_of, same=current_isin)
        universes.put(tx, made)
        if name in universes.traded_names(tx):
            mark_members(tx)
        joined = tuple(one.symbol for one in made.members if one.starts == as_of)
        left = tuple(one.symbol for one in made.members if one.ends == as_of)
        body = {"source": source, "as_of": str(as_of), "joined": len(joined), "left": len(left)}
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="import universe", subject=name, body=body
        )
    return UniverseRead(made, joined, left, tuple(unresolved), placeholders)


def _same(isin: str) -> str:
    """What stays of an ISIN through a split: issuer and kind of security; the rest counts.

    A share that ended stays apart from what its issuer listed later.
    """
    ended = any(one.kind is Kind.END and one.old_isin == isin for one in changes_now())
    return isin if ended else current_isin(isin)[:ISSUER]


def _member(share: ListedShare, isin: str, day: date) -> Member:
    return Member(isin, share.symbol or isin, share.name or share.symbol or isin, day)


def _isin_of(desk: Desk, symbols: Iterable[str], day: date) -> Callable[[str], str]:
    """From a symbol of a day to an ISIN, empty for none: every list, then the shares kept."""
    known = share_names(desk, symbols)
    with desk.store.read() as tx:
        stored = {one.symbol: one.isin for one in instruments.all_instruments(tx)}

    def find(symbol: str) -> str:
        try:
            return known.find(symbol, day).instrument.isin
        except NotFound:
            return stored.get(symbol, "")

    return find
