"""The one page of a desk whose store cannot be used: why, what brokers hold, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.config import settings_now
from core.desk.seen import Seen, read_seen, seen_file
from core.errors import MunimError, StoreUnusable
from core.store.engine import why_unusable
from core.store.sound import is_spoiled, spoiled_words
from core.views.seen import SeenLogin, seen_view
from ui.markup import Markup
from ui.parts import Column, draw, note, panel, rule, table

COLUMNS = (
    Column("", "what"),
    Column("Share", "symbol"),
    Column("Qty", "shares", number=True),
    Column("Terms", "terms", wraps=True),
    Column("State", "state", wraps=True),
)
WAITS = "The worker has not read any broker without the store yet; each broker's own app shows it."


def is_without_store() -> bool:
    """Whether the worker said that the store cannot be used; one look at a file."""
    return seen_file(settings_now().home).exists()


def show_without_store(failure: Exception | None = None) -> None:
    """Draw the page; a failure of the store that is none of its disk is raised again."""
    why = why_unusable(failure) if failure is not None else ""
    if failure is not None and not why and not isinstance(failure, StoreUnusable):
        raise failure
    sheets = [(Path(__file__).parent / name).read_text() for name in ("desk.css", "parts.css")]
    st.html("<style>" + "\n".join(sheets) + "</style>")
    draw(Markup('<h1 class="m-hidden">The store cannot be used</h1>'))
    said = str(failure) if not why else spoiled_words(why) if is_spoiled(failure) else why
    _look(said if failure is not None else "")


@st.fragment(run_every="5s")
def _look(said: str) -> None:
    try:
        seen = read_seen(settings_now().home)
    except MunimError as unreadable:
        seen, said = None, said or str(unreadable)
    if seen is None and not said:
        st.rerun()  # the store is used again
    now = datetime.now(UTC)
    view = seen_view(seen or Seen(said, now, now, ()))
    draw(rule(view.sentence, lead="The store cannot be used:"), rule(view.stands, tone="warn"))
    draw(*(_panel(one) for one in view.logins) if view.logins else (note(WAITS),))


def _panel(login: SeenLogin) -> Markup:
    trouble = (rule(login.trouble, tone="warn"),) if login.trouble else ()
    return panel(
        login.label, *trouble, table(COLUMNS, login.rows, empty=login.empty), note=login.age
    )
