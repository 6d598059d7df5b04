"""Real money on Settings: the rows it takes, caps, the address, a test alarm and the switch."""

from __future__ import annotations

import streamlit as st

from core.desk.access import check_password
from core.desk.alarm_out import ask_test
from core.desk.caps import set_caps
from core.desk.desk import Desk
from core.desk.live import go_live, go_paper
from core.desk.live_rows import note_ip
from core.domain.live import Caps
from core.errors import BadInput
from core.views.live import LiveView, live_views
from ui.amount import amount_box, amount_typed
from ui.frame import PERSON, act, say
from ui.parts import Column, draw, note, panel, rule, table

ROWS = (Column("", "ok", width="20px"), Column("Row", "name"),
        Column("Found", "sentence", wraps=True))  # fmt: skip
CHANNELS = (
    "A test alarm goes out through every channel that is set up; what took it shows above as "
    "Outbound alarm. Channels are set in the environment or the keyring."
)
CAPS = {"order": "Most rupees an order", "day": "Most rupees a day"}


def live_section(desk: Desk) -> None:
    """One panel a login, with its forms; nothing here moves money by itself."""
    for view in live_views(desk):
        rows, said = table(ROWS, view.rows), rule(view.sentence, tone=view.tone)
        shown = (said, rows) if view.at_broker else (said,)
        draw(panel(f"Live · {view.label}", *shown, note=view.note))
        with st.expander(f"What it takes, caps and switch of {view.label}"):
            if not view.at_broker:
                draw(rows)
            _caps(desk, view)
            _address(desk, view)
            _switch(desk, view)
    draw(note(CHANNELS))
    st.button("Send a test alarm", key="live_test_alarm", on_click=act, args=(_test, desk))


def _caps(desk: Desk, view: LiveView) -> None:
    with st.form(f"live_caps_{view.id}", border=False):
        for (name, words), value in zip(
            CAPS.items(), (view.caps.per_order, view.caps.per_day), strict=True
        ):
            amount_box(words, key=f"live_{name}_{view.id}", value=value, says=False)
        st.form_submit_button("Set caps", on_click=act, args=(_set_caps, desk, view.id))


def _address(desk: Desk, view: LiveView) -> None:
    with st.form(f"live_ip_{view.id}", border=False):
        st.text_input("The static IP your broker has on record", key=f"live_ip_of_{view.id}",
                      placeholder="203.0.113.7")  # fmt: skip
        st.form_submit_button("State it", on_click=act, args=(_set_ip, desk, view.id))


def _switch(desk: Desk, view: LiveView) -> None:
    if view.is_live:
        st.button("Back to PAPER", key=f"live_paper_{view.id}", on_click=act,
                  args=(_to_paper, desk, view.id))  # fmt: skip
        return
    with st.form(f"live_switch_{view.id}", border=False):
        st.text_input(f"Type {view.words} to let it move real money", key=f"live_typed_{view.id}",
                      autocomplete="off")  # fmt: skip
        st.text_input("Your password", type="password", key=f"live_password_{view.id}")
        st.form_submit_button("Switch to LIVE", on_click=act, args=(_to_live, desk, view.id))


def _set_caps(desk: Desk, login_id: str) -> None:
    order, day = (
        amount_typed(f"live_{name}_{login_id}", name=words) for name, words in CAPS.items()
    )
    set_caps(desk, "login", login_id, Caps(order, day), by=PERSON)
    say("The caps are set; they hold from the next click on.", tone="ok")


def _set_ip(desk: Desk, login_id: str) -> None:
    note_ip(desk, login_id, st.session_state[f"live_ip_of_{login_id}"], said_by=PERSON)
    say("The address is kept as your word; nothing checked it.", tone="ok")


def _to_live(desk: Desk, login_id: str) -> None:
    password = st.session_state[f"live_password_{login_id}"]
    st.session_state[f"live_password_{login_id}"] = ""
    if not check_password(desk.home, password):
        raise BadInput("that is not the password of this desk; nothing was changed")
    go_live(desk, login_id, typed=st.session_state[f"live_typed_{login_id}"], by=PERSON)
    say(f"{login_id} is LIVE: its orders move real money.", tone="loss")


def _to_paper(desk: Desk, login_id: str) -> None:
    go_paper(desk, login_id, by=PERSON)
    say(f"{login_id} is PAPER.", tone="ok")


def _test(desk: Desk) -> None:
    ask_test(desk, by=PERSON)
    say("The test alarm is on its way; the row Outbound alarm tells once it was taken.", tone="ok")
