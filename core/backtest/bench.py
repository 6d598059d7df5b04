"""What the desk takes on this machine: each figure is measured now, in a scratch folder.

Nothing here is compared with a target. The pages and the two processes are measured by
`ui.bench` in a process of its own, on the store that the rest has filled.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.backtest import (
    bench_allocate,
    bench_books,
    bench_desk,
    bench_indicators,
    bench_orders,
    bench_prices,
    bench_protect,
    bench_store,
)
from core.backtest.bench_rows import Row
from core.config import Settings
from core.errors import BadInput, SourceFailed

STORE: dict[str, Callable[[Path], list[Row]]] = {
    "bars": bench_store.bars,
    "audit verify": bench_store.audit_verify,
    **bench_prices.BENCHES,
    **bench_orders.BENCHES,
    **bench_protect.BENCHES,
    **bench_allocate.BENCHES,
    **bench_books.BENCHES,
    **bench_indicators.BENCHES,
}
DESK: dict[str, Callable[[bench_desk.Rig], list[Row]]] = {
    "features": bench_desk.features,
    "scan": bench_desk.scan_time,
    "quotes tick": bench_desk.quotes_tick,
    "headline to card": bench_desk.headline_to_card,
    "approve to order": bench_desk.approve_to_order,
    "risk loop": bench_desk.risk_loop,
}
SCREENS = ("pages", "memory")
TRAINING = "training"
NAMES = (*STORE, TRAINING, *DESK, *SCREENS)
SCREENS_WAIT = 600.0  # seconds beyond the minutes asked for

Say = Callable[[str], None]


def run_bench(*, only: str = "", minutes: float = 1.0, say: Say = lambda _words: None) -> list[Row]:
    """Measure everything whose name contains `only`.

    Args:
        minutes: how long web and worker run before their memory is read.
        say: told what is measured next.

    Raises:
        BadInput: no measurement has such a name.
    """
    wanted = [name for name in NAMES if only.lower() in name]
    if not wanted:
        raise BadInput(f"nothing measured is called {only!r}; use one of {', '.join(NAMES)}")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="munim-bench-") as scratch:
        folder = Path(scratch)
        for name in [one for one in STORE if one in wanted]:
            say(name)
            own = folder / name.replace(" ", "-")  # a server takes no blank in its folder
            own.mkdir()
            rows += STORE[name](own)
        if any(name in wanted for name in (TRAINING, *DESK, "pages")):
            rows += _desk_rows(folder / "home", wanted, say)
        for name in [one for one in SCREENS if one in wanted]:
            say(name)
            rows += _screen_rows(folder, name, minutes=minutes)
    return rows


def _desk_rows(home: Path, wanted: Sequence[str], say: Say) -> list[Row]:
    rows: list[Row] = []
    say("opening a scratch market and training")
    with bench_desk.rig(_settings(home)) as made:
        if TRAINING in wanted:
            rows += bench_desk.training(made)
        for name in DESK:
            if name in wanted:
                say(name)
                rows += DESK[name](made)
    return rows


def _settings(home: Path) -> Settings:
    home.mkdir(parents=True)
    return Settings(home=home, database_url=f"sqlite:///{home / 'munim.db'}")


def _screen_rows(folder: Path, name: str, *, minutes: float) -> list[Row]:
    """Rows from `ui.bench`, which may load Streamlit; raises SourceFailed with its last line."""
    home = folder / ("home" if name == "pages" else "processes")
    command = [sys.executable, "-m", "ui.bench", name, "--home", str(home)]
    done = subprocess.run(
        [*command, "--minutes", str(minutes)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=SCREENS_WAIT + 60 * minutes,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise SourceFailed(f"ui.bench {name} ended with {done.returncode}: {last}")
    found: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return list(found)
