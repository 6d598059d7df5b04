from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from core.domain.audit import GENESIS, Anchor
from core.errors import Tampered
from core.store import audit, settings
from tests.at_once import at_once
from tests.made import T0


def record(tx, subject: str = "cd1"):
    return audit.append(tx, at=T0, actor="me", verb="approve", subject=subject, body={"qty": 10})


def spoil(store, statement: str) -> None:
    """Change the table as someone with the file in hand could: triggers out of the way first."""
    with store.write() as tx:
        if store.engine.dialect.name == "sqlite":
            for name in ("update", "delete", "replace"):
                tx.execute(text(f"DROP TRIGGER audit_no_{name}"))
        else:
            tx.execute(text("SET LOCAL session_replication_role = replica"))
        tx.connection().exec_driver_sql(statement)


def test_entries_are_numbered_and_linked(any_store):
    with any_store.write() as tx:
        assert audit.head(tx) == Anchor(seq=0, hash=GENESIS)
        first, second = record(tx), record(tx, "cd2")
        assert (first.seq, first.prev_hash) == (1, GENESIS)
        assert (second.seq, second.prev_hash) == (2, first.hash)
        assert first.body == '{"qty":10}'
    with any_store.read() as tx:
        assert audit.entries(tx) == [first, second]
        assert audit.entries(tx, subject="cd2") == [second]
        assert audit.entries(tx, after=1) == [second]
        assert audit.entries(tx, limit=1) == [first]
        assert audit.newest(tx, 1) == [second]
        assert audit.head(tx) == Anchor(seq=2, hash=second.hash)
        assert audit.verify(tx).entries == 2


def test_a_time_in_another_zone_still_verifies(any_store):
    ist = timezone(timedelta(hours=5, minutes=30))
    with any_store.write() as tx:
        at = datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=ist)
        audit.append(tx, at=at, actor="me", verb="v", subject="s", body={"words": "₹5 – ok"})
        assert audit.entries(tx)[0].at == datetime(2026, 11, 20, 4, 30, 0, 123456, tzinfo=UTC)
        assert audit.verify(tx).entries == 1


def test_an_entry_goes_with_the_change_it_records(any_store):
    with pytest.raises(RuntimeError), any_store.write() as tx:
        settings.put(tx, "a", 1)
        record(tx)
        raise RuntimeError
    with any_store.read() as tx:
        assert audit.head(tx).seq == 0


def test_many_writers_leave_no_gap(any_store):
    def write(_: int) -> None:
        for _ in range(10):
            with any_store.write() as tx:
                record(tx)

    at_once(5, write)
    with any_store.read() as tx:
        assert audit.verify(tx).entries == 50


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE audit SET body = '{\"qty\":99}' WHERE seq = 3", "entry 3 was changed"),
        ("UPDATE audit SET actor = 'you' WHERE seq = 5", "entry 5 was changed"),
        ("DELETE FROM audit WHERE seq = 2", "entry 2 is missing: 3 follows 1"),
        ("DELETE FROM audit WHERE seq = 1", "entry 1 is missing: 2 follows 0"),
        ("UPDATE audit SET seq = -seq WHERE seq = 4", "entry -4 was changed"),
        (
            "INSERT INTO audit SELECT 9, at, actor, verb, subject, body, prev_hash, 'x' "
            "FROM audit WHERE seq = 5",
            "entry 9 was changed",
        ),
        (
            "UPDATE audit SET subject = CASE subject WHEN 's1' THEN 's2' ELSE 's1' END "
            "WHERE seq IN (2, 3)",
            "entry 2 was changed",
        ),
    ],
)
def test_the_first_bad_entry_is_named(any_store, statement, sentence):
    with any_store.write() as tx:
        for number in range(5):
            record(tx, f"s{number}")
    spoil(any_store, statement)
    with any_store.read() as tx, pytest.raises(Tampered, match=sentence):
        audit.verify(tx)


def test_a_cut_end_is_found_by_the_noted_head(any_store):
    with any_store.write() as tx:
        for _ in range(5):
            record(tx)
        noted = audit.head(tx)
    spoil(any_store, "DELETE FROM audit WHERE seq > 3")
    with any_store.read() as tx:
        assert audit.verify(tx).entries == 3
        with pytest.raises(Tampered, match="the record ends at 3 and 5 was noted"):
            audit.verify(tx, anchor=noted)


def test_a_long_record_is_walked_in_pages(store, monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 4)
    with store.write() as tx:
        for _ in range(9):
            record(tx)
        assert audit.verify(tx).entries == 9
