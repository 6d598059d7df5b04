"""A LIVE login earns its entries: every row passes, the words are typed, the modes agree."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from core.desk import live, live_rows
from core.desk.access import set_password
from core.desk.approve import approve_card
from core.desk.backup import back_up, backup_folder
from core.desk.kill import kill_file, resume
from core.desk.own_server import why_open
from core.desk.send import send_order
from core.desk.sign import open_web_key
from core.desk.skew import hear_date
from core.domain.account import LoginMode, Market
from core.domain.live import LIVE_CALLS
from core.domain.order import OrderStatus
from core.domain.reconciliation import Reconciliation
from core.errors import ApprovalRefused, BadInput, Refused
from core.store import accounts, alarm_sends, audit, reconciliations
from core.store.alarm_sends import AlarmSend
from core.store.engine import Store, open_store
from tests.desk.live_morning import ZERODHA, click, let_pass, live_card, live_morning_on
from tests.desk.morning import Morning

WORDS = "MIDCO 40"


@pytest.fixture
def live_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url, Market.LIVE, scratch=True)
    yield opened
    opened.close()


@pytest.fixture
def at_live(live_store: Store, desk_home: Path) -> Morning:
    return live_morning_on(live_store, desk_home)


def test_the_first_live_entry_of_the_day_takes_typed_words_and_the_second_a_click(at_live: Morning):
    first = live_card(at_live)
    for typed in ("", "MIDCO 41", "RELIANCE 40"):
        with pytest.raises(ApprovalRefused, match=r"real money: type MIDCO 40"):
            click(at_live, first, typed)
    order = click(at_live, first, "midco  40")
    assert send_order(at_live.dealer, order.id).status is OrderStatus.OPEN
    second = click(at_live, live_card(at_live, "cd2"))
    assert send_order(at_live.dealer, second.id).status is OrderStatus.OPEN


def test_a_terminal_types_the_words_each_time(at_live: Morning):
    send_order(at_live.dealer, click(at_live, live_card(at_live), WORDS).id)
    with pytest.raises(ApprovalRefused, match="type MIDCO 40"):
        click(at_live, live_card(at_live, "cd2"), terminal=True)


def test_a_script_approves_nothing_under_a_live_market(at_live: Morning):
    card = live_card(at_live)
    with pytest.raises(ApprovalRefused, match="a script approves in replay"):
        approve_card(
            at_live.desk, card.id, seen_hash=card.bound_hash, nonce="n", approver="me", typed=WORDS
        )


def test_default_caps_hold_a_live_login_and_survive_another_process(at_live: Morning):
    # ₹25,000 an order and ₹1,00,000 a day: four of ₹20,200 fit, the fifth makes ₹1,01,000
    with pytest.raises(ApprovalRefused, match=r"costs ₹25,250\.00 .* ₹25,000\.00 an order"):
        click(at_live, live_card(at_live, "big", qty=50), "MIDCO 50")
    for number in range(4):
        card = live_card(at_live, f"c{number}")
        assert send_order(at_live.dealer, click(at_live, card, WORDS).id).sent_at
    again = open_store(at_live.desk.store.url, Market.LIVE, scratch=True)
    elsewhere = replace(at_live, desk=replace(at_live.desk, store=again))
    with pytest.raises(ApprovalRefused, match=r"after ₹80,800\.00 sent today"):
        click(elsewhere, live_card(at_live, "c5"), WORDS)
    again.close()


def test_a_row_that_fails_refuses_the_click_with_its_sentence(at_live: Morning):
    let_pass(at_live, backup="the last is 30 h old")
    with pytest.raises(ApprovalRefused, match="may not enter: backup: the last is 30 h old"):
        click(at_live, live_card(at_live), WORDS)


def test_a_row_that_fails_after_the_click_refuses_the_send(at_live: Morning):
    order = click(at_live, live_card(at_live), WORDS)
    let_pass(at_live, clock="this clock is 4.0 s ahead")
    ended = send_order(at_live.dealer, order.id)
    assert ended.status is OrderStatus.CANCELLED and "this clock is 4.0 s ahead" in ended.reason
    assert at_live.broker.sends() == []


def test_rows_nobody_looked_at_for_two_minutes_refuse(at_live: Morning):
    card = live_card(at_live)
    at_live.clock.pass_seconds(121)
    at_live.tick("500")
    with pytest.raises(ApprovalRefused, match=r"looked at 12\d s ago, at most 120 s"):
        click(at_live, card, WORDS)


def test_a_card_written_for_paper_is_refused_once_its_login_is_live(at_live: Morning):
    card = live_card(at_live, "paper", expires_at=at_live.clock.now() + timedelta(hours=1))
    live.go_paper(at_live.desk, ZERODHA.id, by="me")
    with pytest.raises(ApprovalRefused, match="written for LIVE and Zerodha AB1234 is PAPER now"):
        click(at_live, card, WORDS)


def test_a_switch_between_click_and_send_refuses_the_send(at_live: Morning):
    order = click(at_live, live_card(at_live), WORDS)
    live.go_paper(at_live.desk, ZERODHA.id, by="me")
    assert "was written for LIVE" in send_order(at_live.dealer, order.id).reason


class Locked(BaseHTTPRequestHandler):
    """A page's gate as far as a stranger sees it; `site` of the server says what is let in."""

    def do_GET(self) -> None:
        status = 401
        if self.headers["Host"] == "evil.test" or self.headers["Origin"]:
            status = 403
        if self.headers["Upgrade"] and self.server.open_socket:  # type: ignore[attr-defined]
            status = 200
        self.send_response(status)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[HTTPServer]:
    """A locked page on loopback."""
    server = HTTPServer(("127.0.0.1", 0), Locked)
    server.open_socket = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def ready(morning: Morning, page: HTTPServer) -> Morning:
    """Everything a person and the worker do before a login may be LIVE."""
    desk = morning.desk
    at = morning.clock.now()
    settings = desk.settings.model_copy(update={"port": page.server_port})
    desk = replace(desk, settings=settings)
    set_password(desk.home, "a sentence that is long")
    open_web_key(desk.home, "somebody", until=2**40)
    resume(desk, reason="checked", by="me")
    live_rows.note_wire(desk, "zerodha", dict.fromkeys(LIVE_CALLS, True))
    live_rows.note_tags(desk, ZERODHA.id, [])
    live_rows.note_ip(desk, ZERODHA.id, "9.9.9.9", said_by="person")
    header = at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    hear_date(desk, ZERODHA.id, header, asked_at=at, answered_at=at)
    copy = back_up(desk)
    os.utime(copy, (at.timestamp(), at.timestamp()))
    with desk.store.write() as tx:
        reconciliations.put(tx, Reconciliation(ZERODHA.id, at, (), ()))
        wall = datetime.now(UTC)
        alarm_sends.put(tx, AlarmSend("test:1", "webhook", 1, wall, wall, "HTTP 200"))
    return replace(morning, desk=desk)


