"""A stranger gets no page, no script run and no WebSocket; a link opens the desk once."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.config import Settings
from core.desk import access
from core.desk.own_server import why_open

ROOT = Path(__file__).resolve().parents[2]
PAGE = """
from pathlib import Path
import streamlit as st
Path(__file__).with_name("ran").touch()
st.write("the desk")
"""


@dataclass(frozen=True)
class Server:
    """A running web process: where it listens, its home, and the file its page leaves behind."""

    port: int
    home: Path
    ran: Path
    log: Path
    pid: int

    @property
    def own(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(
        self, path: str, *, method: str = "GET", body: str | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request(method, path, body, headers)
        answer = line.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")
        line.close()
        return answer

    def enter(self) -> str:
        link = access.fresh_link(self.home, self.port)
        answer = self.ask(link.removeprefix(f"http://{self.own}"))
        assert (answer.status, answer.getheader("location")) == (303, "/")
        return answer.getheader("set-cookie").split(";")[0]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("web")
    (folder / "page.py").write_text(PAGE)
    port = free_port()
    environment = {
        **os.environ,
        "MUNIM_HOME": str(folder / "home"),
        "MUNIM_PORT": str(port),
        "MUNIM_BIND": "127.0.0.1",
    }
    command = [sys.executable, "-m", "ui.server", str(folder / "page.py")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    running = Server(port, folder / "home", folder / "ran", folder / "log", process.pid)
    try:
        wait_for(running)
        yield running
    finally:
        process.terminate()
        assert process.wait(timeout=20) in (0, -15)


def wait_for(server: Server) -> None:
    for _ in range(300):
        try:
            assert server.ask("/healthz").status == 200
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the web process did not answer within 30 s")


def run_page(server: Server, cookie: str) -> None:
    """Open the page's WebSocket as a browser does and ask for a script run."""
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    headers = {"Cookie": cookie}
    stream = f"ws://{server.own}/_stcore/stream"
    with connect(stream, origin=f"http://{server.own}", additional_headers=headers) as line:
        line.send(asked.SerializeToString())
        assert line.recv(timeout=20)
        for _ in range(200):
            if server.ran.exists():
                return
            time.sleep(0.05)


@pytest.mark.parametrize("path", ["/", "/cards", "/_stcore/health", "/_stcore/host-config"])
def test_without_a_session_there_is_no_page(server, path):
    answer = server.ask(path)
    assert answer.status == 401
    assert "munim doctor" in answer.text
    assert "streamlit" not in answer.text.lower()


def test_without_a_session_there_is_no_websocket_and_no_script_runs(server):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{server.own}/_stcore/stream", origin=f"http://{server.own}")
    assert refused.value.response.status_code == 403
    assert not server.ran.exists()


def test_a_link_opens_the_desk_once(server):
    link = access.fresh_link(server.home, server.port).removeprefix(f"http://{server.own}")
    assert server.ask(link, method="HEAD").status == 401  # looking ahead does not use it up
    opened = server.ask(link)
    cookie = opened.getheader("set-cookie")
    assert opened.status == 303
    assert opened.getheader("referrer-policy") == "no-referrer"
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    again = server.ask(link)
    assert again.status == 401 and "used already" in again.text
    assert again.getheader("set-cookie") is None
    session = cookie.split(";")[0]
    page = server.ask("/", Cookie=session)
    assert page.status == 200 and "streamlit" in page.text.lower()
    run_page(server, session)
    assert server.ran.exists()


def test_the_first_page_is_reached_by_its_own_name_too(server):
    cookie = server.enter()
    for asked, place in (("/today", "/"), ("/today?card=cd1", "/?card=cd1")):
        answer = server.ask(asked, Cookie=cookie)
        assert (answer.status, answer.getheader("location")) == (307, place)
    assert server.ask("/today").status == 401


def test_the_log_never_holds_a_token(server):
    link = access.fresh_link(server.home, server.port)
    assert server.ask(link.removeprefix(f"http://{server.own}")).status == 303
    assert "token" not in server.log.read_text()


def test_a_made_up_cookie_is_no_session(server):
    assert server.ask("/", Cookie=f"munim_{server.port}=guess").status == 401
    assert server.ask("/enter?token=guess").status == 401


def test_a_foreign_host_is_refused_even_with_a_session(server):
    cookie = server.enter()
    for host in ("evil.test", f"evil.test:{server.port}", f"{server.own}.evil.test", "", "a@b:1"):
        assert server.ask("/", Host=host, Cookie=cookie).status == 403
    assert server.ask("/", Host=f"localhost:{server.port}", Cookie=cookie).status == 200


def test_a_foreign_origin_cannot_open_a_websocket_or_write(server):
    cookie = server.enter()
    for origin in ("http://evil.test", f"http://localhost:{server.port}", "null", None):
        with pytest.raises(InvalidStatus) as refused:
            stream = f"ws://{server.own}/_stcore/stream"
            connect(stream, origin=origin, additional_headers={"Cookie": cookie})
        assert refused.value.response.status_code == 403
    posted = server.ask("/enter", method="POST", body="password=x", Origin="http://evil.test")
    assert posted.status == 403
    assert server.ask("/enter", method="POST", body="password=x").status == 403


def test_no_answer_may_be_framed_by_another_site_or_fetch_from_one(server):
    for answer in (server.ask("/"), server.ask("/", Cookie=server.enter())):
        policy = answer.getheader("content-security-policy")
        assert "frame-ancestors 'self'" in policy and "img-src 'self' data: blob:;" in policy
        assert answer.getheader("x-frame-options") == "SAMEORIGIN"


def test_it_listens_on_loopback_alone(server):
    listening = [c for c in psutil.Process(server.pid).net_connections() if c.status == "LISTEN"]
    assert {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_the_password_opens_it_and_five_wrong_tries_wait(server):
    assert "<form" not in server.ask("/").text
    access.set_password(server.home, "correct horse")
    assert "<form" in server.ask("/").text
    own = f"http://{server.own}"

    def typed(password: str) -> http.client.HTTPResponse:
        return server.ask(
            "/enter", method="POST", body=urlencode({"password": password}), Origin=own
        )

    right = typed("correct horse")
    assert right.status == 303
    assert server.ask("/", Cookie=right.getheader("set-cookie").split(";")[0]).status == 200
    wrong = typed("correct house")
    assert wrong.status == 401 and "not the password" in wrong.text
    assert typed("x" * 5000).status == 413
    assert [typed("guess").status for _ in range(4)] == [401, 401, 401, 429]
    assert typed("correct horse").status == 429


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("MUNIM_BIND", "192.0.2.7", "no password is set"),
        ("MUNIM_BIND", "0.0.0.0", "MUNIM_BIND is '0.0.0.0'"),
        ("MUNIM_PORT", "taken", "cannot be had (Address already in use)"),
    ],
)
def test_it_refuses_to_start_in_one_sentence(server, tmp_path, setting, value, sentence):
    value = str(server.port) if value == "taken" else value
    environment = {**os.environ, "MUNIM_HOME": str(tmp_path / "home"), setting: value}
    started = subprocess.run(
        [sys.executable, "-m", "ui.server"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode == 2
    assert sentence in started.stderr and started.stderr.count("\n") == 1


def test_the_doctor_of_real_money_finds_this_page_closed_to_strangers(server: Server):
    assert why_open(Settings(home=server.home, port=server.port)) == ""
