"""A talk that asks, and the mandate it is making beside it; nothing is saved before a yes."""

from __future__ import annotations

import streamlit as st

from core.views.intake import intake_view, talks
from ui.frame import page
from ui.intake import begin_form, say_button, say_typed, sign_button, start_over
from ui.markup import fill, plain
from ui.menu import ROOT
from ui.parts import Column, draw, key_values, lines, note, panel, rule, table

RULES = (Column("Rule", "rule"), Column("Value", "value", number=True, wraps=True),
         Column("Where from", "source", wraps=True))  # fmt: skip
BEFORE = (Column("What must hold", "words", wraps=True),)
CHANGED = (Column("Rule", "rule", wraps=True), Column("Stands", "before", number=True, wraps=True),
           Column("Draft", "after", number=True, wraps=True))  # fmt: skip
PERSON_ICON = ":material/person:"
MARK = str(ROOT / "static" / "favicon.svg")

desk = page("Intake")
names = dict(talks(desk))
asked = st.query_params.get("account", "")
with st.container(horizontal=True, vertical_alignment="bottom", key="intake-head"):
    if names:
        account_id = st.selectbox("Account", list(names), format_func=names.__getitem__, width=260,
                                  index=list(names).index(asked) if asked in names else 0,
                                  key="intake_account")  # fmt: skip
        st.query_params["account"] = account_id  # a reloaded page shows the same talk
    begin_form(desk)
if not names:
    draw(note("No account is open yet. The first start opens three paper accounts."))
    st.stop()
view = intake_view(desk, account_id)
with st.container(key="split-intake"):
    left, right = st.columns([1, 1], gap="medium")
with left:
    draw(panel(f"{view.account}: set the mandate", note=view.note))
    with st.container(height=480, border=False, autoscroll=True, key="talk"):
        for turn in view.turns:
            who, face = ("assistant", MARK) if turn.by_desk else ("user", PERSON_ICON)
            with st.chat_message(who, avatar=face):
                st.markdown(plain(turn.text))
    with st.container(horizontal=True, key="intake-replies"):
        for reply in view.replies:
            say_button(desk, view, reply)
    st.chat_input("Answer in your own words, or correct an earlier answer", key="intake_said",
                  on_submit=say_typed, args=(desk, view))  # fmt: skip
    draw(note(view.reader))
    if view.log:
        with st.expander(f"What was said and what is assumed ({len(view.log)})"):
            draw(lines(view.log))
with right:
    draw(*(rule(one, lead="That disagrees:") for one in view.disagree),
         panel(view.title, table(RULES, view.rules), note=view.legend),
         panel("Before you save", table(BEFORE, view.before), note=view.before_note))  # fmt: skip
    if view.summary:
        draw(panel("What you would sign", fill("<p>{words}</p>", words=view.summary)))
    if view.past:
        draw(panel(view.past.title, key_values(view.past.rows), *map(note, view.past.lines),
                   *([note(view.past.why_not)] if view.past.why_not else []),
                   note=view.past.note))  # fmt: skip
    if view.changed_note:
        draw(panel(view.changed_title, table(CHANGED, view.changed, empty="Every rule agrees."),
                   note=view.changed_note))  # fmt: skip
    with st.container(horizontal=True):
        sign_button(desk, view)
        start_over(desk, view)
    if not view.is_new:
        st.page_link("pages/account.py", label="See the mandate that stands",
                     query_params={"account": account_id})  # fmt: skip
