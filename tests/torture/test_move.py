"""A store that goes from SQLite to PostgreSQL in the middle of the week, and the desk after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, create_engine, text

from core.desk.anchor import drop_anchor, last_anchor
from core.desk.reconcile import reconcile
from core.desk.send import send_prepared
from core.domain.account import Market
from core.domain.order import OrderStatus
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import BadInput, BadSetting, NotFound, Refused, Tampered
from core.store import audit, fills, lease, ledger, orders
from core.store import move as moving
from core.store.engine import Store, connect, open_store
from core.store.move import Moved, move
from core.store.moved import note_file
from core.store.tables import METADATA
from tests.made import MIDCO
from tests.torture.stage import Stage, stage_on

pytestmark = pytest.mark.postgres
S = OrderStatus


@pytest.fixture
def alone(empty_database: str, store: Store, desk_home: Path) -> Iterator[Stage]:
    """A stage on the paper broker, where no protocol is asked."""
    made = stage_on(store, desk_home)
    yield made
    made.close()


def tables_in(url: str) -> int:
    """How many tables a PostgreSQL database has."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        ).scalar()
    engine.dispose()
    return int(found or 0)


def rows_in(url: str) -> dict[str, int]:
    """Rows of every table of a store, counted by the database."""
    engine = connect(url)
    with engine.connect() as connection:
        found = {
            name: int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar() or 0)
            for name in METADATA.tables
        }
    engine.dispose()
    return found


def moved(stage: Stage, to: str) -> Moved:
    """Move the stage's store once the last worker's lease has run out."""
    stage.clock.pass_seconds(11)
    home = stage.desk.home
    return move(stage.desk.store.url, to, clock=stage.clock, by="me", anchor=last_anchor(home))


def go_on(stage: Stage, url: str) -> None:
    """The next worker, on the store at another URL."""
    old = stage.desk.store
    stage.desk = replace(stage.desk, store=open_store(url, Market.SIM, scratch=True))
    old.close()
    stage.restart()


def test_a_store_moved_in_mid_week_goes_on_trading_on_postgresql(empty_database: str, stage: Stage):
    first = stage.approve()
    stage.beat(size=160)  # forty of a hundred
    waiting = stage.order(first.id)
    assert (waiting.status, stage.shares()) == (S.OPEN, {MIDCO.isin: 40})
    drop_anchor(stage.desk)
    old = stage.desk.store.url
    before = rows_in(old)
    with stage.desk.store.read() as tx:
        head = audit.head(tx)
    made = moved(stage, empty_database)
    assert (made.head, made.rows, rows_in(old)) == (head, before, before)
    assert made.rows["fills"] == 1
    go_on(stage, empty_database)
    stage.beat(size=4_000)  # the rest of the fill arrives in the new store
    stage.beat(times=3)
    assert (stage.order(first.id).status, stage.shares()) == (S.FILLED, {MIDCO.isin: 100})
    assert stage.resting() == [100]
    assert stage.cover().status is ProtectionStatus.VERIFIED
    assert reconcile(stage.dealer) == []
    stage.books_are_clean()
    stage.leave()
    stage.beat(times=8)
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.CLOSED)
    with stage.desk.store.read() as tx:
        entries = audit.entries(tx, after=head.seq)
        audit.verify(tx, anchor=last_anchor(stage.desk.home))
        numbers = [one.seq for one in audit.entries(tx)]
        booked = [fill.trade_id for fill in fills.of_plan(tx, first.plan_id)]
    assert (entries[0].verb, entries[0].actor) == ("move store", "me")
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(booked) == len(set(booked)) >= 3


def test_an_order_prepared_before_the_move_is_sent_once_or_never_after_it(
    empty_database: str, stage: Stage
):
    order = stage.approve()
    moved(stage, empty_database)
    go_on(stage, empty_database)
    send_prepared(stage.dealer)
    stage.beat(times=3)
    assert stage.order(order.id).status in (S.CANCELLED, S.FILLED)
    assert len(stage.paper.orders()) == len([one for one in stage.orders() if one.broker_order_id])


def test_the_old_store_takes_nothing_more(empty_database: str, alone: Stage):
    alone.bought()
    old, seen = alone.desk.store, Path(alone.desk.store.url.removeprefix("sqlite:///"))
    moved(alone, empty_database)
    with pytest.raises(BadSetting, match=r"moved to postgresql.* set DATABASE_URL"), old.write():
        raise AssertionError("it was written to")
    with pytest.raises(BadSetting, match="was moved to"):
        open_store(old.url, Market.SIM)
    note_file(str(seen)).unlink()  # a person goes back to it
    with old.write() as tx:
        assert orders.recent(tx, 5)


