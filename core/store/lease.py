"""One worker at a time, by a lease whose fencing number only grows.

Times are monotonic seconds. A lease renewed later than now says is from before a reboot, so
its holder is gone.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update
from sqlmodel import Session

from core.errors import LeaseLost
from core.store.sql import changed, insert_new
from core.store.tables_desk import leases


def acquire(
    tx: Session,
    name: str,
    holder: str,
    *,
    monotonic: float,
    seconds: float,
    is_gone: Callable[[str], bool] = lambda _holder: False,
) -> int:
    """Take a lease that is free, run out or already ours, and return its new fencing number.

    Args:
        monotonic: now, in monotonic seconds.
        seconds: how long the lease lasts without a renewal.
        is_gone: whether a holder, by name, is proven dead; its lease is not waited for.

    Raises:
        LeaseLost: another holder renewed it within its seconds.
    """
    row = {"name": name, "holder": holder, "fence": 1, "renewed": monotonic, "seconds": seconds}
    if insert_new(tx, leases, row):
        return 1
    found = tx.execute(select(leases).where(leases.c.name == name).with_for_update()).one()
    age = monotonic - found.renewed
    held = found.holder not in ("", holder) and 0 <= age < found.seconds
    if held and not is_gone(found.holder):
        raise LeaseLost(
            f"{short(found.holder)} holds the {name} lease and renewed it {age:.1f} s ago of "
            f"{found.seconds:.0f} s; stop that one or wait"
        )
    fence = int(found.fence) + 1
    tx.execute(update(leases).where(leases.c.name == name).values(**{**row, "fence": fence}))
    return fence


def short(holder: str) -> str:
    """A holder as people read it: without what proves that it is dead."""
    return holder.partition("/")[0]


def renew(tx: Session, name: str, holder: str, fence: int, monotonic: float) -> None:
    """Say that the holder still lives; raises LeaseLost when another took over."""
    mine = (leases.c.name == name, leases.c.holder == holder, leases.c.fence == fence)
    if changed(tx, update(leases).where(*mine).values(renewed=monotonic)) != 1:
        check(tx, name, fence)
        raise LeaseLost(f"{short(holder)} does not hold the {name} lease; stop at once")


def check(tx: Session, name: str, fence: int) -> None:
    """Raise LeaseLost unless `fence` is the lease's number; held until the transaction ends."""
    found = tx.execute(
        select(leases).where(leases.c.name == name).with_for_update(read=True)
    ).one_or_none()
    if found is None or not found.holder:
        raise LeaseLost(f"nobody holds the {name} lease; stop and acquire it again")
    if found.fence != fence:
        raise LeaseLost(
            f"the {name} lease is at fence {found.fence} with {short(found.holder)} and this "
            f"worker has {fence}; stop at once"
        )


def release(tx: Session, name: str, holder: str, fence: int) -> None:
    """Give a lease back; one that was lost already is left to its new holder."""
    mine = (leases.c.name == name, leases.c.holder == holder, leases.c.fence == fence)
    tx.execute(update(leases).where(*mine).values(holder=""))
