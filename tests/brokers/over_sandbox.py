"""A logged-in session at a sandbox of its own, as the contract wants it opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.domain.clock import SteppedClock
from tests.brokers.contract import LOGIN, Opened
from tests.brokers.dialect import Dialect
from tests.made import LISTED, T0, rs


@contextmanager
def at_sandbox(dialect: Dialect, **more: bool) -> Iterator[tuple[Opened, Any]]:
    """The session alone and with its script, with one price of MIDCO at ₹501."""
    clock = SteppedClock(T0)
    with dialect.opened(LISTED, clock, login_id=LOGIN, funds=rs("2500000"), **more) as session:
        faults = session.sandbox.faults
        opened = Opened(
            session, clock, session.on_quotes, session, lambda verb: len(faults.sends(verb))
        )
        opened.price("501")
        yield opened, session
