"""What every vendor is held to: the same questions, the same faults, the same few sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.domain.clock import SteppedClock
from core.providers.catalog import VENDORS
from core.providers.net.gate import Gate
from core.providers.net.memory import Memory
from core.providers.vendors import open_source
from tests.providers.vendor_servers import VendorServer, serving

NOW = datetime(2026, 8, 22, 6, 0, tzinfo=UTC)  # the Saturday after the bars
NAMES = tuple(VENDORS)
SECRET = "secret-token"
ATTEMPTS = 3
REQUESTS_MAX = {"yfinance": 3 * ATTEMPTS}  # a cookie and a crumb come before the first figures


@dataclass
class Bench:
    """One vendor over its local server, with a clock that moves and sleeps that pass at once."""

    server: VendorServer
    home: Path
    clock: SteppedClock
    slept: list[float]
    source: Any = None
    gate: Any = None

    def reopen(self, **policy: Any) -> None:
        """Begin anew over the same home, as after a restart."""
        changed = {"rates": ("1000/second",), **policy}
        vendor = replace(
            VENDORS[self.server.vendor],
            policy=replace(VENDORS[self.server.vendor].policy, **changed),
        )
        self.gate = Gate(
            vendor.policy, Memory(self.home), clock=self.clock, sleep=self.slept.append
        )
        self.source = open_source(
            vendor, self.gate, find=lambda name: SECRET, root=self.server.root
        )

    @property
    def state(self) -> Any:
        """The vendor's breaker as the next process would find it."""
        return Memory(self.home).vendor(self.server.vendor)


@contextmanager
def bench(vendor: str, home: Path) -> Iterator[Bench]:
    """A vendor ready to be asked."""
    with serving(vendor) as server:
        made = Bench(server, home, SteppedClock(NOW), [])
        made.reopen()
        yield made