def test_nothing_outside_the_store_is_touched(empty_database: str, alone: Stage):
    home = alone.desk.home
    (home / "sealed").write_bytes(b"\x00sealed")
    drop_anchor(alone.desk)
    kept = {
        one.name: one.read_bytes() for one in home.iterdir() if not one.name.startswith("exchange")
    }
    moved(alone, empty_database)
    assert kept == {
        one.name: one.read_bytes() for one in home.iterdir() if not one.name.startswith("exchange")
    }


def test_a_store_whose_worker_runs_is_not_moved(empty_database: str, alone: Stage):
    alone.beat()
    with pytest.raises(Refused, match=r"renewed its lease .* s ago; stop|stop Munim"):
        move(alone.desk.store.url, empty_database, clock=alone.clock, by="me", anchor=None)
    assert tables_in(empty_database) == 0
    alone.beat()  # and it goes on


def test_a_target_with_a_table_is_refused(empty_database: str, alone: Stage):
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mine (id int)"))
    engine.dispose()
    with pytest.raises(Refused, match="has 1 tables, mine the first"):
        moved(alone, empty_database)
    assert tables_in(empty_database) == 1
    alone.restart()  # the old store goes on


def test_moving_twice_is_refused(empty_database: str, alone: Stage):
    moved(alone, empty_database)
    with pytest.raises(BadSetting, match="was moved to"):
        moved(alone, empty_database)


def test_a_move_cut_off_leaves_an_empty_database_and_the_old_store_in_use(
    empty_database: str, alone: Stage, monkeypatch: pytest.MonkeyPatch
):
    alone.bought()
    monkeypatch.setattr("core.store.move._check_head", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moved(alone, empty_database)
    assert tables_in(empty_database) == 0
    alone.restart()
    assert alone.shares() == {MIDCO.isin: 100}
    monkeypatch.undo()
    assert moved(alone, empty_database).rows["fills"] >= 1


def test_a_row_that_changed_on_the_way_is_found(
    empty_database: str, alone: Stage, monkeypatch: pytest.MonkeyPatch
):
    alone.bought()
    count = moving._count

    def one_is_other(connection: Connection, table: Table) -> moving.Counted:
        found = count(connection, table)
        return replace(found, hashes=found.hashes + 1) if table.name == "fills" else found

    monkeypatch.setattr(moving, "_count", one_is_other)
    with pytest.raises(Tampered, match=r"fills: .* rows were read .* not all of them the same"):
        moved(alone, empty_database)
    assert tables_in(empty_database) == 0


def test_a_record_that_does_not_verify_is_not_moved(empty_database: str, alone: Stage):
    alone.bought()
    with alone.desk.store.write() as tx:
        found = audit.head(tx)
    later = replace(found, hash="0" * 64)
    with pytest.raises(Tampered):
        alone.clock.pass_seconds(11)
        move(alone.desk.store.url, empty_database, clock=alone.clock, by="me", anchor=later)
    assert tables_in(empty_database) == 0


def test_places_that_are_no_such_pair_are_refused_in_one_sentence(
    alone: Stage, tmp_path: Path, postgres_database: str
):
    here, url = alone.desk.store.url, postgres_database
    for source, target, error, said in (
        (here, f"sqlite:///{tmp_path / 'b.db'}", BadSetting, "moves to PostgreSQL"),
        (url, url, BadSetting, "is PostgreSQL already"),
        (f"sqlite:///{tmp_path / 'no.db'}", url, NotFound, "no store to move"),
        (here, "postgresql://me@127.0.0.1:1/x", BadSetting, "cannot be reached"),
        (here, "mysql://me@h/x", BadInput, "no store Munim knows"),
    ):
        with pytest.raises(error, match=said):
            move(source, target, clock=alone.clock, by="me", anchor=None)


def test_numbered_tables_and_the_lease_go_on_where_they_were(empty_database: str, alone: Stage):
    alone.bought()
    fence = alone.dealer.fence
    made = moved(alone, empty_database)
    go_on(alone, empty_database)
    assert alone.dealer.fence == fence + 1
    with alone.desk.store.write() as tx:
        assert lease.acquire(tx, "other", "me", monotonic=0.0, seconds=1.0) == 1
    alone.leave()
    alone.beat(times=8)
    with alone.desk.store.read() as tx:
        assert len(fills.recent(tx)) > made.rows["fills"]
        assert ledger.trial_balance(tx).paise == 0