def failing(morning: Morning) -> dict[str, str]:
    rows = live.live_rows(morning.desk, ZERODHA.id)
    return {row.name: row.sentence for row in rows if not row.passed}


def test_every_row_passes_once_everything_is_done(at_live: Morning, page: HTTPServer):
    assert failing(ready(at_live, page)) == {}


def test_a_fresh_desk_fails_each_row_with_a_way_out(at_live: Morning):
    said = failing(at_live)
    assert set(said) == {
        "password", "site checks", "approvals signed", "kill level", "outbound alarm", "adapter",
        "clock", "static IP", "backup", "other desks", "reconciliation",
    }  # fmt: skip
    assert "make run" in said["site checks"] and "munim backup" in said["backup"]


def spoil_kill_file(morning: Morning) -> None:
    kill_file(morning.desk.home).write_text("HALT")


def lose_kill_file(morning: Morning) -> None:
    kill_file(morning.desk.home).unlink()


def forget_calls(morning: Morning) -> None:
    seen = {call: call != "gtts" for call in LIVE_CALLS}
    live_rows.note_wire(morning.desk, "zerodha", seen)


def see_foreign(morning: Morning) -> None:
    tags = ["ZZABCDEFGHIJKLMNOP", "AAABCDEFGHIJKLMNOP", "my own note"]
    foreign = live_rows.foreign_tags(tags, desk_tag="AA")
    live_rows.note_tags(morning.desk, ZERODHA.id, foreign)


def grow_old(morning: Morning) -> None:
    for copy in backup_folder(morning.desk.home).iterdir():
        then = morning.clock.now().timestamp() - 25 * 3600
        os.utime(copy, (then, then))


