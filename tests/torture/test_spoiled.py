"""A spoiled page: nothing is sent, what brokers hold is still shown, and no traceback anywhere."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.brokers.vault import Kept
from core.config import Settings, settings_now
from core.desk.kill_file import level_in_file, told_in_file
from core.desk.onlooker import NOBODY, Onlooker
from core.desk.seen import (
    Outside,
    Seen,
    forget_seen,
    keep_outside,
    keep_seen,
    outside_file,
    read_outside,
    read_seen,
    seen_file,
)
from core.domain.account import Broker, BrokerLogin, LoginMode, Market
from core.domain.order import Side
from core.domain.risk import KillLevel
from core.errors import StoreUnusable, Tampered
from core.store.engine import open_store
from core.store.sound import why_unsound
from jobs.__main__ import main, why_spoiled
from jobs.look_on import look_on
from tests.cli.terminal import make_terminal
from tests.made import MIDCO
from tests.spoil import spoil
from tests.torture.stage import Stage, stage_on

ROOT = Path(__file__).resolve().parents[2]
AT_BROKER = BrokerLogin(
    id="real", broker=Broker.ZERODHA, mode=LoginMode.PAPER, label="Zerodha AB1234", user_id="AB1234"
)


@dataclass
class Doors:
    """A way in that gives the stage's own session, as the real one does after a login."""

    session: Any
    opened: int = 0

    def open(self, login: BrokerLogin, kept: Kept, **_given: object) -> Doors:
        assert (login, kept.token) == (AT_BROKER, "sealed")
        self.opened += 1
        return self


@dataclass
class Sealed:
    """A vault with one session."""

    kept: Kept | None

    def get(self, _login_id: str) -> Kept | None:
        return self.kept


class Stops(Event):
    """Tells the worker to stop after some looks; `before` runs ahead of each wait."""

    def __init__(self, *, after: int, before: Any = lambda: None) -> None:
        super().__init__()
        self.left, self.before = after, before

    def wait(self, timeout: float | None = None) -> bool:
        self.before()
        self.left -= 1
        return self.left < 0


def store_file(stage: Stage) -> Path:
    return Path(stage.desk.store.url.removeprefix("sqlite:///"))


@pytest.fixture
def spoiled(stage: Stage) -> Stage:
    """A position under its stop at the broker, and a store of which a page is spoiled."""
    stage.bought()
    stage.desk.store.close()
    whole = store_file(stage)
    shutil.copyfile(whole, whole.with_suffix(".whole"))
    for more in ("-wal", "-shm"):
        if Path(f"{whole}{more}").exists():
            shutil.copyfile(f"{whole}{more}", f"{whole.with_suffix('.whole')}{more}")
    spoil(whole)
    yield stage
    for more in ("", "-wal", "-shm"):  # the oracle reads what a person restored
        kept = Path(f"{whole.with_suffix('.whole')}{more}")
        if kept.exists():
            shutil.copyfile(kept, f"{whole}{more}")


def settings_of(stage: Stage) -> Settings:
    return Settings(home=stage.desk.home, database_url=stage.desk.store.url, market=Market.LIVE)


def onlooker(stage: Stage, session: Any, *, kept: bool = True) -> tuple[Onlooker, Doors]:
    """The worker without its store, whose login's session is the stage's broker."""
    keep_outside(stage.desk.home, Outside((AT_BROKER,), (MIDCO,)))
    expires = stage.clock.now() + timedelta(hours=8)
    sealed: Any = Sealed(Kept("real", "AB1234", "sealed", expires) if kept else None)
    door: Any = Doors(session)
    made = Onlooker(
        settings_of(stage), "the store fails its check (a page)", stage.clock.now(),
        doors={Broker.ZERODHA: door}, vault=lambda _folder: sealed,
    )  # fmt: skip
    return made, door


def test_a_spoiled_store_pauses_the_desk_and_the_brokers_own_rows_are_read(spoiled: Stage):
    settings = settings_of(spoiled)
    sends = len(spoiled.broker.writes)
    assert "nothing is sent and stops at the broker stand" in why_spoiled(settings)
    assert level_in_file(settings.home) is KillLevel.PAUSE
    assert "fails its check" in told_in_file(settings.home)
    looking, door = onlooker(spoiled, spoiled.broker)
    for _ in range(3):
        spoiled.clock.pass_seconds(15)
        seen = looking.look(at=spoiled.clock.now())
    [sight] = seen.sights
    assert [(one.symbol, one.qty) for one in sight.held] == [("MIDCO", 100)]
    assert [(one.qty, one.side, one.active) for one in sight.gtts] == [(100, Side.SELL, True)]
    assert sight.orders[0].filled_qty == 100
    assert (sight.trouble, sight.read_at) == ("", spoiled.clock.now())
    assert (door.opened, len(spoiled.broker.writes)) == (1, sends)  # one session, and no write


