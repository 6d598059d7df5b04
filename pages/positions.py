"""Orders and positions: what is held, what protects it, and what was sent."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.exit import exit_position
from core.desk.partial_exit import exit_part
from core.views.positions import Choice, positions_signature, positions_view
from ui.closed_out import closed_out
from ui.ex_dates import ex_dates
from ui.frame import PERSON, act, can_write, page, say
from ui.markup import plain
from ui.order_tables import order_tabs
from ui.positions import files, filters, ticking
from ui.reconcile import broker_and_books


def leave(desk: Desk, chosen: Choice, shares: int, box: str) -> None:
    """Ask the worker to sell all or a part; what it did is read from the table.

    A press can overtake a change in the boxes beside it: the button then still meant what stood
    there before, and nothing is sold.
    """
    stands = (st.session_state.get("position"), st.session_state.get(box))
    if stands != (chosen.label, shares):
        say(f"The button still said {shares} of {chosen.label} when it was pressed and the boxes "
            "had changed: nothing was sold. Press it again.")  # fmt: skip
        return
    why = {"reason": "asked on Positions", "by": PERSON}
    if shares >= chosen.qty:
        act(exit_position, desk, chosen.plan_id, **why)
    else:
        act(exit_part, desk, chosen.plan_id, shares, **why)


desk = page("Positions", redraw_on=positions_signature)
account, login = filters(positions_view(desk))
ticking(desk, account, login)
view = positions_view(desk, account=account, login=login)
choices = {one.label: one for one in view.choices}
if choices:
    with st.container(key="actions", horizontal=True, vertical_alignment="center"):
        label = st.selectbox("Position", choices, key="position", label_visibility="collapsed",
                             width=280)  # fmt: skip
        chosen = choices[label]
        box = f"shares-{chosen.plan_id}-{chosen.qty}"
        shares = int(st.number_input("Shares", 1, chosen.qty, chosen.qty, 1, width=130, key=box,
                                     label_visibility="collapsed"))  # fmt: skip
        st.button(plain(chosen.says(shares)), key="exit", on_click=leave,
                  args=(desk, chosen, shares, box),
                  disabled=not (chosen.can_exit and can_write(desk)))  # fmt: skip
        if st.button("Explain", key="explain", type="tertiary", shortcut="E"):
            st.switch_page("pages/audit.py", query_params={"plan": chosen.plan_id})
closed_out(desk)
ex_dates(desk)
broker_and_books(desk)
order_tabs(desk, account, login)
files(desk)
