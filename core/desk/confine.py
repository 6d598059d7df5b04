"""The kernel's refusal to read, write, connect or signal beyond what is named, for this process.

Linux has it as Landlock from 5.13 on; elsewhere nothing is refused here. It holds for libraries
that open files by themselves in C, which Python's own watch does not see.

Source: Landlock: unprivileged access control, kernel documentation, userspace-api/landlock.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446  # the same on every processor
VERSION_ASKED, PATH_BENEATH, NO_NEW_PRIVILEGES = 1, 1, 38
EXECUTE, WRITE, READ, READ_DIR, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
FILES = ((1, (1 << 13) - 1), (2, (1 << 14) - 1), (3, (1 << 15) - 1))  # rights by version
TCP, SIGNALS = (4, 0b11), (6, 0b10)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def confine(
    *, read: Iterable[Path], list_only: Iterable[Path] = (), write: Iterable[Path] = ()
) -> bool:
    """From now on let this process read and write what lies at or beneath some paths alone.

    Args:
        list_only: folders whose names may be seen and whose files may not be read.

    Returns:
        Whether the kernel does so; False where it cannot.
    """
    version = _version()
    if version < 1:
        return False
    handled = max(rights for since, rights in FILES if since <= version)
    made = _Ruleset(
        handled, *(rights if version >= since else 0 for since, rights in (TCP, SIGNALS))
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = _call(CREATE, ctypes.byref(made), size, 0)
    if rules < 0:
        return False
    for paths, rights in (
        (read, READ | READ_DIR | EXECUTE),
        (list_only, READ_DIR),
        (write, handled),
    ):
        for path in paths:
            _allow(rules, path, rights & handled)
    done = _give_up_privileges() == 0 and _call(RESTRICT, rules, 0) == 0
    os.close(rules)
    return done


def kernel_confines() -> bool:
    """Whether the kernel can refuse anything here."""
    return _version() >= 1


def _version() -> int:
    """The version of Landlock the kernel has, below 1 for none."""
    return _call(CREATE, None, 0, VERSION_ASKED) if sys.platform == "linux" else 0


def _allow(rules: int, path: Path, rights: int) -> None:
    """What is not there needs no rule; a file knows fewer rights than a folder."""
    with suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            some = rights if path.is_dir() else rights & (EXECUTE | WRITE | READ | TRUNCATE)
            beneath = _Beneath(some, opened)
            _call(ADD, rules, PATH_BENEATH, ctypes.byref(beneath), 0)
        finally:
            os.close(opened)


def _give_up_privileges() -> int:
    """The kernel asks for it first: no program started from here may gain rights."""
    return int(ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))


def _call(number: int, *given: object) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(number, *given))
