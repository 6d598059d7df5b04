from argparse import Namespace
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.domain.account import Market
from core.errors import BadSetting
from core.store import audit, bars, events, factors, fills, ledger, migrations
from core.store.engine import connect, open_store
from core.store.migrate import HEAD, KNOWN, SCRIPTS, main, migrate, revision, upgrade
from core.store.tables import METADATA
from tests.at_once import at_once
from tests.made import T0, a_fill, an_event
from tests.store.test_ledger import deposit


def test_head_is_the_newest_revision():
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(KNOWN)


def test_the_tables_are_what_the_revisions_make(any_url):
    engine = connect(any_url)

    def ours(_thing, name, kind, _reflected, _other):
        return not (kind == "table" and name.startswith("instruments_fts"))

    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_migrating_twice_changes_nothing(any_url):
    migrate(any_url)
    engine = connect(any_url)
    upgrade(engine)
    with engine.connect() as connection:
        assert revision(connection) == HEAD
    engine.dispose()


def test_a_store_from_a_newer_munim_is_refused(any_url):
    engine = connect(any_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(BadSetting, match=f"revision 9999 and this Munim knows up to {HEAD}"):
        open_store(any_url, Market.SIM)


@pytest.mark.parametrize("table", ["audit", "transactions", "postings", "fills", "events"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_facts_cannot_be_changed_or_deleted(any_store, table, verb):
    with any_store.write() as tx:
        audit.append(tx, at=T0, actor="me", verb="did", subject="x", body={})
        ledger.post(tx, deposit("d1", 100))
        fills.put(tx, a_fill())
        events.put(tx, an_event("TCS wins an order"))
    key = {"audit": "actor", "transactions": "words", "postings": "ledger"}.get(table, "source")
    key = "symbol" if table == "fills" else key
    change = f"UPDATE {table} SET {key} = 'x'" if verb == "UPDATE" else f"DELETE FROM {table}"
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), any_store.write() as tx:
        tx.execute(text(change))


def test_a_replace_is_a_hidden_delete_and_refused(store):
    with store.write() as tx:
        audit.append(tx, at=T0, actor="me", verb="did", subject="x", body={})
    with pytest.raises(DBAPIError, match="audit is append-only"), store.write() as tx:
        tx.execute(text("INSERT OR REPLACE INTO audit SELECT * FROM audit"))


@pytest.mark.postgres
def test_facts_cannot_be_truncated(postgres_url):
    store = open_store(postgres_url, Market.SIM)
    with pytest.raises(DBAPIError, match="audit is append-only"), store.write() as tx:
        tx.execute(text("TRUNCATE audit"))
    store.close()


def test_many_that_open_a_new_store_at_once_make_it_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"

    def start(_: int) -> int:
        store = open_store(url, Market.SIM)
        with store.write() as tx:
            seq = audit.append(tx, at=T0, actor="me", verb="v", subject="s", body={}).seq
        store.close()
        return seq

    assert sorted(at_once(6, start)) == [1, 2, 3, 4, 5, 6]


def test_a_developer_finds_no_change_to_write(sqlite_url):
    ini = Path(migrations.__path__[0]).parent / "alembic.ini"
    config = Config(str(ini), cmd_opts=Namespace(x=[f"url={sqlite_url}"]))
    command.check(config)


def test_the_command_needs_a_store(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.argv", ["migrate"])
    with pytest.raises(SystemExit, match="say which store"):
        main()
    path = tmp_path / "new.db"
    monkeypatch.setattr("sys.argv", ["migrate", f"sqlite:///{path}"])
    main()
    assert path.is_file()


def test_factors_that_stood_beside_bars_are_carried_over(tmp_path):
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = connect(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", SCRIPTS)
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        rows = ((20261117, 10.0), (20261118, 10.0), (20261119, 2.0), (20261120, 2.0))
        for session, factor in rows:
            connection.execute(
                text("INSERT INTO bars VALUES ('INE1', :session, 1, 1, 1, 1, 1, :factor, 'old')"),
                {"session": session, "factor": factor},
            )
    engine.dispose()
    store = open_store(url, Market.REPLAY)
    with store.read() as tx:
        (found,) = factors.all_factors(tx)
        assert (found.isin, found.ex_date, found.divisor) == ("INE1", date(2026, 11, 19), 5.0)
        # the last bar's own factor led to terms after it, which no row knows of
        assert bars.read_panel(tx).factor[:, 0].tolist() == [5, 5, 1, 1]
    store.close()
