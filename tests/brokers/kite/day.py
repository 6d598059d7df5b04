"""A trader's day at Kite."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from core.brokers.kite.client import Client
from core.brokers.kite.login import Keys, log_in, login_url
from core.brokers.kite.stream import KiteStream
from core.brokers.login import LoggedIn
from core.brokers.stream import Listeners
from core.sandbox.house import User
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.kite.session import App
from tests.brokers.a_day import Day
from tests.brokers.kite.dialect import shares_at


class KiteDay(Day):
    kind = KiteSandbox
    users = (User("AB1234", "Asha Rao"), User("CD5678", "Dev Shah"))
    registered = App(redirect_url="http://127.0.0.1:8501/back")

    @property
    def keys(self) -> Keys:
        app = self.sandbox.registered
        return Keys(app.api_key, app.api_secret)

    def client_with(self, token: str) -> Client:
        return Client(
            user_id=self.user,
            api_key=self.keys.api_key,
            token=token,
            clock=self.clock,
            root=self.served.base,
        )

    def code(self, user: str) -> str:
        page = login_url(self.keys.api_key, "one-state", root=self.served.base)
        hidden = dict(parse_qsl(urlsplit(page).query))
        typed = {"user_id": user, "password": "anything"}
        found = requests.post(page, data=hidden | typed, allow_redirects=False, timeout=5)
        back = found.headers["Location"]
        assert "state=one-state" in back
        return re.search(r"request_token=([^&]+)", back).group(1)

    def log_in(self, code: str) -> LoggedIn:
        return log_in(self.keys, code, user_id=self.user, clock=self.clock, root=self.served.base)

    def profile(self, client: Any) -> str:
        return client.read("read the profile", "profile")["user_id"]

    def new_stream(self, to: Listeners) -> KiteStream:
        return KiteStream(
            shares_at(self.sandbox),
            api_key=self.keys.api_key,
            token=lambda: self.client._kite.access_token,
            clock=self.clock,
            to=to,
            root=self.served.socket_base,
            backoff=(0.02,),
        )
