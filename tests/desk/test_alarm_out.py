"""Alarms reach a person outside, are tried again, and say no rupees and no secret."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core.desk.alarm import raise_alarm
from core.desk.alarm_out import (
    ask_test,
    carry_alarms,
    outward,
    try_channels,
    why_not_delivered,
)
from core.domain.clock import SteppedClock
from core.errors import SourceFailed
from core.providers.alarm_channels import Mail, Telegram, Webhook, channels
from tests.desk.morning import Morning

SECRET = "canary-4711"


class Inbox(BaseHTTPRequestHandler):
    """Takes a POST with the next status of the server's list, 200 when it is empty."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, json.loads(body)))  # type: ignore[attr-defined]
        statuses = self.server.statuses  # type: ignore[attr-defined]
        self.send_response(statuses.pop(0) if statuses else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def inbox() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Inbox)
    server.got, server.statuses = [], []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Post(socketserver.StreamRequestHandler):
    """As much of SMTP as one message takes."""

    def handle(self) -> None:
        self._say(220)
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self._say(354)
                lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                self.server.got.append("\n".join(lines))  # type: ignore[attr-defined]
                self._say(self.server.code)  # type: ignore[attr-defined]
            elif verb == "QUIT":
                self._say(221)
                return
            else:
                self._say(250)

    def _say(self, code: int) -> None:
        self.wfile.write(f"{code} so\r\n".encode())


@pytest.fixture
def post() -> Iterator[socketserver.TCPServer]:
    server = socketserver.TCPServer(("127.0.0.1", 0), Post)
    server.got, server.code = [], 250  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def wall() -> SteppedClock:
    return SteppedClock(datetime.now(UTC))


def hook(inbox: HTTPServer) -> Webhook:
    return Webhook(f"http://127.0.0.1:{inbox.server_port}/{SECRET}")


def alarm(morning: Morning, name: str, sentence: str = "MIDCO: 100 shares are unprotected") -> None:
    with morning.desk.store.write() as tx:
        raise_alarm(tx, id=name, isin="", symbol="MIDCO", at=morning.clock.now(), sentence=sentence)


def test_an_alarm_is_carried_once(morning: Morning, inbox: HTTPServer, wall: SteppedClock):
    carry_alarms(morning.desk, [hook(inbox)], clock=wall)  # what was there before stays
    alarm(morning, "a1")
    assert carry_alarms(morning.desk, [hook(inbox)], clock=wall).taken == 1
    assert carry_alarms(morning.desk, [hook(inbox)], clock=wall).taken == 0
    [(_, body)] = inbox.got  # type: ignore[attr-defined]
    assert body["title"] == "Munim sim: MIDCO"
    assert body["message"].endswith("MIDCO: 100 shares are unprotected")


def test_alarms_from_before_the_first_look_are_not_carried(
    morning: Morning, inbox: HTTPServer, wall: SteppedClock
):
    alarm(morning, "old")
    assert carry_alarms(morning.desk, [hook(inbox)], clock=wall).taken == 0


def test_a_failed_try_waits_5_then_10_seconds_and_is_repeated(
    morning: Morning, inbox: HTTPServer, wall: SteppedClock
):
    carry_alarms(morning.desk, [hook(inbox)], clock=wall)
    alarm(morning, "a1")
    inbox.statuses[:] = [503, 503]  # type: ignore[attr-defined]
    first = carry_alarms(morning.desk, [hook(inbox)], clock=wall)
    assert first.failed == ("webhook: the other side answered HTTP 503",)
    tries = []
    for _ in range(16):
        wall.pass_seconds(1)
        carry_alarms(morning.desk, [hook(inbox)], clock=wall)
        tries.append(len(inbox.got))  # type: ignore[attr-defined]
    assert (tries[3], tries[4], tries[13], tries[14]) == (1, 2, 2, 3)
    assert why_not_delivered(morning.desk, within=timedelta(hours=24), clock=wall)[0]


def test_a_dead_channel_holds_up_no_other(
    morning: Morning, inbox: HTTPServer, post: socketserver.TCPServer, wall: SteppedClock
):
    mail = Mail("127.0.0.1", post.server_address[1], "desk@a.test", "me@b.test", tls=False)
    dead = Webhook("http://127.0.0.1:9/")
    carry_alarms(morning.desk, [dead, mail], clock=wall)
    alarm(morning, "a1")
    done = carry_alarms(morning.desk, [dead, mail], clock=wall)
    assert (done.taken, len(done.failed)) == (1, 1)
    [letter] = post.got  # type: ignore[attr-defined]
    assert "Subject: Munim sim: MIDCO" in letter and "100 shares are unprotected" in letter


