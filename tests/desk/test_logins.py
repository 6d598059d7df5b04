"""Broker logins from the wish on a page to an open session, over a Kite sandbox of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from core.brokers.vault import Vault
from core.desk import logins as wishes
from core.desk import skew
from core.desk.answers import address_in, take_notes
from core.desk.doors import KiteDoor
from core.desk.floor import join_logins, keep_broker_days
from core.desk.join import _tell_gtts
from core.desk.kill import effective_level
from core.desk.live_rows import checks
from core.desk.log_in import LogIns
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.login import AskStatus, LoginAsk, LoginState, SessionStatus
from core.domain.order import OrderStatus, Purpose
from core.domain.protection import ProtectionStatus
from core.domain.risk import KillLevel
from core.errors import BadInput, NotBuilt, Refused, SessionDead, SourceFailed
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.kite.session import App
from core.sandbox.serve import Served, serving
from core.store import accounts, alerts, logins, orders, plans, protections, settings
from jobs import work
from jobs.worker import Worker
from tests.jobs.floor import a_worker
from tests.made import a_plan, a_protection, an_order

USERS = (User("AB1234", "Asha Rao"), User("CD5678", "Dev Shah"))
MINE = "cookie of this browser"
S = SessionStatus


@dataclass
class Place:
    """A worker, a sandbox that shares its clock, and a login between them."""

    worker: Worker
    sandbox: KiteSandbox
    served: Served
    login: BrokerLogin
    folder: Path

    @property
    def ins(self) -> LogIns:
        assert self.worker.floor.ins is not None
        return self.worker.floor.ins

    def state(self) -> LoginState:
        with self.worker.floor.desk.store.read() as tx:
            found = logins.state(tx, self.login.id)
        assert found is not None
        return found

    def ask(self, session: str = MINE) -> LoginAsk:
        """Ask for a link, and let the worker make it."""
        self.worker.floor.clock.pass_seconds(1)  # two wishes have an order
        wishes.ask_to_log_in(self.desk, self.login.id, session=session, by="me")
        self.ins.tend()
        found = wishes.latest_ask(self.desk, self.login.id)
        assert found is not None
        return found

    @property
    def desk(self):
        return self.worker.floor.desk

    def typed(self, link: str, user: str = "AB1234") -> tuple[str, str]:
        """Log in on the sandbox's page; state and code of the address it leads back to."""
        fields = dict(parse_qsl(urlsplit(link).query)) | {"user_id": user, "password": "x"}
        answer = requests.post(link, data=fields, allow_redirects=False, timeout=5)
        return wishes.read_address(answer.headers["Location"])

    def log_in(self) -> LoginAsk:
        """The whole way, until the floor has taken the session over."""
        ask = self.ask()
        state, code = self.typed(ask.link)
        wishes.take_return(self.desk, state=state, code=code, session=MINE)
        self.ins.tend()
        join_logins(self.worker.floor)
        self.ins.tend()
        found = wishes.latest_ask(self.desk, self.login.id)
        assert found is not None
        return found

    def pulse(self) -> None:
        self.worker.floor.clock.pass_seconds(1)
        work.pulse(self.worker)
        self.ins.tend()


@pytest.fixture
def place(store, desk_home, tmp_path) -> Iterator[Place]:
    worker = a_worker(store, desk_home, with_bars=False)
    floor = worker.floor
    shares = {item.isin: item for item in floor.market.universe}
    sandbox = KiteSandbox(
        shares,
        clock=floor.clock,
        phase_of=floor.broker._phase_of,
        users=USERS,
        limits=False,
        registered=App(redirect_url="http://127.0.0.1:8501/broker/return"),
    )
    with serving(sandbox.app) as served:
        sandbox.house.on_quotes(floor.market.quotes_at(floor.clock.now()))
        login = BrokerLogin(
            "kite", Broker.ZERODHA, LoginMode.PAPER, "Practice", "AB1234", served.base
        )
        wishes.add_login(floor.desk, login, by="me")
        vault = Vault(tmp_path / "sessions", "a long enough passphrase")
        door = KiteDoor(find=lambda name: None)
        ins = LogIns(floor.desk, lambda: vault, {Broker.ZERODHA: door})
        made = Worker(replace(floor, ins=ins), worker.research, worker.study)
        yield Place(made, sandbox, served, login, tmp_path / "sessions")
        for opened in [*ins.opened.values(), *(one for one, _ in ins.gone)]:
            opened.stream.stop()
    sandbox.close()


