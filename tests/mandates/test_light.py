"""What the worker's safe loop imports loads nothing heavy."""

import subprocess
import sys

CODE = """
import sys
import core.judge.facts, core.mandates.intake, core.mandates.size
import core.risk.book, core.risk.levels, core.risk.scenarios, core.tagging.tagger
heavy = {"pandas", "sklearn", "lightgbm", "torch", "scipy", "cvxpy", "skfolio"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)) or 0)
"""


def test_sizing_judging_tagging_and_risk_load_nothing_heavy():
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
