"""A trader's day at Upstox."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from core.brokers.login import LoggedIn
from core.brokers.stream import Listeners
from core.brokers.upstox.client import Client
from core.brokers.upstox.login import Keys, log_in, login_url
from core.brokers.upstox.stream import UpstoxStream
from core.sandbox.house import User
from core.sandbox.upstox.sandbox import UpstoxSandbox
from tests.brokers.a_day import Day
from tests.brokers.upstox.dialect import shares_at


class UpstoxDay(Day):
    kind = UpstoxSandbox
    users = (User("7AB123", "Asha Rao"), User("7CD567", "Dev Shah"))

    @property
    def keys(self) -> Keys:
        app = self.sandbox.registered
        return Keys(app.client_id, app.client_secret, app.redirect_uri)

    def client_with(self, token: str) -> Client:
        return Client(user_id=self.user, token=token, clock=self.clock, root=self.served.base)

    def code(self, user: str) -> str:
        page = login_url(self.keys, "one-state", root=self.served.base)
        hidden = dict(parse_qsl(urlsplit(page).query))
        found = requests.post(
            page.partition("?")[0],
            data=hidden | {"user_id": user, "pin": "anything"},
            allow_redirects=False,
            timeout=5,
        )
        back = dict(parse_qsl(urlsplit(found.headers["Location"]).query))
        assert back["state"] == "one-state"
        return back["code"]

    def log_in(self, code: str) -> LoggedIn:
        return log_in(self.keys, code, user_id=self.user, clock=self.clock, root=self.served.base)

    def profile(self, client: Any) -> str:
        return client.read("read the profile", "get_profile", "2.0")["user_id"]

    def new_stream(self, to: Listeners) -> UpstoxStream:
        return UpstoxStream(
            self.client, shares_at(self.sandbox), clock=self.clock, to=to, backoff=(0.02,)
        )