def test_a_person_logs_in_and_the_floor_takes_the_session_over(place):
    place.ins.tend()
    assert place.state().status is S.CLOSED
    done = place.log_in()
    assert (done.status, done.sentence) == (AskStatus.DONE, "logged in as Asha Rao (AB1234)")
    assert done.link == ""
    state = place.state()
    assert (state.status, state.user) == (S.OPEN, "Asha Rao (AB1234)")
    assert state.expires_at is not None and state.expires_at > place.desk.clock.now()
    assert set(place.worker.floor.dealer.sessions) == {"paper", "kite"}
    assert [one.name for one in place.folder.iterdir()] == ["kite.session"]
    with place.desk.store.read() as tx:
        assert settings.get(tx, "wire:zerodha")["calls"]["place"] is True
        assert settings.get(tx, "tags:kite")["foreign"] == []


def test_no_token_code_or_state_stays_in_the_store(place, sqlite_url):
    ask = place.ask()
    state, code = place.typed(ask.link)
    wishes.take_return(place.desk, state=state, code=code, session=MINE)
    place.ins.tend()
    (token,) = place.sandbox.sessions._logins
    with place.desk.store.engine.connect() as line:
        raw = "\n".join(line.connection.driver_connection.iterdump())
    for secret in (token, state, code):
        assert secret not in raw
    kept = [file for file in place.desk.home.rglob("*") if file.is_file()]
    assert [file for file in kept if code.encode() in file.read_bytes()] == []  # nor in any log
    assert wishes.hashed(state) in raw


def test_a_state_is_refused_when_foreign_replayed_or_of_another_session(place):
    ask = place.ask()
    state, code = place.typed(ask.link)
    with pytest.raises(Refused, match="a state that no page here gave"):
        wishes.take_return(place.desk, state="made up", code=code, session=MINE)
    with pytest.raises(Refused, match="a state that no page here gave"):
        wishes.take_return(place.desk, state="", code=code, session=MINE)
    with pytest.raises(Refused, match="asked for in another session"):
        wishes.take_return(place.desk, state=state, code=code, session="somebody else")
    wishes.take_return(place.desk, state=state, code=code, session=MINE)
    with pytest.raises(Refused, match="came back already and serves once"):
        wishes.take_return(place.desk, state=state, code=code, session=MINE)


def test_a_link_is_too_old_after_ten_minutes(place):
    ask = place.ask()
    state, code = place.typed(ask.link)
    place.worker.floor.clock.pass_seconds(601)
    with pytest.raises(Refused, match="took 601 s and 600 s are allowed"):
        wishes.take_return(place.desk, state=state, code=code, session=MINE)
    place.ins.tend()
    ended = wishes.latest_ask(place.desk, "kite")
    assert ended is not None and ended.status is AskStatus.REFUSED
    assert "within 10 minutes" in ended.sentence


def test_another_person_and_a_broker_without_a_code_are_refused(place):
    ask = place.ask()
    state, code = place.typed(ask.link, "CD5678")
    wishes.take_return(place.desk, state=state, code=code, session=MINE)
    place.ins.tend()
    ended = wishes.latest_ask(place.desk, "kite")
    assert ended is not None and "CD5678 logged in where AB1234 was expected" in ended.sentence
    assert not place.folder.exists() and "kite" not in place.worker.floor.dealer.sessions
    again = place.ask()
    state, _ = place.typed(again.link)
    refused = wishes.take_return(place.desk, state=state, code="", session=MINE)
    assert refused.status is AskStatus.REFUSED


