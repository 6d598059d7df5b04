"""What the web process loads: every page and part, and never a broker or its client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOAD = """
import importlib, json, pkgutil, sys
from pathlib import Path
import core.views, ui
for package in (core.views, ui):
    for one in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(one.name)
for page in sorted(Path("pages").glob("*.py")) + [Path("Home.py")]:
    parts = page.read_text().split("\\n\\n")
    heads = [part for part in parts if part.startswith(("from ", "import "))]
    exec(compile("\\n".join(heads), str(page), "exec"), {})
from ui.early import import_early
import_early()
print(json.dumps(sorted(sys.modules)))
"""
FORBIDDEN = ("core.brokers", "core.sandbox", "core.desk.doors", "core.desk.log_in",
             "kiteconnect", "upstox_client", "fyers_apiv3")  # fmt: skip


def test_the_web_process_loads_no_broker():
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "ui.broker" in loaded and "core.views.brokers" in loaded
    found = [
        name for name in loaded for bad in FORBIDDEN if name == bad or name.startswith(f"{bad}.")
    ]
    assert found == []
