"""A person's strategy or features in a Python file, run over a panel in a process of its own.

The file has one or both of

    def features(panel): return {"name": array, ...}
    def signals(panel): return array

Arrays have shape (n_sessions, n_instruments), NaN for nothing to say. Row s is formed at the close
of session s and acted on at the next open. `panel` is `core.panel.Panel`: sessions, isins, open,
high, low, close, volume and factor, with raw prices; `panel.adjusted()` takes splits out.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.desk.strategy_child import MEMORY
from core.errors import BadInput
from core.panel import FIELDS, Floats, Panel

SECONDS = 60.0  # for one panel
ROOT = Path(__file__).resolve().parents[2]
QUIET = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class StrategyFile:
    """A file that says something of a panel."""

    path: Path
    seconds: float = SECONDS

    def __call__(self, panel: Panel) -> dict[str, Floats]:
        """Its columns over a panel, by name.

        Raises:
            BadInput: it stops, takes too long or too much, or gives what is no column.
        """
        with tempfile.TemporaryDirectory(prefix="munim-strategy-") as folder:
            there = Path(folder)
            np.savez(
                there / "panel.npz",
                sessions=np.array(panel.sessions, dtype="datetime64[D]").astype(np.int64),
                isins=np.array(panel.isins, dtype=np.str_),
                **{name: getattr(panel, name) for name in (*FIELDS, "factor")},
            )
            self._run(there, panel)
            return self._read(there / "columns.npz", panel)

    def _run(self, folder: Path, panel: Panel) -> None:
        """One child, with an empty environment and the folder as its home."""
        child = subprocess.Popen(
            [sys.executable, "-m", "core.desk.strategy_child", str(self.path.resolve()), folder],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = child.wait(self.seconds)
        except subprocess.TimeoutExpired:
            shape = f"{len(panel.sessions)} sessions and {len(panel.isins)} shares"
            raise BadInput(
                f"{self.path.name}: over {self.seconds:g} s for a panel of {shape}; make it faster"
            ) from None
        finally:
            with contextlib.suppress(ProcessLookupError):  # nobody is left
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if code or not (folder / "columns.npz").is_file():
            raise BadInput(f"{self.path.name}: {_wrong(folder, code)}")

    def _read(self, path: Path, panel: Panel) -> dict[str, Floats]:
        """What the child left, believed only where it fits the panel and says something."""
        with np.load(path, allow_pickle=False) as kept:
            names, values = kept["names"].tolist(), kept["values"]
        if values.dtype != np.float64 or values.shape != (len(names), *panel.close.shape):
            raise BadInput(f"{self.path.name}: left columns of shape {values.shape}, not a panel's")
        if np.isnan(values).all():
            raise BadInput(f"{self.path.name}: says nothing of any share on any session")
        return dict(zip(names, values, strict=True))


def strategy_file(path: Path) -> StrategyFile:
    """A file that is there; raises BadInput."""
    if not path.is_file() or path.suffix != ".py":
        raise BadInput(f"{path} is no Python file; name one with features(panel) or signals(panel)")
    return StrategyFile(path)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the desk's own settings, keys or home."""
    home = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    plain = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    return {**home, **plain, **dict.fromkeys(QUIET, "1"), "OMP_WAIT_POLICY": "PASSIVE"}


def _wrong(folder: Path, code: int) -> str:
    """Why the child ended, in its own words where it left some."""
    left = folder / "wrong.json"
    if left.is_file():
        return str(json.loads(left.read_text()))
    if code < 0:
        name = signal.Signals(-code).name
        return f"ended by {name}; it has {MEMORY // 2**30} GB of memory and limited time"
    return f"ended with code {code} and left no columns"