def test_a_real_address_without_keys_says_how_to_set_them(place):
    with place.desk.store.write() as tx:
        accounts.put_login(tx, replace(place.login, address=""))
    ended = place.ask()
    assert ended.status is AskStatus.REFUSED
    assert "put MUNIM_KITE_API_KEY and MUNIM_KITE_API_SECRET into" in ended.sentence


def test_a_dead_token_closes_its_login_alone_and_a_new_one_resumes(place):
    place.log_in()
    place.pulse()
    first = place.worker.floor.dealer.sessions["kite"]
    place.sandbox.end_session("AB1234")
    first.looks.wrote()  # so that a look is due
    with pytest.raises(SourceFailed):
        work.pulse(place.worker)
    place.pulse()
    assert set(place.worker.floor.dealer.sessions) == {"paper"}
    assert place.state().status is S.DEAD
    assert list(place.folder.iterdir()) == []
    with place.desk.store.read() as tx:
        alarms = [one.sentence for one in alerts.recent(tx, 5)]
        login = accounts.login(tx, "kite")
        assert "log in on the Broker page" in wishes.why_no_session(tx, login)
        assert set(wishes.cut_off(tx)) == {"kite"}
    assert any("stops at the broker stand and nothing new is sent" in one for one in alarms)
    place.log_in()
    second = place.worker.floor.dealer.sessions["kite"]
    assert second is not first and place.state().status is S.OPEN
    place.pulse()
    with place.desk.store.read() as tx:
        assert wishes.why_no_session(tx, login) == "" and wishes.cut_off(tx) == {}


def test_a_silent_broker_holds_nothing_up_and_is_taken_back_by_a_probe(place):
    place.log_in()
    place.pulse()
    place.sandbox.faults.script(Fault(FaultKind.READ_5XX, "read", times=99))
    place.worker.floor.dealer.sessions["kite"].looks.wrote()  # so that a look is due
    with pytest.raises(SourceFailed):
        work.pulse(place.worker)
    asked = len(place.sandbox.faults.requests)
    with pytest.raises(SourceFailed, match="left alone"):
        work.pulse(place.worker)
    assert len(place.sandbox.faults.requests) == asked  # nothing was asked of it
    place.ins.tend()  # the probe is not answered either
    assert place.state().status is S.SILENT
    place.sandbox.faults.clear()
    place.ins.tend()
    work.pulse(place.worker)
    place.worker.floor.clock.pass_seconds(2)
    place.ins.tend()
    assert place.state().status is S.OPEN


def test_a_restarted_worker_uses_the_kept_session(place):
    place.log_in()
    old = place.ins.opened["kite"]
    again = LogIns(place.desk, place.ins.vault, place.ins.doors)
    floor = replace(place.worker.floor, ins=again)
    floor.dealer.sessions.pop("kite")
    assert again.tend() == ["Practice: the kept session is used"]
    assert place.state().status is S.OPENING
    join_logins(floor)
    assert "kite" in floor.dealer.sessions and place.state().status is S.OPEN
    again.opened["kite"].stream.stop()
    old.stream.stop()


def test_a_session_of_yesterday_is_not_used(place):
    place.log_in()
    place.worker.floor.clock.pass_seconds(24 * 3600)
    join_logins(place.worker.floor)
    place.ins.tend()
    assert place.state().status is S.DEAD and "ended with the day" in place.state().sentence


def test_a_logout_ends_the_token_at_the_broker(place):
    place.log_in()
    wishes.ask_to_log_out(place.desk, "kite", by="me")
    place.ins.tend()
    join_logins(place.worker.floor)
    place.ins.tend()
    assert place.state().status is S.CLOSED and list(place.folder.iterdir()) == []
    assert place.sandbox.sessions._logins == {}
    with pytest.raises(BadInput, match="is not logged in"):
        wishes.ask_to_log_out(place.desk, "kite", by="me")


