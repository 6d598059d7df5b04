"""Kite's session over its sandbox."""

from __future__ import annotations

from typing import Any

from core.brokers.kite.client import Client
from core.brokers.kite.login import expires_at
from core.brokers.kite.session import KiteSession
from core.brokers.kite.shares import KiteShare, Shares
from core.domain.money import Money
from core.sandbox.kite.sandbox import KiteSandbox
from tests.brokers.dialect import Dialect, Scripted


class KiteDialect(Scripted, KiteSession):
    """A KiteSession whose writes are listed and whose broker fails as told."""

    def __init__(self, client: Client, *, sandbox: KiteSandbox, **more: Any) -> None:
        shares = shares_at(sandbox)
        super().__init__(client, sandbox=sandbox, shares=shares, dies=expires_at, **more)


def shares_at(sandbox: KiteSandbox) -> Shares:
    """What a sandbox lists, under the numbers it gives."""
    house = sandbox.house
    return Shares(
        KiteShare(one.isin, one.symbol, one.exchange, one.symbol, house.tokens[one.isin], Money(5))
        for one in house.instruments.values()
    )


def client_at(sandbox: KiteSandbox, **more: Any) -> Client:
    """A client with the sandbox's api key."""
    return Client(api_key=sandbox.registered.api_key, **more)


KITE = Dialect("kite", KiteSandbox, client_at, KiteDialect, "zerodha", "IN LIMBO")
