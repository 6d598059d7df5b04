"""The store moved in the terminal."""

from __future__ import annotations

import pytest

from core.config import settings_now
from core.desk.desk import Desk, open_desk
from core.store import audit
from tests.cli.terminal import Terminal


@pytest.mark.postgres
def test_a_store_is_moved_and_the_desk_opens_on_the_new_one(
    empty_database: str, munim: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    with desk.store.read() as tx:
        head = audit.head(tx)
    said = munim("store", "move", "--to", empty_database, "--json")
    assert (said.code, said.document["head"]["seq"]) == (0, head.seq)
    again = munim("store", "move", "--to", empty_database)
    assert (again.code, "this store was moved to postgresql" in again.sentence) == (2, True)
    assert "was moved to" in munim("halt").sentence  # the old one takes nothing more
    monkeypatch.setenv("DATABASE_URL", empty_database)
    settings_now.cache_clear()
    with open_desk().store.read() as tx:
        assert audit.head(tx).seq == head.seq + 1
    assert "clean" in munim("audit", "verify").out
    open_desk().store.close()


def test_a_store_moves_to_postgresql_alone(munim: Terminal, desk: Desk):
    said = munim("store", "move", "--to", "sqlite:///other.db")
    assert (said.code, "use postgresql://USER@HOST/NAME" in said.sentence) == (2, True)


def test_a_server_that_is_not_there_is_named_in_one_sentence(munim: Terminal, desk: Desk):
    said = munim("store", "move", "--to", "postgresql://me:secret@127.0.0.1:1/x")
    assert (said.code, "secret" in said.err) == (2, False)
    assert "cannot be reached" in said.sentence
