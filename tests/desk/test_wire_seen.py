"""A list read at Zerodha's own host proves how it is read; a sandbox and an empty one do not."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests
from requests.adapters import HTTPAdapter

from core.brokers.kite.client import Client
from core.brokers.kite.session import KiteSession
from core.brokers.kite.shares import KiteShare, Shares
from core.desk import live_rows
from core.desk.answers import take_notes
from core.desk.doors import Opened
from core.desk.wire_seen import evidence_of
from core.domain.account import Broker, BrokerLogin, LoginMode, Market
from core.domain.clock import SteppedClock
from core.domain.live import LIVE_CALLS
from core.domain.money import Money
from core.domain.order import Product, Side
from core.errors import SourceWrong
from core.store import audit
from core.store.engine import Store, open_store
from tests.brokers.dialect import QUICK
from tests.desk.live_morning import ZERODHA, live_morning_on
from tests.desk.live_stage import live_at
from tests.desk.morning import Morning
from tests.made import MIDCO, T0

LEG = {
    "exchange": "NSE", "tradingsymbol": "MIDCO", "product": "CNC", "order_type": "LIMIT",
    "transaction_type": "SELL", "quantity": 10, "price": 480, "result": None,
}  # fmt: skip
GTT = {
    "id": 123, "user_id": "AB1234", "parent_trigger": None, "type": "two-leg",
    "created_at": "2026-11-20 10:00:00", "updated_at": "2026-11-20 10:00:00",
    "expires_at": "2027-11-20 10:00:00", "status": "active", "meta": None,
    "condition": {
        "exchange": "NSE", "last_price": 500.0, "tradingsymbol": "MIDCO",
        "trigger_values": [480.0, 540.0], "instrument_token": 3926273,
    },
    "orders": [LEG, LEG | {"price": 540}],
}  # fmt: skip


class Zerodha:
    """The broker's own host as far as the wire sees it: the last list given is answered."""

    def __init__(self) -> None:
        self.rows: list[dict] = [GTT]
        self.asked: list[str] = []

    @property
    def body(self) -> bytes:
        return json.dumps({"status": "success", "data": self.rows}).encode()

    def send(self, request, **_) -> requests.Response:
        self.asked.append(request.url)
        made = requests.Response()
        made.status_code, made.url = 200, request.url
        made.headers["Content-Type"] = "application/json"
        made.raw = SimpleNamespace(
            stream=lambda *_, **__: iter([self.body]), close=lambda: None, release_conn=lambda: None
        )
        return made


@pytest.fixture
def zerodha(monkeypatch: pytest.MonkeyPatch) -> Zerodha:
    there = Zerodha()
    monkeypatch.setattr(HTTPAdapter, "send", there.send)
    return there


@pytest.fixture
def live_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url, Market.LIVE, scratch=True)
    yield opened
    opened.close()


@pytest.fixture
def morning(live_store: Store, desk_home) -> Morning:
    made = live_morning_on(live_store, desk_home)
    live_rows.note_wire(made.desk, "zerodha", {call: call != "gtts" for call in LIVE_CALLS})
    return made


def a_session(root: str | None = None) -> KiteSession:
    clock = SteppedClock(T0)
    share = KiteShare(MIDCO.isin, MIDCO.symbol, "NSE", "MIDCO", 3926273, Money(5))
    client = Client(
        user_id="AB1234", api_key="key", token="token", clock=clock, root=root, patience=QUICK
    )
    return KiteSession(client, login_id=ZERODHA.id, shares=Shares([share]), clock=clock)


def opened(session: KiteSession, login: BrokerLogin = ZERODHA) -> Opened:
    """What notes are taken of; nothing but its evidence is told."""
    return SimpleNamespace(  # type: ignore[return-value]
        login=login, known=session, dated=lambda: None, refused=lambda: None, notes={}, looks={}
    )


def adapter_row(morning: Morning) -> tuple[bool, str]:
    checks = dict(live_rows.checks(morning.desk, ZERODHA))
    row = checks["adapter"]()
    return row.passed, row.sentence


