"""Upstox's session over its sandbox."""

from __future__ import annotations

from typing import Any

from core.brokers.upstox.client import Client
from core.brokers.upstox.login import expires_at
from core.brokers.upstox.session import UpstoxSession
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.domain.money import Money
from core.sandbox.upstox.sandbox import UpstoxSandbox
from core.sandbox.upstox.state import key_of
from tests.brokers.dialect import Dialect, Scripted


class UpstoxDialect(Scripted, UpstoxSession):
    """An UpstoxSession whose writes are listed and whose broker fails as told."""

    def __init__(self, client: Client, *, sandbox: UpstoxSandbox, **more: Any) -> None:
        shares = shares_at(sandbox)
        super().__init__(client, sandbox=sandbox, shares=shares, dies=expires_at, **more)


def shares_at(sandbox: UpstoxSandbox) -> Shares:
    """What a sandbox lists, by segment and ISIN."""
    return Shares(
        UpstoxShare(one.isin, one.symbol, one.exchange, key_of(one), Money(5))
        for one in sandbox.house.instruments.values()
    )


def client_at(sandbox: UpstoxSandbox, **more: Any) -> Client:
    """A client; Upstox wants no key beside the token."""
    return Client(**more)


UPSTOX = Dialect("upstox", UpstoxSandbox, client_at, UpstoxDialect, "upstox", "in limbo")
