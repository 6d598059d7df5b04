"""A broker's file given on a page: read, shown beside the books, taken in and taken back."""

from __future__ import annotations

import streamlit as st

from core.desk.accept_statement import accept, undo
from core.desk.desk import Desk
from core.domain.statement import Statement
from core.errors import BadInput
from core.providers.statement_file import read_statement
from core.views.notes import ImportRow
from ui.frame import PERSON, act, say
from ui.parts import draw, lines, panel, rule

ENDINGS = ["csv", "txt", "xlsx", "json", "pdf"]


def given_statement() -> Statement | None:
    """The file that was given, read; what cannot be read is said in its place."""
    file = st.file_uploader("Tradebook or contract note", ENDINGS, key="statement_file")
    if file is None:
        return None
    try:
        return read_statement(file.name, file.getvalue())
    except BadInput as why:
        draw(rule(str(why), lead="Not read:"))
        return None


def take_in_button(desk: Desk, login_id: str, statement: Statement, *, is_booked: bool) -> None:
    """Book what the file says; nothing to do where the books have it to the paisa."""
    st.button(
        "Take the differences into the books",
        key="take_in",
        type="primary",
        disabled=is_booked,
        on_click=act,
        args=(_take_in, desk, login_id, statement),
    )


def import_list(desk: Desk, rows: tuple[ImportRow, ...]) -> None:
    """What was taken in, each with a button that takes it back."""
    for row in rows:
        draw(panel(row.label, lines([row.what])))
        if row.can_undo:
            st.button("Take back", key=f"undo_{row.id}", on_click=act, args=(_undo, desk, row.id))


def _take_in(desk: Desk, login_id: str, statement: Statement) -> None:
    done = accept(desk, login_id, statement, by=PERSON)
    say(f"{done.name} is in the books: {done.sentence}", tone="ok")


def _undo(desk: Desk, import_id: str) -> None:
    done = undo(desk, import_id, by=PERSON)
    say(f"{done.name} is taken back: {done.sentence}", tone="ok")
