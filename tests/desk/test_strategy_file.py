"""A person's file runs in a process of its own, within limits, and every stop is one sentence."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from core.desk.confine import kernel_confines
from core.desk.strategy_child import Watch, _columns
from core.desk.strategy_file import StrategyFile, strategy_file
from core.errors import BadInput
from tests.models.made import noise

PANEL = noise(seed=1, shares=3, sessions=20)
GOOD = """
import numpy as np
from core.features.cross import rank

def features(panel):
    close = panel.adjusted().close
    out = np.full(close.shape, np.inf)
    out[1:] = close[1:] / close[:-1] - 1.0
    return {"ret": out, "rank": rank(out)}

def signals(panel):
    return [[float(len(panel.sessions))] * len(panel.isins)] * len(panel.sessions)
"""
OVER = "def signals(panel):\n    "


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text)
    return path


def test_features_and_signals_come_back_as_columns(tmp_path: Path):
    found = strategy_file(written(tmp_path, GOOD))(PANEL)
    assert list(found) == ["ret", "rank", "signals"]
    wanted = PANEL.close[1:] / PANEL.close[:-1] - 1.0
    np.testing.assert_array_equal(found["ret"][1:], wanted)
    assert np.isnan(found["ret"][0]).all()  # what is not finite is nothing to say
    assert (found["signals"] == 20.0).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1 / 0\n", "mine.py: line 1 stops with ZeroDivisionError: division by zero"),
        ("def other(panel): pass\n", r"neither features\(panel\) nor signals"),
        (OVER + "return [1.0, 2.0]\n", r"signals has shape \(2,\), the panel says \(20, 3\)"),
        (OVER + "return panel.close * float('nan')\n", "says nothing of any share"),
        (OVER + "import sys; sys.exit(0)\n", "line 2 stops with SystemExit: 0"),
        (OVER + "import os; os._exit(0)\n", "ended with code 0 and left no columns"),
        (OVER + "import os; os.kill(os.getpid(), 9)\n", "ended by SIGKILL"),
        (OVER + "return bytearray(2**40)\n", "takes more than 6 GB of memory"),
        (OVER + "import socket; socket.create_connection(('127.0.0.1', 9))\n", "a network"),
        (OVER + "import subprocess; subprocess.run(['id'])\n", "starts another program"),
        (OVER + "import os; os.kill(os.getppid(), 0)\n", "signals another program"),
        (OVER + "open(f'/proc/{__import__(\"os\").getppid()}/environ').read()\n", "reads environ"),
        (OVER + "return [['up'] * 3] * 20\n", "signals holds what is no number"),
        (
            "def features(panel): return {'signals': panel.close}\n"
            + OVER
            + "return panel.close\n",
            "a column of features.. is called signals",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why_in_one_sentence(
    tmp_path: Path, text: str, sentence: str
):
    with pytest.raises(BadInput, match=sentence) as refused:
        strategy_file(written(tmp_path, text))(PANEL)
    assert "\n" not in str(refused.value)


def test_prices_from_another_file_are_refused_even_where_the_refusal_is_swallowed(tmp_path: Path):
    prices = tmp_path / "prices.csv"
    prices.write_text("1,2,3")
    text = f"""def signals(panel):
    try:
        open({str(prices)!r}).read()
    except OSError:
        pass
    return panel.close
"""
    with pytest.raises(BadInput, match=r"it reads prices\.csv, which may hold what came later"):
        strategy_file(written(tmp_path, text))(PANEL)


def test_a_library_that_opens_files_by_itself_is_refused_by_the_kernel(tmp_path: Path):
    if not kernel_confines():
        pytest.skip("this kernel has no Landlock")
    prices = tmp_path / "prices.csv"
    prices.write_text("1,2,3")
    text = OVER + (  # C's own open, as of a library for Parquet or HDF5; -1 is a refusal
        f"import ctypes; found = ctypes.CDLL(None).open({str(prices)!r}.encode(), 0)\n"
        "    return panel.close * 0 + found\n"
    )
    assert (strategy_file(written(tmp_path, text))(PANEL)["signals"] == -1).all()


def test_a_module_beside_the_file_may_be_imported(tmp_path: Path):
    (tmp_path / "beside_it.py").write_text("TIMES = 3.0\n")
    text = "from beside_it import TIMES\n" + OVER + "return panel.close * TIMES\n"
    found = strategy_file(written(tmp_path, text))(PANEL)
    np.testing.assert_array_equal(found["signals"], PANEL.close * 3.0)


@pytest.mark.slow
def test_the_libraries_that_are_installed_may_be_used(tmp_path: Path):
    text = """import lightgbm
