"""A talk that asks, and the mandate it is making; nothing is signed before a yes."""

from __future__ import annotations

import streamlit as st

from core.desk.talk import answer, sign_talk, start_again
from core.views.accounts import account_names
from core.views.intake import intake_view
from ui.frame import PERSON, act, page
from ui.markup import fill, plain
from ui.menu import ROOT
from ui.parts import Column, draw, note, panel, table

RULES = (Column("Rule", "rule"), Column("Value", "value", number=True, wraps=True),
         Column("Where from", "source", wraps=True))  # fmt: skip
PERSON_ICON = ":material/person:"
MARK = str(ROOT / "static" / "favicon.svg")
BEFORE = (Column("What must hold", "words", wraps=True),)

desk = page("Intake")
names = dict(account_names(desk))
if not names:
    draw(note("No account is open yet. The first start opens three paper accounts."))
    st.stop()
asked = st.query_params.get("account", "")
account_id = st.selectbox("Account", list(names), format_func=names.__getitem__, width=260,
                          index=list(names).index(asked) if asked in names else 0,
                          key="intake_account")  # fmt: skip
view = intake_view(desk, account_id)


def say_it() -> None:
    """Take what was typed as one turn."""
    act(answer, desk, account_id, st.session_state["intake_said"])


with st.container(key="split-intake"):
    left, right = st.columns([1, 1], gap="medium")
with left:
    draw(panel(f"{view.account}: set the mandate", note=view.note))
    with st.container(height=480, border=False, autoscroll=True, key="talk"):
        for turn in view.turns:
            who, face = ("assistant", MARK) if turn.by_desk else ("user", PERSON_ICON)
            with st.chat_message(who, avatar=face):
                st.markdown(plain(turn.text))
    st.chat_input("Answer in your own words", key="intake_said", on_submit=say_it)
with right:
    draw(panel(view.title, table(RULES, view.rules), note="where each rule came from"),
         panel("Before you sign", table(BEFORE, view.before), note=view.before_note))  # fmt: skip
    if view.summary:
        draw(panel("What you would sign", fill("<p>{words}</p>", words=view.summary)))
    with st.container(horizontal=True):
        st.button(plain(view.button), key="sign_talk", type="primary", disabled=not view.can_sign,
                  on_click=act, args=(sign_talk, desk, account_id),
                  kwargs={"by": PERSON})  # fmt: skip
        st.button("Start again", key="start_again", type="tertiary", disabled=not view.started,
                  on_click=act, args=(start_again, desk, account_id))  # fmt: skip
    st.page_link("pages/accounts.py", label="See the mandate that stands",
                 query_params={"account": account_id})  # fmt: skip
