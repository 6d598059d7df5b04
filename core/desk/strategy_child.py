"""The child process in which a person's strategy file runs, within limits.

It is foreign code: it gets a panel and gives arrays, one call a process, so that nothing is
remembered from one panel to the next. It may read Python's own files and none that hold prices;
it may not write, connect, signal or start anything. A watch in Python says what it did, and where
the kernel can, it holds what a library does by itself in C to the same. This stops slips and
shortcuts, and is no wall against malice: the file runs with the rights of the person who named it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import resource
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core.desk.confine import confine
from core.panel import FIELDS, Floats, Panel

MEMORY = 6 * 2**30  # bytes of addresses
CPU_SECONDS = 120
FILE_BYTES = 512 * 2**20
COLUMNS_MAX = 300
NAME_MAX = 60
FUNCTIONS = ("features", "signals")
STARTING = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty")
CHANGING = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link",
            "os.symlink", "os.truncate", "os.utime")  # fmt: skip
OWN = Path(__file__).resolve().parents[1]
CODE = (".py", ".pyc", ".so")
BESIDE_MAX = 500  # files of code beside the file that it may import
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Refuses what a strategy has no business with, and remembers that it was asked."""

    def __init__(self, file: Path, folder: Path) -> None:
        self.refused: list[str] = []
        self._folder = str(folder)
        self._beside = str(file.parent)
        self._readable = tuple(str(one) for one in readable())

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        """See one event of the interpreter; raises PermissionError."""
        if event == "open" and isinstance(given[0], str | bytes | os.PathLike):
            self._open(os.path.realpath(os.fsdecode(given[0])), given[1], given[2])
        elif event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
            self._refuse("it connects to a network")
        elif event == "sqlite3.connect":
            self._refuse("it opens a database, which may hold what came later")
        elif event in STARTING:
            self._refuse("it starts another program")
        elif event in ("os.kill", "os.killpg") and given[0] != os.getpid():
            self._refuse("it signals another program")
        elif event in CHANGING or event.startswith("shutil."):
            self._refuse("it changes files")

    def _open(self, path: str, mode: str | None, flags: int) -> None:
        if path == os.devnull or _within(path, self._folder):
            return
        if (mode and set(mode) & set("wax+")) or flags & WRITING:
            self._refuse(f"it writes {Path(path).name}")
        code = path.endswith(CODE) and _within(path, self._beside)
        package = os.path.dirname(path).endswith((".egg-info", ".dist-info"))
        if not (code or package or any(_within(path, root) for root in self._readable)):
            self._refuse(f"it reads {Path(path).name}, which may hold what came later")

    def _refuse(self, why: str) -> None:
        self.refused.append(why)
        raise PermissionError(why)


def readable() -> list[Path]:
    """What Python and its libraries read of themselves and of the machine; nothing with prices."""
    prefixes = (Path(one).resolve() for one in (sys.prefix, sys.base_prefix, *sys.path[1:]) if one)
    here = Path("/proc") / str(os.getpid())
    machine = ("/usr", "/lib", "/lib64", "/etc", "/sys", "/dev", "/proc/cpuinfo", "/proc/meminfo",
               "/proc/stat", "/proc/sys")  # fmt: skip
    return [*(one for one in prefixes if one != OWN.parent), OWN, here, *map(Path, machine)]


def beside(file: Path) -> list[Path]:
    """The code beside a file and in its packages, the nearest first."""
    folders = [file.parent, *sorted(one.parent for one in file.parent.glob("*/__init__.py"))]
    found = [one for folder in folders for one in sorted(folder.iterdir()) if one.suffix in CODE]
    return [file, *found[:BESIDE_MAX]]


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def main() -> None:
    """Read `panel.npz` in a folder, run the file over it, and leave `columns.npz` or a sentence."""
    file, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    _limit()
    panel = _panel(folder / "panel.npz")
    watch = Watch(file, folder)
    confine(
        read=[*readable(), *beside(file), *OWN.parent.glob("*.egg-info")],
        list_only=[file.parent, OWN.parent],  # Python looks for installed packages there
        write=[folder, Path(os.devnull)],
    )
    sys.addaudithook(watch)
    wrong = ""
    try:
        found = _columns(_loaded(file), panel)
        names = np.array(list(found), dtype=np.str_)
        np.savez(folder / "columns.npz", names=names, values=np.stack(list(found.values())))
    except MemoryError:
        wrong = f"it takes more than {MEMORY // 2**30} GB of memory"
    except (Exception, SystemExit) as stopped:  # noqa: BLE001 - whatever it raises is its answer
        wrong = _sentence(stopped, file)
    if watch.refused:
        wrong = f"{watch.refused[0]}; take what it needs from the panel"
    if wrong:
        (folder / "wrong.json").write_text(json.dumps(wrong))
        sys.exit(1)


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system that has no such limit
            resource.setrlimit(what, (most, most))


def _panel(path: Path) -> Panel:
    with np.load(path, allow_pickle=False) as kept:
        return Panel(
            sessions=tuple(kept["sessions"].astype("datetime64[D]").tolist()),
            isins=tuple(kept["isins"].tolist()),
            **{name: kept[name] for name in (*FIELDS, "factor")},
        )


def _loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("strategy", file)
    if spec is None or spec.loader is None:
        raise ValueError("it is no Python file; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.path.append(str(file.parent))
    spec.loader.exec_module(module)
    return module


def _columns(module: ModuleType, panel: Panel) -> dict[str, Floats]:
    """What both functions say, as columns of the panel's shape."""
    asked = [name for name in FUNCTIONS if callable(getattr(module, name, None))]
    if not asked:
        raise ValueError("it has neither features(panel) nor signals(panel)")
    found: dict[str, Floats] = {}
    for name in asked:
        given = getattr(module, name)(panel)
        if name == "signals" and name in found:
            raise ValueError(
                "a column of features() is called signals, as the function is; rename it"
            )
        if name == "features" and not isinstance(given, Mapping):
            raise ValueError(f"features() gives {type(given).__name__} and not a dict of arrays")
        found |= dict(given) if name == "features" else {"signals": given}
    if not 0 < len(found) <= COLUMNS_MAX:
        raise ValueError(f"it gives {len(found)} columns; give 1 to {COLUMNS_MAX}")
    return {_named(name): _array(name, values, panel) for name, values in found.items()}


def _named(name: object) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise ValueError(
            f"a column is called {str(name)[:NAME_MAX]!r}; give 1 to {NAME_MAX} letters"
        )
    return name


def _array(name: str, values: object, panel: Panel) -> Floats:
    try:
        found = np.asarray(values, np.float64)
    except (ValueError, TypeError):
        raise ValueError(f"{name} holds what is no number; give floats, NaN for nothing") from None
    if found.shape != panel.close.shape:
        raise ValueError(f"{name} has shape {found.shape}, the panel says {panel.close.shape}")
    return np.where(np.isfinite(found), found, np.nan)


def _sentence(stopped: BaseException, file: Path) -> str:
    """What went wrong, with the line of the person's own file where there is one."""
    lines = [
        one.lineno
        for one in traceback.extract_tb(stopped.__traceback__)
        if one.filename == str(file)
    ]
    words = " ".join(str(stopped).split())[:200] or "no words"
    at = f"line {lines[-1]} stops with " if lines else ""
    kind = "" if not lines and isinstance(stopped, ValueError) else f"{type(stopped).__name__}: "
    return f"{at}{kind}{words}"


if __name__ == "__main__":
    main()
