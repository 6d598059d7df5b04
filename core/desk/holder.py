"""Who holds the worker's lease, named so that another process can prove that it is dead.

A name says the host, its boot, the process namespace, the process id and when that process
began. Only a process of the same boot and namespace can be judged, and only where the kernel
tells of it: there a holder whose id is free, or belongs to a process that began at another time,
is gone. A stopped process is alive, and so is whoever cannot be judged.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.desk.dealer import LEASE, LEASE_SECONDS
from core.desk.desk import Desk
from core.errors import LeaseLost
from core.store import lease

PROC: Final = Path("/proc")
BOOT: Final = "sys/kernel/random/boot_id"
AGAIN_SECONDS: Final = 0.5  # between two tries to take a lease that is held
ENDED: Final = frozenset("ZX")  # a process that only waits for its parent to hear of its end


@dataclass(frozen=True, slots=True)
class Process:
    """What a kernel says of one process; `began` is in ticks since the boot."""

    state: str
    threads: int
    began: int


def named(kind: str, *, proc: Path = PROC) -> str:
    """This process as a holder; without a proof in its name where the kernel tells nothing."""
    pid = os.getpid()
    place, mine = _place(proc), _kernel_row(pid, proc)
    bare = f"{kind}-{pid}@{socket.gethostname()}"
    return f"{bare}/{place}/{mine.began}" if place and mine is not None else bare


def is_gone(holder: str, *, proc: Path = PROC) -> bool:
    """Whether a holder is proven dead: it ran in this boot and namespace and runs no more."""
    parts = holder.rsplit("/", 3)
    if len(parts) != 4:
        return False
    who, boot, space, began = parts
    pid = who.partition("@")[0].rpartition("-")[2]
    if f"{boot}/{space}" != _place(proc) or not pid.isdecimal() or not began.isdecimal():
        return False
    if not _exists(int(pid)):
        return True
    now = _kernel_row(int(pid), proc)
    if now is None:
        return False  # it is there and hidden from us
    return now.began != int(began) or (now.state in ENDED and now.threads <= 1)


def take_lease(desk: Desk, holder: str, *, wait_seconds: float) -> int:
    """The worker's lease and its new fencing number, at once where the last holder is dead.

    Raises:
        LeaseLost: after `wait_seconds`, while another holder keeps renewing it.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            with desk.store.write() as tx:
                return lease.acquire(
                    tx,
                    LEASE,
                    holder,
                    monotonic=time.monotonic(),
                    seconds=LEASE_SECONDS,
                    is_gone=is_gone,
                )
        except LeaseLost:
            if time.monotonic() > deadline:
                raise
            time.sleep(AGAIN_SECONDS)


def _place(proc: Path) -> str:
    """The boot and the process namespace; empty where the kernel does not tell them."""
    try:
        boot = (proc / BOOT).read_text().strip()
        space = os.readlink(proc / "self/ns/pid")
    except OSError:
        return ""
    return f"{boot}/{space}" if boot and "/" not in boot + space else ""


def _kernel_row(pid: int, proc: Path) -> Process | None:
    """What the kernel tells of a process; None where it tells nothing."""
    try:
        told = (proc / str(pid) / "stat").read_text()
    except OSError:
        return None
    words = told.rpartition(")")[2].split()  # a process may have brackets and blanks in its name
    try:
        return Process(state=words[0], threads=int(words[17]), began=int(words[19]))
    except (IndexError, ValueError):
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