def test_a_list_from_the_brokers_own_host_counts_and_the_row_says_which(
    morning: Morning, zerodha: Zerodha
):
    passed, sentence = adapter_row(morning)
    assert not passed and "not gtts" in sentence and "place one GTT" in sentence
    session = a_session()
    assert [gtt.gtt_id for gtt in session.gtts()] == ["123"]
    assert zerodha.asked[-1].startswith("https://api.kite.trade/gtt/triggers")
    take_notes(morning.desk, opened(session))
    digest = hashlib.sha256(zerodha.body).hexdigest()[:12]
    assert adapter_row(morning) == (
        True,
        "10 of 11 calls were read from recorded real answers, gtts rests on this desk's own read "
        f"at api.kite.trade on 23 Nov 2026 (1 row, sha256 {digest}), every field known",
    )
    with morning.desk.store.read() as tx:
        [entry] = [one for one in audit.entries(tx) if one.verb == "wire proof"]
        assert evidence_of(tx, "zerodha")["gtts"].rows == 1
    assert entry.subject == ZERODHA.id


def test_the_first_proof_stands_and_is_not_written_anew_each_read(
    morning: Morning, zerodha: Zerodha
):
    session = a_session()
    for rows in ([GTT], [GTT, GTT | {"id": 124}]):
        zerodha.rows = rows
        session.gtts()
        take_notes(morning.desk, opened(session))
    with morning.desk.store.read() as tx:
        assert len([one for one in audit.entries(tx) if one.verb == "wire proof"]) == 1
        assert evidence_of(tx, "zerodha")["gtts"].rows == 1


def test_an_empty_list_proves_nothing(morning: Morning, zerodha: Zerodha):
    zerodha.rows = []
    session = a_session()
    assert session.gtts() == []
    take_notes(morning.desk, opened(session))
    assert adapter_row(morning)[0] is False and session.evidence == {}


def test_a_list_of_what_the_desk_does_not_trade_proves_nothing(morning: Morning, zerodha: Zerodha):
    other = copy.deepcopy(GTT)
    other["condition"]["tradingsymbol"] = "NOBODY"
    zerodha.rows = [other]
    session = a_session()
    assert session.gtts() == [] and session.evidence == {}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda row: row["orders"][0].update(slices=[1]), r"orders\[\]\.slices is not known"),
        (lambda row: row["condition"].update(basis="ltp"), r"condition\.basis is not known"),
        (lambda row: row.pop("expires_at"), "expires_at is not there"),
    ],
)
def test_a_field_nobody_knows_or_one_that_is_gone_fails_the_row_even_after_a_proof(
    morning: Morning, zerodha: Zerodha, spoil, words: str
):
    session = a_session()
    session.gtts()
    take_notes(morning.desk, opened(session))
    assert adapter_row(morning)[0]
    row = copy.deepcopy(GTT)
    spoil(row)
    zerodha.rows = [row]
    session.gtts()
    take_notes(morning.desk, opened(session))
    passed, sentence = adapter_row(morning)
    assert not passed and re.search(words, sentence) and "keep the login PAPER" in sentence


def test_an_answer_that_cannot_be_read_proves_nothing(morning: Morning, zerodha: Zerodha):
    zerodha.rows = [GTT | {"orders": [LEG]}]
    session = a_session()
    with pytest.raises(SourceWrong):
        session.gtts()
    assert session.evidence == {}


def test_a_sandboxs_answer_never_counts(live_store: Store, desk_home, tmp_path):
    with live_at("kite", live_store, desk_home, tmp_path / "s") as live:
        live.log_in()
        live.broker.credit(MIDCO.isin, 10)
        live.broker.place_gtt(
            isin=MIDCO.isin, symbol=MIDCO.symbol, qty=10, side=Side.SELL,
            stop=Money(48_000), target=Money(54_000), product=Product.CNC,
        )  # fmt: skip
        there = live.worker.floor.ins.opened[live.login.id]
        assert len(there.known.gtts()) == 1
        take_notes(live.desk, there)
        assert there.known.evidence == {}
        with live.desk.store.read() as tx:
            assert evidence_of(tx, "zerodha") == {}


def test_a_sandbox_login_never_notes_what_claims_to_be_the_brokers(
    morning: Morning, zerodha: Zerodha
):
    session = a_session()
    session.gtts()
    sandbox = BrokerLogin(
        "box", Broker.ZERODHA, LoginMode.PAPER, "Practice", "AB1234", "http://127.0.0.1:8770"
    )
    take_notes(morning.desk, opened(session, sandbox))
    assert adapter_row(morning)[0] is False