def break_chain(morning: Morning) -> None:
    (morning.desk.home / "audit_anchors.log").write_text(
        f"{morning.clock.now().isoformat()} 9999 {'0' * 64}\n"
    )


def age_alarm(morning: Morning) -> None:
    old = datetime.now(UTC) - timedelta(hours=25)
    with morning.desk.store.write() as tx:
        alarm_sends.put(tx, AlarmSend("test:1", "webhook", 1, old, old, "HTTP 200"))


@pytest.mark.parametrize(
    ("spoil", "row", "words"),
    [
        (spoil_kill_file, "kill level", "the store says NORMAL and the file HALT"),
        (lose_kill_file, "kill level", "the file beside the store is missing"),
        (forget_calls, "adapter", "10 of 11 calls .* not gtts"),
        (see_foreign, "other desks", r"1 of today's orders .* another desk \(ZZ\)"),
        (grow_old, "backup", "the last is 25 h old, at most 24 h"),
        (break_chain, "audit chain", "9999"),
        (age_alarm, "outbound alarm", "25.0 h ago"),
    ],
)
def test_one_thing_gone_wrong_fails_its_row_alone(
    at_live: Morning, page: HTTPServer, spoil, row: str, words: str
):
    import re

    morning = ready(at_live, page)
    spoil(morning)
    said = failing(morning)
    assert list(said) == [row] and re.search(words, said[row])


def test_a_static_ip_says_whose_word_it_is(at_live: Morning):
    with pytest.raises(BadInput, match="local network"):
        live_rows.note_ip(at_live.desk, ZERODHA.id, "192.168.1.7", said_by="person")
    with pytest.raises(BadInput, match="no IP address"):
        live_rows.note_ip(at_live.desk, ZERODHA.id, "home", said_by="person")
    live_rows.note_ip(at_live.desk, ZERODHA.id, "9.9.9.9", said_by="person")
    rows = {row.name: row.sentence for row in live.live_rows(at_live.desk, ZERODHA.id)}
    assert "by the word of the person" in rows["static IP"]
    assert "not checked" in rows["static IP"]


def test_a_page_that_lets_a_foreign_socket_in_is_found(at_live: Morning, page: HTTPServer):
    settings = ready(at_live, page).desk.settings
    assert why_open(settings) == ""
    page.open_socket = True  # type: ignore[attr-defined]
    assert "a WebSocket from another site was answered with 200 and not 403" in why_open(settings)


def test_a_login_goes_live_by_its_words_once_every_row_passes(
    live_store: Store, desk_home: Path, page: HTTPServer
):
    morning = live_morning_on(live_store, desk_home, mode=LoginMode.PAPER)
    with pytest.raises(Refused, match=r"stays PAPER: password: .* of 16 rows fail"):
        live.go_live(morning.desk, ZERODHA.id, typed="LIVE zerodha", by="me")
    morning = ready(morning, page)
    with pytest.raises(BadInput, match="type LIVE zerodha exactly"):
        live.go_live(morning.desk, ZERODHA.id, typed="live", by="me")
    live.go_live(morning.desk, ZERODHA.id, typed="LIVE zerodha", by="me")
    with live_store.read() as tx:
        assert accounts.login(tx, ZERODHA.id).mode is LoginMode.LIVE
        assert [row.subject for row in audit.entries(tx) if row.verb == "login mode"] == ["zerodha"]


def test_a_login_never_goes_live_in_a_simulated_market(morning: Morning):
    with pytest.raises(BadInput, match="stamped sim and holds no LIVE login"):
        live.go_live(morning.desk, "paper", typed="LIVE paper", by="me")


def test_a_row_of_a_live_login_that_begins_to_fail_is_alarmed_once(
    at_live: Morning, page: HTTPServer
):
    morning = ready(at_live, page)
    live.keep_rows(morning.desk, ZERODHA.id)
    lose_kill_file(morning)
    live.keep_rows(morning.desk, ZERODHA.id)
    live.keep_rows(morning.desk, ZERODHA.id)
    assert ["may not enter: kill level" in one for one in morning.alarms()] == [True]


def test_a_page_that_does_not_answer_is_said(at_live: Morning):
    assert "does not answer" in why_open(at_live.desk.settings.model_copy(update={"port": 9}))
