"""The shares a session may trade, by ISIN, by Kite's name and by Kite's number.

Kite's instrument list has no ISIN, so the desk's universe gives it; only NSE names are joined
that way. A holding names its own ISIN, also on BSE, and `also` keeps what it taught.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.brokers.kite import NAME
from core.brokers.shares import TRADED, SharesByIsin
from core.domain.instrument import Instrument
from core.domain.listed import Listed
from core.domain.money import Money


@dataclass(frozen=True, slots=True)
class KiteShare:
    """One share as Kite lists it; `called` is its trading symbol there, `token` its number."""

    isin: str
    symbol: str
    exchange: str
    called: str
    token: int
    tick: Money

    @property
    def key(self) -> str:
        """How quotes name it."""
        return f"{self.exchange}:{self.called}"


class Shares(SharesByIsin[KiteShare]):
    """Every share of a login, also by Kite's name and number."""

    def __init__(self, listed: Iterable[KiteShare]) -> None:
        known = list(listed)
        super().__init__(NAME, known)
        self._by_name: dict[tuple[str, str], KiteShare] = {}
        self._by_token: dict[int, KiteShare] = {}
        for share in known:
            self.also(share)

    def also(self, share: KiteShare) -> None:
        """Know another listing of a share, without trading there."""
        self._by_name.setdefault((share.exchange, share.called), share)
        self._by_token.setdefault(share.token, share)

    def learn(self, *, isin: str, exchange: str, called: str, token: int) -> KiteShare | None:
        """The listing that a holding names by its ISIN; None when the desk does not know it."""
        home = self._by_isin.get(isin)
        if home is None:
            return None
        found = self.named(exchange, called)
        if found is None:
            found = replace(home, exchange=exchange, called=called, token=token)
            self.also(found)
        return found

    def named(self, exchange: str, called: str) -> KiteShare | None:
        """The share behind Kite's name for it."""
        return self._by_name.get((exchange, called))

    def by_token(self, token: int) -> KiteShare | None:
        """The share behind Kite's number for it."""
        return self._by_token.get(token)


def shares_from(listed: Iterable[Listed], universe: Mapping[str, Instrument]) -> Shares:
    """Join Kite's NSE lines to the universe by symbol; the universe's series wins, then EQ."""
    by_symbol: dict[str, list[Listed]] = {}
    for line in listed:
        if line.broker == "kite" and line.exchange == "NSE" and line.kind in TRADED:
            by_symbol.setdefault(line.symbol, []).append(line)
    found = []
    for share in universe.values():
        lines = by_symbol.get(share.symbol, [])
        lines.sort(key=lambda line: (line.series != share.series, line.series != "EQ", line.called))
        found += [_share(line, share) for line in lines]
    return Shares(found)


def _share(line: Listed, share: Instrument) -> KiteShare:
    return KiteShare(
        isin=share.isin,
        symbol=share.symbol,
        exchange=line.exchange,
        called=line.called,
        token=int(line.token),
        tick=Money(line.tick_paise or 1),
    )
