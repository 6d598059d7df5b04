"""The shares a session may trade, by ISIN; each adapter adds its broker's own names for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, Protocol, TypeVar

from core.domain.listed import Kind
from core.domain.money import Money
from core.errors import BrokerRefused, NotFound

TRADED: Final = (Kind.SHARE, Kind.OTHER_SHARE)


class Share(Protocol):
    """One share as a broker lists it; `key` is its name where quotes are asked."""

    @property
    def isin(self) -> str: ...

    @property
    def symbol(self) -> str: ...

    @property
    def exchange(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def tick(self) -> Money: ...


S = TypeVar("S", bound=Share)


class SharesByIsin(Generic[S]):
    """Every share of a login; the first one given for an ISIN is the one that is traded."""

    def __init__(self, broker: str, listed: Iterable[S]) -> None:
        self._broker = broker
        self._by_isin: dict[str, S] = {}
        for share in listed:
            self._by_isin.setdefault(share.isin, share)

    def by_isin(self, isin: str) -> S:
        """The listing to trade; raises NotFound."""
        found = self._by_isin.get(isin)
        if found is None:
            raise NotFound(
                f"{self._broker}'s instrument list has no share for {isin} among "
                f"{len(self._by_isin)}; load this morning's list"
            )
        return found

    def to_send(self, isin: str, symbol: str) -> S:
        """The listing to send an order on; raises BrokerRefused, for nothing was sent."""
        try:
            return self.by_isin(isin)
        except NotFound as missing:
            sentence = f"{symbol}: {missing}"
        raise BrokerRefused(sentence)