def test_an_account_moves_only_when_flat_and_its_login_stays(place):
    moved = wishes.move_account(place.desk, "event", "kite", by="me")
    assert moved.login_id == "kite"
    working = an_order("or9", account_id="sip", login_id="paper", status=OrderStatus.OPEN)
    with place.desk.store.write() as tx:
        orders.put(tx, working)
    with pytest.raises(BadInput, match=f"{working.symbol} is on its way in or out"):
        wishes.move_account(place.desk, "sip", "kite", by="me")
    with pytest.raises(BadInput, match="the one of Event tactical"):
        wishes.remove_login(place.desk, "kite", by="me")


def test_a_login_is_added_once_as_paper_with_who_logs_in(place):
    typed = dict(broker="Zerodha", label="", control="")
    made = wishes.new_login(id="z", user="AB1", address="http://localhost:8770/", **typed)
    assert (made.label, made.control) == ("Zerodha AB1", "http://localhost:8771")
    with pytest.raises(BadInput, match="there is a login kite already"):
        wishes.add_login(place.desk, place.login, by="me")
    with pytest.raises(BadInput, match="say who logs in"):
        wishes.add_login(place.desk, replace(place.login, id="x", user_id=""), by="me")
    with pytest.raises(BadInput, match="begins as PAPER"):
        live = replace(place.login, id="x", address="", mode=LoginMode.LIVE)
        wishes.add_login(place.desk, live, by="me")
    with pytest.raises(NotBuilt, match="choose zerodha or upstox"):
        wishes.add_login(place.desk, replace(place.login, id="x", broker=Broker.FYERS), by="me")
    with pytest.raises(BadInput, match="is no broker here"):
        wishes.new_login(id="z", user="a", address="", **{**typed, "broker": "ibkr"})
    with pytest.raises(BadInput, match="needs no login"):
        wishes.ask_to_log_in(place.desk, "paper", session=MINE, by="me")


def test_a_paper_login_at_the_brokers_own_address_enters_nothing(place):
    with place.desk.store.write() as tx:
        real = replace(place.login, address="")
        assert "where orders are real" in wishes.why_no_session(tx, real)


def test_the_days_books_are_kept_before_the_night(place):
    place.log_in()
    paper = place.sandbox.house.client("AB1234").paper
    isin = next(iter(place.sandbox.house.instruments))
    share = place.sandbox.house.instruments[isin]
    ltp = place.sandbox.house.quotes[isin].ltp
    order = an_order("or1", isin=isin, symbol=share.symbol, login_id="AB1234", limit_price=ltp)
    paper.place(replace(order, purpose=Purpose.ENTRY))
    assert keep_broker_days(place.worker.floor) == []
    with place.desk.store.read() as tx:
        (day,) = logins.days(tx, "kite")
    assert share.symbol in day.orders and re.match(r"^\[\{", day.orders)


def test_an_order_moved_elsewhere_wakes_a_read(place):
    place.log_in()
    ends = time.monotonic() + 5
    while not place.ins.opened["kite"].stream.state.connected:
        assert time.monotonic() < ends
        time.sleep(0.01)
    place.ins.hints.clear()
    isin = next(iter(place.sandbox.house.instruments))
    symbol, ltp = place.sandbox.house.instruments[isin].symbol, place.sandbox.house.quotes[isin].ltp
    order = an_order("or1", isin=isin, symbol=symbol, login_id="AB1234", limit_price=ltp)
    place.sandbox.house.client("AB1234").paper.place(order)
    place.sandbox.house.tell()
    assert place.ins.hints.wait(5)

    def is_heard() -> bool:
        work.send(place.worker)
        return not place.ins.hints.wait(0.3)  # its fill may be told after it

    assert any(is_heard() for _ in range(10))