def test_a_broker_that_cannot_be_read_keeps_the_rows_it_told_last(spoiled: Stage):
    looking, _ = onlooker(spoiled, spoiled.broker)
    first = looking.look(at=spoiled.clock.now())
    read_at = first.sights[0].read_at
    spoiled.broker.fail_reads(50)
    spoiled.clock.pass_seconds(15)
    [sight] = looking.look(at=spoiled.clock.now()).sights
    spoiled.broker.fail_reads(0)
    assert sight.trouble
    assert (sight.held, sight.gtts, sight.read_at) == (
        first.sights[0].held,
        first.sights[0].gtts,
        read_at,
    )


@pytest.fixture
def alone(store, desk_home: Path) -> Iterator[Stage]:
    """A paper stage with a position; no protocol is asked."""
    made = stage_on(store, desk_home)
    made.bought()
    store.close()
    whole = store_file(made)
    shutil.copyfile(whole, whole.with_name("whole.db"))
    spoil(whole)
    yield made
    made.close()


def test_nobody_logged_in_is_said_and_not_an_empty_list(alone: Stage):
    looking, door = onlooker(alone, alone.broker, kept=False)
    [sight] = looking.look(at=alone.clock.now()).sights
    assert (sight.trouble, sight.read_at, sight.held, door.opened) == (NOBODY, None, (), 0)


def test_the_simulated_desk_shows_its_paper_broker_as_it_was_left(alone: Stage):
    alone.paper.save_clock(alone.clock.now())
    alone.broker.close()
    keep_outside(alone.desk.home, Outside((), (MIDCO,)))
    settings = replace_market(settings_of(alone))
    before = (alone.desk.home / "exchange.db").read_bytes()
    assert look_on(settings, "spoiled", clock=alone.clock, stopping=Stops(after=0), every=0) == 0
    seen = read_seen(settings.home)
    assert seen is not None
    [sight] = seen.sights
    assert [(one.symbol, one.qty) for one in sight.held] == [("MIDCO", 100)]
    assert [one.qty for one in sight.gtts] == [100]
    assert (alone.desk.home / "exchange.db").read_bytes() == before
    assert oct(seen_file(settings.home).stat().st_mode & 0o777) == "0o600"


def replace_market(settings: Settings) -> Settings:
    return settings.model_copy(update={"market": Market.SIM})


def test_a_store_put_in_its_place_ends_the_look_and_a_spoiled_one_does_not(alone: Stage):
    whole, url = store_file(alone), alone.desk.store.url
    looks: list[int] = []

    def person() -> None:
        looks.append(1)
        if len(looks) == 2:  # still spoiled, though another file
            shutil.copyfile(whole, whole.with_name("copy.db"))
            whole.with_name("copy.db").replace(whole)
        if len(looks) == 4:
            whole.with_name("whole.db").replace(whole)

    stopping = Stops(after=9, before=person)
    settings = replace_market(settings_of(alone))
    assert look_on(settings, "spoiled", clock=alone.clock, stopping=stopping, every=0) == 1
    assert (len(looks), why_unsound(url)) == (4, "")


def test_a_side_file_that_is_damaged_is_said_and_hides_no_broker(alone: Stage):
    looking, _ = onlooker(alone, alone.broker)
    outside_file(alone.desk.home).write_text("{no")
    looking.settings = replace_market(looking.settings)
    alone.broker.close()
    seen = looking.look(at=alone.clock.now())
    assert "cannot be read" in seen.sentence
    assert [one.login_id for one in seen.sights] == ["paper"]
    with pytest.raises(Tampered):
        read_outside(alone.desk.home)


def test_opening_a_spoiled_store_is_one_sentence(alone: Stage):
    path = store_file(alone)
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreUnusable, match=r"file is not a database.*see docs/restore.md"):
        open_store(alone.desk.store.url, Market.SIM)
    with pytest.raises(StoreUnusable, match="look at the server"):
        open_store("postgresql://me@127.0.0.1:1/munim", Market.SIM)


