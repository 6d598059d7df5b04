"""A broker's dialect on the stage: the real session over HTTP to a sandbox on loopback."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from core.brokers.fake import Verb
from core.desk.desk import Desk
from core.desk.floor import phase_of
from core.domain.clock import SteppedClock
from core.domain.square_off import SquaresOff
from core.exchange.rules import Rules
from core.exchange.trading_floor import broker_day
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.kite.state import GTT_ROOM, sequence
from core.sandbox.serve import serving
from tests.brokers.dialect import FUNDS, Dialect
from tests.made import MIDCO, RELIANCE
from tests.torture.evidence import Row

USER = "AB1234"
WAYS = {
    "timeout": FaultKind.ACCEPT_THEN_DROP,
    "html 502": FaultKind.HTML_502,
    "cut json": FaultKind.TRUNCATE_JSON,
}


class OnStage:
    """A dialect with the few words more that the stage scripts with."""

    def __init__(self, dialect: Any, opened: ExitStack) -> None:
        self._dialect, self._opened = dialect, opened
        self._hides_holdings = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dialect, name)

    def lose_answer(self, way: str, verb: Verb = Verb.PLACE) -> None:
        """The next write is done; its answer times out, is an error page or is cut in half."""
        self._dialect.sandbox.faults.script(Fault(WAYS[way], verb, seconds=1))

    def alter_tags(self, comes_back: Callable[[str], str]) -> None:
        """Order books show this of a tag from now on."""
        faults = self._dialect.sandbox.faults
        faults.tag = lambda tag: comes_back(tag) or None  # type: ignore[method-assign]

    def fail_reads(self, times: int) -> None:
        """The next reads cannot be answered; none any more for 0."""
        self._dialect.sandbox.faults.clear(FaultKind.READ_5XX)
        if times:
            self._dialect.fail_reads(times)

    def hide_holdings(self) -> None:
        """Holdings count no share whose order does not show yet."""
        self._hides_holdings = True

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN."""
        found = self._dialect.holdings()
        if self._hides_holdings:
            for trade in self._dialect.paper.trades():
                if not self._dialect.sandbox.faults.shows(trade.order_id):
                    found[trade.isin] = found.get(trade.isin, 0) - trade.qty
        return {isin: qty for isin, qty in found.items() if qty}

    def close(self) -> None:
        """Stop the server and close the journals."""
        self._opened.close()


def broker_of(
    dialect: Dialect,
    journal: Path,
    desk: Desk,
    clock: SteppedClock,
    rules: Rules | None,
    squares_off: SquaresOff | None = None,
) -> OnStage:
    """A logged-in session on a sandbox that keeps its journal in the folder of `journal`."""
    sandbox = dialect.sandbox(
        {share.isin: share for share in (MIDCO, RELIANCE)},
        clock=clock,
        phase_of=lambda item, at: phase_of(desk, item, at),
        users=(User(USER, "Asha Rao", FUNDS),),
        home=journal.parent,
        rules=rules,
        limits=False,
        squares_off=squares_off,
    )
    opened = ExitStack()
    opened.callback(sandbox.close)
    base = opened.enter_context(serving(sandbox.app)).base
    session = dialect.enter(sandbox, base, user=USER, login_id="paper", clock=clock)
    return OnStage(session, opened)


def journal_of(journal: Path) -> Path:
    """Where the sandbox keeps the client's journal."""
    return journal.parent / f"{USER}.db"


def in_kites_words(rows: list[Row]) -> list[Row]:
    """A journal with the ids that Kite shows for the exchange's own names."""
    days = {
        row["order_id"]: broker_day(row["at"])
        for row in rows
        if row["kind"] in ("Accepted", "Rejected")
    }
    told = []
    for row in rows:
        new = dict(row)
        if row.get("order_id") in days:
            day = days[row["order_id"]]
            new["order_id"] = f"{day:%y%m%d}{1:03d}{sequence(row['order_id']):06d}"
        if "trade_id" in row:
            new["trade_id"] = str(GTT_ROOM + sequence(row["trade_id"]))
        told.append(new)
    return told
