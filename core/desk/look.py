"""One look at a login's lists: the order book, and what else it makes worth reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from core.desk.paced import PacedSession
from core.desk.strange import OUR_SHAPE
from core.desk.together import together
from core.domain.order import Fill
from core.domain.ports import BrokerOrder, BrokerSession, GttOrder
from core.errors import SourceFailed
from core.execution.recover import tag_chars


class Look(NamedTuple):
    """Trades are empty where the order book did not move, and GTTs where they were read lately."""

    told: Sequence[BrokerOrder]
    trades: Sequence[Fill]
    gtts: Sequence[GttOrder]


@contextmanager
def look_at(session: BrokerSession) -> Iterator[Look]:
    """Read a login once; the lists count as taken in when the block ends without an error.

    The order book comes first, for a trade and a fired GTT are only taken with the order they are
    of; where the book surely moved all lists are asked at once, and again unless only orders of
    the desk moved. A session that is not asked sparingly is always read whole.
    """
    if not isinstance(session, PacedSession):
        told = session.orders()
        yield Look(told, *together(session, session.trades, session.gtts))
        return
    looks, taken = session.looks, False
    was_heard = looks.begin(session.seconds)
    try:
        look = _all_at_once(session) if looks.hurries else Look(session.orders(), (), ())
        told = look.told
        wants = looks.wants(told, session.seconds, was_heard=was_heard)
        if wants.trades and not (looks.hurries and _is_all_ours(session, told)):
            look = _whole(session, told)
        elif not wants.trades:
            look = Look(told, (), look.gtts or (session.gtts() if wants.gtts else ()))
        yield look
        if wants.gtts:
            looks.took(told, look.trades if wants.trades else None, session.seconds)
        taken = True
    finally:
        if not taken:
            looks.missed()


def _all_at_once(session: PacedSession) -> Look:
    """Every list in the time of one, with the prices that the stops of new entries will need."""
    told, ((trades, gtts), _) = together(
        session,
        session.orders,
        lambda: together(
            session,
            lambda: together(session, session.trades, session.gtts),
            lambda: _get_ready(session, session.placed_lately()),
        ),
    )
    return Look(told, trades, gtts)


def _is_all_ours(session: PacedSession, told: Sequence[BrokerOrder]) -> bool:
    """Whether no order but the desk's own moved, so that none that a GTT sent is among them.

    The trade of one of those is taken only with a GTT list that is newer than the order book.
    """
    moved = session.looks.moved(told)
    return all(OUR_SHAPE.fullmatch(tag_chars(one.tag)) for one in moved)


def _whole(session: PacedSession, told: Sequence[BrokerOrder]) -> Look:
    """Trades and GTTs after the order book, and the prices that the next stops will need."""
    session.forget()
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
