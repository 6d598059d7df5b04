"""Whose session a one-time code opened, and when it dies.

It must belong to the user that the login names, or its token is thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from core.brokers.client import BrokerClient
from core.brokers.plain import Row
from core.domain.clock import IST
from core.errors import MunimError, Refused, SourceFailed


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """An open session; the token is for the vault and the client alone."""

    user_id: str
    name: str
    token: str = field(repr=False)
    logged_in_at: datetime
    expires_at: datetime


def logged_in(client: BrokerClient, answer: Row, *, at: datetime, dies_at: time) -> LoggedIn:
    """The session that a broker's answer opens.

    Args:
        dies_at: the Indian time of day at which every token of this broker dies.

    Raises:
        Refused: it is another user's; it is ended at once.
        SourceFailed: the answer lacks its token.
    """
    token, user = answer.word("access_token"), answer.word("user_id")
    if not token or not user:
        raise SourceFailed(f"{client.who}: the login answer lacks its token; log in again")
    client.replace_token(token)
    if user != client.user_id:
        ended = _thrown_away(client, answer.broker)
        raise Refused(
            f"{user} logged in where {client.user_id} was expected; {ended}; "
            f"log in as {client.user_id}"
        )
    return LoggedIn(user, answer.word("user_name"), token, at, next_death(at, dies_at))


def next_death(at: datetime, dies_at: time) -> datetime:
    """The next time after `at` that it is `dies_at` in India."""
    here = at.astimezone(IST)
    day = here.date() if here.time() < dies_at else here.date() + timedelta(days=1)
    return datetime.combine(day, dies_at, IST).astimezone(at.tzinfo)


def _thrown_away(client: BrokerClient, broker: str) -> str:
    """End a session that is not wanted; it is kept nowhere even when nobody can be told."""
    try:
        client.log_out()
    except MunimError:
        return f"its session is not kept here, but {broker} could not be told to end it"
    return "its session was ended"
