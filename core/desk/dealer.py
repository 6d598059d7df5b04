"""What may write to a broker: the worker's desk, its open sessions and its fencing number."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.ports import BrokerSession
from core.errors import LeaseLost, MunimError, NotFound
from core.execution.rate import SendCap
from core.store import lease

LEASE = "dealer"
LEASE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Dealer:
    """One executor; `fence` is refused once another worker has taken the lease."""

    desk: Desk
    sessions: MutableMapping[str, BrokerSession]
    holder: str
    fence: int
    desk_tag: str
    cap: SendCap = field(default_factory=SendCap)

    def session(self, login_id: str) -> BrokerSession:
        """The open session of a login; raises NotFound."""
        try:
            return self.sessions[login_id]
        except KeyError:
            raise NotFound(f"login {login_id} has no open session; log in first") from None

    def alone(self, login_id: str, session: BrokerSession) -> Dealer:
        """The same executor with one session only, so that no other login is touched."""
        return replace(self, sessions={login_id: session})

    def check_lease(self, tx: Session) -> None:
        """Raise LeaseLost unless this dealer still holds the lease."""
        lease.check(tx, LEASE, self.fence)

    def stand_firm(self) -> None:
        """The same in a transaction of its own, right before a request that is not an order."""
        with self.desk.store.write() as tx:
            self.check_lease(tx)


def each_alone(dealer: Dealer, look: Callable[[Dealer], list[str]]) -> tuple[list[str], list[str]]:
    """Do something for one login after the other; returns what was said, and what failed.

    A login that fails holds up no other. Raises LeaseLost at once.
    """
    said: list[str] = []
    failed: list[str] = []
    for login_id, session in sorted(dealer.sessions.items()):
        try:
            said += look(dealer.alone(login_id, session))
        except LeaseLost:
            raise
        except MunimError as failure:
            failed.append(f"{login_id}: {failure}")
    return said, failed
