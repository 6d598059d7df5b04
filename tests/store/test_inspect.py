import subprocess
import sys

import pytest
import sqlite_utils

from core.errors import NotFound
from core.store import inspect, instruments
from tests.made import TCS


def path_of(store):
    from pathlib import Path

    return Path(store.engine.url.database)


def test_every_table_is_counted(store):
    with store.write() as tx:
        instruments.put(tx, [TCS])
    found = {one.name: one for one in inspect.tables(path_of(store))}
    assert found["instruments"].rows == 1
    assert "isin" in found["instruments"].columns
    assert found["audit"].rows == 0
    assert not any(name.startswith("instruments_fts") for name in found)


def test_rows_are_shown_as_stored(store):
    with store.write() as tx:
        instruments.put(tx, [TCS])
    assert inspect.first_rows(path_of(store), "instruments")[0]["symbol"] == "TCS"
    with pytest.raises(NotFound, match="no table nonsense"):
        inspect.first_rows(path_of(store), "nonsense")


def test_the_search_index_is_one_that_sqlite_utils_knows(store):
    with store.write() as tx:
        instruments.put(tx, [TCS])
    database = sqlite_utils.Database(path_of(store))
    assert [row["symbol"] for row in database["instruments"].search("consultancy")] == ["TCS"]
    database.close()
    assert inspect.rebuild_search(path_of(store)) == 1
    with store.read() as tx:
        assert [one.symbol for one in instruments.search(tx, "consul")] == ["TCS"]


def test_a_missing_store_is_said(tmp_path):
    with pytest.raises(NotFound, match="is not there"):
        inspect.tables(tmp_path / "none.db")


def test_the_store_loads_nothing_heavy():
    script = (
        "import importlib, pkgutil, sys, core.store\n"
        "for m in pkgutil.iter_modules(core.store.__path__):\n"
        "    if m.name != 'migrations': importlib.import_module('core.store.' + m.name)\n"
        "heavy = {'pandas', 'sklearn', 'lightgbm', 'torch', 'alembic', 'sqlite_utils'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