import numpy as np
import pandas
import talib
from sklearn.linear_model import LogisticRegression

def signals(panel):
    close = pandas.DataFrame(panel.close)
    rows = close.to_numpy().reshape(-1, 1)
    up = rows[:, 0] > np.median(rows)
    LogisticRegression().fit(rows, up)
    lightgbm.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(rows, up)
    return close.apply(lambda one: talib.SMA(one.to_numpy(), 5)).to_numpy()
"""
    found = strategy_file(written(tmp_path, text))(PANEL)["signals"]
    np.testing.assert_allclose(found[4], PANEL.close[:5].mean(axis=0))


def test_a_file_that_does_not_end_is_stopped(tmp_path: Path):
    path = written(tmp_path, OVER + "while True: pass\n")
    with pytest.raises(BadInput, match="over 1 s for a panel of 20 sessions and 3 shares"):
        StrategyFile(path, seconds=1.0)(PANEL)


def test_nothing_of_the_desks_settings_reaches_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MUNIM_SECRET", "1")
    text = OVER + (
        "import os\n    found = [one for one in os.environ if one.startswith('MUNIM')]\n"
        "    return panel.close * 0 + len(found)\n"
    )
    assert (strategy_file(written(tmp_path, text))(PANEL)["signals"] == 0).all()


def test_what_is_no_python_file_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="is no Python file; name one with features"):
        strategy_file(tmp_path / "absent.py")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"features": lambda _panel: [1]}, "features.. gives list and not a dict"),
        ({"features": lambda _panel: {}}, "gives 0 columns; give 1 to 300"),
        ({"features": lambda panel: {3: panel.close}}, "a column is called '3'"),
        ({"features": lambda panel: {"x" * 61: panel.close}}, "give 1 to 60 letters"),
    ],
)
def test_columns_of_the_wrong_kind_are_refused(given: dict, sentence: str):
    module = ModuleType("strategy")
    vars(module).update(given)
    with pytest.raises(ValueError, match=sentence):
        _columns(module, PANEL)


@pytest.mark.parametrize(
    ("event", "given", "why"),
    [
        ("open", ("/srv/prices.csv", "r", 0), "it reads prices.csv"),
        ("open", ("/etc/notes.txt", "w", 0), "it writes notes.txt"),
        ("open", ("/etc/notes.txt", None, os.O_WRONLY | os.O_CREAT), "it writes notes.txt"),
        ("socket.connect", (None, ("127.0.0.1", 9)), "a network"),
        ("sqlite3.connect", ("/srv/munim.db",), "opens a database"),
        ("os.system", (b"id",), "another program"),
        ("os.remove", ("/srv/x", -1), "changes files"),
        ("os.truncate", ("/srv/x", 0), "changes files"),
        ("os.kill", (1, 9), "signals another program"),
        ("open", ("/proc/1/environ", "r", 0), "it reads environ"),
        ("shutil.rmtree", ("/srv/x", None), "changes files"),
    ],
)
def test_the_watch_refuses_and_remembers(tmp_path: Path, event: str, given: tuple, why: str):
    watch = Watch(tmp_path / "mine.py", tmp_path / "scratch")
    with pytest.raises(PermissionError, match=why):
        watch(event, given)
    assert len(watch.refused) == 1


def test_the_watch_lets_python_read_itself_and_the_scratch_folder_be_written(tmp_path: Path):
    watch = Watch(tmp_path / "mine.py", tmp_path / "scratch")
    for given in (
        (np.__file__, "r", 0),
        (str(tmp_path / "scratch" / "columns.npz"), "wb", 0),
        (str(tmp_path / "beside_it.py"), "r", 0),
        (os.devnull, "w", 0),
        ("/srv/munim.egg-info/entry_points.txt", "r", 0),
        (3, "r", 0),
    ):
        watch("open", given)
    watch("import", ("numpy", None, None, None, None))
    assert watch.refused == []
