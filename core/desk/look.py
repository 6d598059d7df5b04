"""One look at a login's lists: the order book, and what else it makes worth reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from core.desk.paced import PacedSession
from core.desk.together import together
from core.domain.order import Fill
from core.domain.ports import BrokerOrder, BrokerSession, GttOrder
from core.errors import SourceFailed


class Look(NamedTuple):
    """Trades are empty where the order book did not move, and GTTs where they were read lately."""

    told: Sequence[BrokerOrder]
    trades: Sequence[Fill]
    gtts: Sequence[GttOrder]


@contextmanager
def look_at(session: BrokerSession) -> Iterator[Look]:
    """Read a login once; the lists count as taken in when the block ends without an error.

    The order book comes first, for a trade and a fired GTT are only taken with the order they are
    of. A session that is not asked sparingly is always read whole.
    """
    if not isinstance(session, PacedSession):
        told = session.orders()
        yield Look(told, *together(session, session.trades, session.gtts))
        return
    looks, taken = session.looks, False
    was_heard = looks.begin(session.seconds)
    try:
        told = session.orders()
        wants = looks.wants(told, session.seconds, was_heard=was_heard)
        if wants.trades:
            look = _whole(session, told)
        else:
            look = Look(told, (), session.gtts() if wants.gtts else ())
        yield look
        if wants.gtts:
            looks.took(told, look.trades if wants.trades else None, session.seconds)
        taken = True
    finally:
        if not taken:
            looks.missed()


def _whole(session: PacedSession, told: Sequence[BrokerOrder]) -> Look:
    """Trades and GTTs at once, and the prices that the next stops will need."""
    bought = session.looks.bought(told)
    (trades, gtts), _ = together(
        session,
        lambda: together(session, session.trades, session.gtts),
        lambda: _get_ready(session, bought),
    )
    return Look(told, trades, gtts)


def _get_ready(session: PacedSession, isins: Sequence[str]) -> None:
    if isins:
        with suppress(SourceFailed):  # placing asks again, and says what is wrong
            session.get_ready(isins)