def test_a_flood_becomes_six_messages_the_last_of_which_counts_the_rest(
    morning: Morning, inbox: HTTPServer, wall: SteppedClock
):
    carry_alarms(morning.desk, [hook(inbox)], clock=wall)
    for number in range(20):
        alarm(morning, f"a{number}")
    assert carry_alarms(morning.desk, [hook(inbox)], clock=wall).taken == 6
    assert inbox.got[-1][1]["title"] == "Munim sim: 15 alarms"  # type: ignore[attr-defined]
    alarm(morning, "one more")
    assert carry_alarms(morning.desk, [hook(inbox)], clock=wall).taken == 0
    wall.pass_seconds(61)
    assert carry_alarms(morning.desk, [hook(inbox)], clock=wall).taken == 1


def test_rupees_stay_at_home():
    said = "MIDCO: the broker counts 100, the books 90, ₹-5,000.00; ₹3.42 L and −₹1,00,000 more"
    assert outward(said) == "MIDCO: the broker counts 100, the books 90, ₹…; ₹… and ₹… more"


def test_telegram_gets_the_chat_and_the_text(morning: Morning, inbox: HTTPServer):
    way = Telegram(SECRET, "42", root=f"http://127.0.0.1:{inbox.server_port}")
    [(name, ok, said)] = try_channels(morning.desk, [way], by="me")
    assert (name, ok, said) == ("telegram", True, "HTTP 200")
    [(path, body)] = inbox.got  # type: ignore[attr-defined]
    assert path == f"/bot{SECRET}/sendMessage" and body["chat_id"] == "42"


@pytest.mark.parametrize("way", [Webhook(f"http://127.0.0.1:9/{SECRET}"), Telegram(SECRET, "42",
                         root="http://127.0.0.1:9"),
                         Mail("127.0.0.1", 9, "a@b.test", "c@d.test", "u", SECRET)])  # fmt: skip
def test_no_sentence_of_a_channel_holds_its_secret(way):
    with pytest.raises(SourceFailed) as no:
        way.send("title", "text")
    assert SECRET not in str(no.value) and SECRET not in repr(way)


def test_a_mail_the_server_refuses_is_not_delivered(post: socketserver.TCPServer):
    post.code = 554  # type: ignore[attr-defined]
    mail = Mail("127.0.0.1", post.server_address[1], "a@b.test", "c@d.test", tls=False)
    with pytest.raises(SourceFailed, match="the server answered 554"):
        mail.send("title", "text")


def test_a_test_asked_for_on_the_page_goes_the_way_of_every_alarm(
    morning: Morning, inbox: HTTPServer, wall: SteppedClock
):
    ask_test(morning.desk, by="person at the desk")
    assert carry_alarms(morning.desk, [hook(inbox)], clock=wall).taken == 1
    ok, said = why_not_delivered(morning.desk, within=timedelta(hours=24), clock=wall)
    assert ok and "(HTTP 200)" in said


def try_channels_come_from_settings_and_a_wrong_one_says_how_it_reads():
    named = {
        "MUNIM_ALARM_WEBHOOK": "https://ntfy.test/topic",
        "MUNIM_ALARM_TELEGRAM_TOKEN": SECRET,
        "MUNIM_ALARM_MAIL": "smtp://me@mail.test:587?from=a@b.test&to=c@d.test",
        "MUNIM_ALARM_MAIL_PASSWORD": SECRET,
    }
    ways, wrong = channels(named.get)
    assert [way.name for way in ways] == ["webhook", "mail"]
    assert wrong == ["MUNIM_ALARM_TELEGRAM_TOKEN is set and MUNIM_ALARM_TELEGRAM_CHAT is not; "
                     "set both"]  # fmt: skip
    assert ways[1] == Mail("mail.test", 587, "a@b.test", "c@d.test", "me", SECRET)
    bad = {"MUNIM_ALARM_WEBHOOK": "ftp://x", "MUNIM_ALARM_MAIL": "mail.test"}
    assert [one.partition(" ")[0] for one in channels(bad.get)[1]] == [*bad]