@contextmanager
def opened_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a process of this desk."""
    monkeypatch.setenv("MUNIM_HOME", str(stage.desk.home))
    monkeypatch.setenv("DATABASE_URL", stage.desk.store.url)
    settings_now.cache_clear()
    yield
    settings_now.cache_clear()


def test_the_page_comes_up_read_only_with_the_sentence_and_the_brokers_rows(
    alone: Stage, monkeypatch: pytest.MonkeyPatch
):
    looking, _ = onlooker(alone, alone.broker)
    keep_seen(alone.desk.home, looking.look(at=alone.clock.now()))
    with opened_on(alone, monkeypatch):
        app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30).run()
    assert not app.exception
    page = " ".join(one.proto.body for one in app.get("html"))
    for words in ("The store cannot be used:", "a page", "Zerodha AB1234", "MIDCO", "GTT",
                  "under a trigger of its broker", "docs/restore.md"):  # fmt: skip
        assert words in page, words
    assert list(app.button) == []  # nothing can be pressed


def test_the_doctor_says_the_same_in_a_terminal(
    alone: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    looking, _ = onlooker(alone, alone.broker)
    munim = make_terminal(monkeypatch, capsys)
    with opened_on(alone, monkeypatch):
        before = munim("doctor")
        keep_seen(alone.desk.home, looking.look(at=alone.clock.now()))
        said = munim("doctor")
        lists = munim("positions")
        document = munim("doctor", "--json").document
    assert (before.code, said.code, lists.code) == (1, 1, 1)
    assert "make run has started it" in before.out
    assert "Shares · 100 · MIDCO · under a trigger of its broker" in said.out
    assert "docs/restore.md" in lists.sentence
    assert document["brokers"][0]["held"][0]["qty"] == 100


@pytest.mark.slow
def test_the_worker_itself_looks_on_and_starts_anew_once_the_store_is_restored(
    alone: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    home, whole = alone.desk.home, store_file(alone)
    alone.paper.save_clock(alone.clock.now())
    alone.broker.close()
    keep_outside(home, Outside((), (MIDCO,)))
    environment = os.environ | {"MUNIM_HOME": str(home), "DATABASE_URL": alone.desk.store.url}
    errors = tmp_path / "errors"
    with errors.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", FAST], cwd=ROOT, env=environment, stdout=said, stderr=said
        )
    try:
        until(lambda: read_seen(home) is not None, process)
        whole.with_name("whole.db").replace(whole)
        assert process.wait(timeout=30) == 1
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(timeout=10)
    text = errors.read_text()
    assert "nothing is sent and stops at the broker stand" in text
    assert "Traceback" not in text


FAST = """
import sys, jobs.look_on as look_on
look_on.look_on.__kwdefaults__["every"] = 0.2
from jobs.__main__ import main
sys.exit(main())
"""


def until(met: Any, process: subprocess.Popen[bytes]) -> None:
    """Wait while a process runs until something is so."""
    for _ in range(600):
        if met():
            return
        assert process.poll() is None
        time.sleep(0.05)
    raise AssertionError("it did not come")


def test_a_page_that_recovery_finds_spoiled_looks_on_as_well(
    alone: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    looked: list[str] = []
    monkeypatch.setattr("jobs.__main__.why_unsound", lambda _url: "")
    monkeypatch.setattr("jobs.__main__.look_on", lambda _s, said: looked.append(said) or 1)
    failure = sqlite3.DatabaseError("database disk image is malformed")

    def breaks() -> None:
        raise failure

    monkeypatch.setattr("jobs.__main__.open_floor", breaks)
    with opened_on(alone, monkeypatch):
        assert main() == 1
        assert level_in_file(alone.desk.home) is KillLevel.PAUSE
        failure = sqlite3.OperationalError("unable to open database file")
        assert main() == 1
    assert len(looked) == 1
    assert "restore the newest copy" in looked[0]
    assert "unable to open database file" in capsys.readouterr().err


def test_a_whole_store_takes_the_page_away(alone: Stage):
    now = alone.clock.now()
    keep_seen(alone.desk.home, Seen("gone", now, now, ()))
    forget_seen(alone.desk.home)
    forget_seen(alone.desk.home)
    assert read_seen(alone.desk.home) is None
