"""Runs a page of the desk in Streamlit's AppTest, over a store of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.desk.access import open_session
from core.desk.desk import Desk

ROOT = Path(__file__).resolve().parents[2]


def open_page(monkeypatch: pytest.MonkeyPatch, desk: Desk, name: str) -> AppTest:
    """Home.py with this page chosen; the page sees `desk` in a session of its own."""
    monkeypatch.setattr("ui.frame.open_desk", lambda: desk)
    session = open_session(desk.home)
    monkeypatch.setattr("ui.session.session_cookie", lambda port: session)
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
    app.run()
    if name != "today":
        app.switch_page(f"pages/{name}.py").run()
    return clean(app)


def clean(app: AppTest) -> AppTest:
    """The same app, after a look that nothing was raised."""
    assert not app.exception, [one.value for one in app.exception]
    return app


def words(app: AppTest) -> str:
    """All HTML on the page, one element a line."""
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def click(app: AppTest, key: str) -> AppTest:
    """Press a button by its key."""
    return clean(app.button(key=key).click().run())