def test_a_wish_of_a_stopped_worker_is_refused(place):
    ask = place.ask()
    with place.desk.store.write() as tx:
        logins.put_ask(tx, replace(ask, status=AskStatus.RETURNED))
    place.ins.tend()
    ended = wishes.latest_ask(place.desk, "kite")
    assert ended is not None and "worker stopped while it logged in" in ended.sentence
    assert timedelta(0) <= place.desk.clock.now() - ended.asked_at


class Ahead:
    """A broker's clock that is `seconds` ahead of the desk's."""

    def __init__(self, clock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds

    def now(self):
        return self.clock.now() + timedelta(seconds=self.seconds)


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [(1, KillLevel.NORMAL, ""), (5, KillLevel.NORMAL, "2 s"), (30, KillLevel.PAUSE, "10 s")],
)
def test_a_brokers_clock_apart_is_alarmed_over_two_seconds_and_pauses_over_ten(
    place, seconds, level, words
):
    place.sandbox.app._clock = Ahead(place.desk.clock, seconds)
    place.log_in()
    assert effective_level(place.desk) is level
    with place.desk.store.read() as tx:
        said = [
            one.sentence for one in alerts.recent(tx, 9) if "behind the broker's" in one.sentence
        ]
        assert skew.latest(tx, "kite").seconds == pytest.approx(-seconds, abs=1)
    assert [f"at most {words} is allowed" in one for one in said] == ([True] if words else [])


def test_a_sandbox_whose_clock_the_desk_sets_pauses_nothing(place):
    place.log_in()
    opened = place.ins.opened["kite"]
    with place.desk.store.write() as tx:
        settings.put(tx, "skew:kite", [])
    place.sandbox.app._clock = Ahead(place.desk.clock, 30)
    opened.session.orders()
    told = replace(opened, login=replace(opened.login, control="http://127.0.0.1:1"), looks={})
    take_notes(place.desk, told)
    with place.desk.store.read() as tx:
        assert skew.latest(tx, "kite").certain > 10
    assert effective_level(place.desk) is KillLevel.NORMAL


def test_a_refused_address_fails_its_row_until_an_order_is_taken(place):
    place.log_in()
    session = place.worker.floor.dealer.sessions["kite"]
    text = "IP 203.0.113.7 is not registered for this app"
    place.sandbox.faults.script(Fault(FaultKind.IP_REFUSED, "place", text=text))
    isin = next(iter(place.sandbox.house.instruments))
    symbol = place.sandbox.house.instruments[isin].symbol
    ltp = place.sandbox.house.quotes[isin].ltp
    order = an_order("or1", isin=isin, symbol=symbol, login_id="kite", limit_price=ltp)
    with pytest.raises(SessionDead, match="no orders from this machine's address"):
        session.place(order)
    place.ins.tend()
    assert not session.died
    row = dict(checks(place.desk, place.login))["static IP"]
    assert not row().passed and text in row().sentence
    session.place(order)
    place.ins.tend()
    assert row().passed and row().sentence == "Practice sees 203.0.113.7"
    assert address_in("no address at 10:45 or v2.3") == ""


def test_a_session_that_opens_is_told_which_gtts_the_desk_left_resting_there(place):
    seen: list[str] = []
    known = SimpleNamespace(expect=lambda gtt, at: seen.append(f"{gtt.gtt_id} {gtt.qty}"))
    with place.desk.store.write() as tx:
        plans.put(tx, a_plan("pl1", login_id="kite"))
        plans.put(tx, a_plan("pl2", login_id="paper"))
        for plan_id, gtt_id in (("pl1", "g1"), ("pl2", "g2")):
            cover = a_protection(ProtectionStatus.VERIFIED, plan_id=plan_id, gtt_id=gtt_id)
            protections.put(tx, replace(cover, qty=100))
    _tell_gtts(place.worker.floor.dealer, SimpleNamespace(known=known, login=place.login))
    assert seen == ["g1 100"]
