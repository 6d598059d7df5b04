import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from core.domain.account import Market
from core.domain.clock import SteppedClock
from core.errors import BadSetting, StoreBusy, WrongMarket
from core.store import engine as engine_module
from core.store import settings
from core.store.engine import open_store
from core.store.stamp import Stamp, stamp
from tests.at_once import at_once
from tests.made import T0


def test_a_new_store_is_stamped_once(any_url):
    first = open_store(any_url, Market.SIM, seed=7, clock=SteppedClock(T0))
    first.close()
    again = open_store(any_url, Market.SIM, seed=99)
    with again.read() as tx:
        assert stamp(tx) == Stamp(market=Market.SIM, seed=7, created_at=T0)
    assert stamp_zone(again) is UTC
    again.close()


def stamp_zone(store):
    with store.read() as tx:
        return stamp(tx).created_at.tzinfo


def test_another_market_is_refused(any_url):
    open_store(any_url, Market.SIM).close()
    with pytest.raises(WrongMarket, match="is stamped sim and cannot be opened for live"):
        open_store(any_url, Market.LIVE)


def test_an_empty_file_is_migrated_when_opened(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}", Market.REPLAY)
    with store.write() as tx:
        settings.put(tx, "a", 1)
    store.close()


def test_what_was_committed_is_there_after_reopening(any_url):
    store = open_store(any_url, Market.SIM)
    with store.write() as tx:
        settings.put(tx, "theme", {"dark": True})
    store.close()
    store = open_store(any_url, Market.SIM)
    with store.read() as tx:
        assert settings.get(tx, "theme") == {"dark": True}
    store.close()


def test_an_error_takes_the_whole_transaction_back(any_store):
    with pytest.raises(RuntimeError), any_store.write() as tx:
        settings.put(tx, "a", 1)
        raise RuntimeError("power cut")
    with any_store.read() as tx:
        assert settings.get(tx, "a", "nothing") == "nothing"


def test_a_connection_that_dies_leaves_nothing(sqlite_url):
    store = open_store(sqlite_url, Market.SIM)
    raw = sqlite3.connect(store.engine.url.database, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("INSERT INTO settings (key, value) VALUES ('a', '1')")
    raw.close()  # as a killed process would
    with store.read() as tx:
        assert settings.get(tx, "a") is None
    store.close()


def test_a_read_cannot_write(any_store):
    with pytest.raises(DBAPIError, match=r"read-?only"), any_store.read() as tx:
        settings.put(tx, "a", 1)
    with any_store.write() as tx:
        settings.put(tx, "a", 2)  # the same connection writes again afterwards


def test_a_read_sees_one_moment(any_store):
    with any_store.read() as tx:
        assert settings.get(tx, "a") is None
        with any_store.write() as other:
            settings.put(other, "a", 1)
        assert settings.get(tx, "a") is None
    with any_store.read() as tx:
        assert settings.get(tx, "a") == 1


def test_a_held_lock_is_waited_for_and_then_named(sqlite_url, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0)
    store = open_store(sqlite_url, Market.SIM)
    with (
        store.write(),
        pytest.raises(StoreBusy, match="another writer held the store sqlite:"),
        store.write(),
    ):
        pass
    with store.write() as tx:
        settings.put(tx, "a", 1)
    store.close()


def test_writers_queue_and_none_is_lost(any_store):
    def add(_: int) -> None:
        for _ in range(10):
            with any_store.write() as tx:
                tx.connection().exec_driver_sql("UPDATE stamp SET seed = seed + 1")

    with any_store.write() as tx:
        before = stamp(tx).seed
    at_once(8, add)
    with any_store.read() as tx:
        assert stamp(tx).seed == before + 80


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "a SQLite store needs a file"),
        ("mysql://localhost/x", "mysql is no store Munim knows"),
        ("nonsense", "the database URL cannot be read"),
    ],
)
def test_an_unusable_url_is_refused(url, sentence):
    with pytest.raises(BadSetting, match=sentence):
        open_store(url, Market.SIM)


def test_a_password_is_never_said(monkeypatch):
    url = engine_module.store_url("postgresql://me:secret@localhost/x")
    assert url.drivername == "postgresql+psycopg"
    assert "secret" not in url.render_as_string(hide_password=True)


def test_two_stores_stand_side_by_side(tmp_path):
    one = open_store(f"sqlite:///{tmp_path / 'one.db'}", Market.SIM)
    two = open_store(f"sqlite:///{tmp_path / 'two.db'}", Market.REPLAY)
    with one.write() as tx:
        settings.put(tx, "a", "one")
    with two.read() as tx:
        assert settings.get(tx, "a") is None
    assert "two.db" not in repr(two)
    one.close()
    two.close()


def test_a_naive_time_is_refused(any_store):
    with any_store.write() as tx, pytest.raises(Exception, match="has no time zone"):
        from core.store import reports

        naive = datetime(2026, 1, 1)  # noqa: DTZ001
        reports.put(tx, "eod", naive.date(), naive, "x")
