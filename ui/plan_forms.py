"""The form of a funding plan, what it would change, and the versions that can be brought back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from core.desk.desk import Desk
from core.desk.fund import plan_funding, restore_plan
from core.domain.account import FundingKind, LateMoney
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.words import day
from core.views.account import AccountView
from core.views.funding_form import plan_fields, plan_from
from core.views.plan_diff import plan_preview
from ui.account_forms import meant
from ui.amount import amount_box, amount_or_none
from ui.frame import PERSON, say
from ui.markup import plain
from ui.parts import Column, draw, lines, note, panel, rule, table

TERMS = (Column("Term", "rule"), Column("Now", "left", wraps=True),
         Column("Then", "right", wraps=True))  # fmt: skip
VERSIONS = (Column("Version", "version"), Column("Saved, IST", "saved"), Column("By", "by"),
            Column("Terms", "words", wraps=True), Column("Why", "why", wraps=True))  # fmt: skip
LINES = "3L now\n3L on 1 Dec 2026\n3L index 5%\n2L account 10%\n2L event results\n1L by hand"
RUPEES = {"lump": "Lump sum", "instalment": "Each month", "buffer": "Kept as a buffer",
          "cap": "Carried at most"}  # fmt: skip
KINDS = (
    "A SIP is money each month, a lump sum comes at once or in tranches, hybrid is both together. "
    "To keep a running plan, leave its start day as it is: what came and was missed stays."
)


def plan_form(desk: Desk, view: AccountView) -> None:
    """The funding plan's next version; then, in its place, what it would change, to be saved."""
    kept = st.session_state.get(_kept(view), {})
    if kept.get("is_shown"):
        _preview(desk, view, kept)
        return
    shown = {**plan_fields(view.plan, today=ist_day(desk.clock.now())), **kept.get("values", {})}
    with st.form(f"plan_{view.id}", border=False):
        draw(note(KINDS))
        _fields(view, shown)
        st.checkbox("What lies free in the account counts toward the lump sum",
                    kept.get("counts", True), key=f"counts_{view.id}",
                    help="Asked where a lump sum is new or grows.")  # fmt: skip
        st.form_submit_button("See what the plan changes", on_click=meant,
                              args=(_look, desk, view))  # fmt: skip


def plan_history(desk: Desk, view: AccountView) -> None:
    """Who saved which version and why, and the form that brings one back."""
    if not view.plan_versions:
        return
    draw(panel("Plan versions", table(VERSIONS, view.plan_versions),
               note=str(len(view.plan_versions))))  # fmt: skip
    earlier = [int(one.version[1:]) for one in view.plan_versions[1:]]
    if not earlier or not view.is_open:
        return
    with st.form(f"back_{view.id}", border=False):
        st.selectbox("Earlier version", earlier, key=f"back_version_{view.id}", width=140)
        st.text_input("Why bring it back", key=f"back_why_{view.id}")
        st.form_submit_button("Bring it back", on_click=meant, args=(_back, desk, view))


def _fields(view: AccountView, shown: dict[str, Any]) -> None:
    key, kinds, ways = view.id, list(FundingKind), list(LateMoney)
    left, right = st.columns(2)
    left.selectbox("Kind", kinds, kinds.index(shown["kind"]), key=f"kind_{key}")
    for side, label, name in (
        (left, f"{RUPEES['lump']}, ₹", "lump"),
        (right, f"{RUPEES['instalment']}, ₹", "instalment"),
        (left, f"{RUPEES['buffer']}, ₹", "buffer"),
        (right, f"{RUPEES['cap']}, ₹ (0: no cap)", "cap"),
    ):  # fmt: skip
        first = Money.rupees(Decimal(repr(shown[name])))
        with side:
            amount_box(label, key=f"{name}_{key}", value=first, says=False)
    for side, label, name, low, high in (
        (right, "Day of the month", "day", 1, 31), (left, "Months from then", "months", 1, 600),
        (right, "Missed instalments carried, at most", "carried", 0, 12),
    ):  # fmt: skip
        side.number_input(label, low, high, shown[name], key=f"{name}_{key}")
    left.date_input("Starts on", shown["starts_on"], key=f"starts_on_{key}", format="DD/MM/YYYY")
    right.selectbox("Late money goes in", ways, ways.index(shown["late"]), key=f"late_{key}")
    st.text_area("Tranches of the lump sum, one a line", shown["tranches"],
                 key=f"tranches_{key}", placeholder=LINES)  # fmt: skip


def _preview(desk: Desk, view: AccountView, kept: dict[str, Any]) -> None:
    found = plan_preview(desk, view.id, kept["values"], counts_cash=kept["counts"])
    empty = "" if found.refused else "Nothing changes."
    draw(panel(f"What version {found.version} of the plan changes",
               table(TERMS, found.rows, empty=empty),
               lines(found.effects),
               rule(found.refused) if found.refused else note("")))  # fmt: skip
    st.text_input("Why", key=f"plan_why_{view.id}", placeholder="for the record; may stay empty")
    with st.container(horizontal=True):
        st.button(f"Save version {found.version} of {plain(view.name)}", key=f"save_plan_{view.id}",
                  type="primary", disabled=not found.can_save, on_click=meant,
                  args=(_save, desk, view, kept))  # fmt: skip
        st.button("Change it further", key=f"unsee_plan_{view.id}", type="tertiary",
                  on_click=_go_on, args=(view,))  # fmt: skip


def _kept(view: AccountView) -> str:
    return f"plan_typed_{view.id}_{view.plan.version if view.plan else 0}"


def _look(desk: Desk, view: AccountView) -> None:
    named = plan_fields(view.plan, today=ist_day(desk.clock.now()))
    values = {name: st.session_state[f"{name}_{view.id}"] for name in named}
    for name, words in RUPEES.items():
        typed = amount_or_none(f"{name}_{view.id}", name=words)
        values[name] = float(typed.in_rupees) if typed is not None else 0.0
    counts = bool(st.session_state[f"counts_{view.id}"])
    st.session_state[_kept(view)] = {"values": values, "counts": counts, "is_shown": True}


def _go_on(view: AccountView) -> None:
    """Back to the fields, with what was typed in them."""
    st.session_state[_kept(view)]["is_shown"] = False


def _save(desk: Desk, view: AccountView, kept: dict[str, Any]) -> None:
    made = plan_from(view.plan, view.id, kept["values"])
    why = st.session_state.get(f"plan_why_{view.id}", "")
    plan = plan_funding(desk, made, by=PERSON, why=why, counts_cash=kept["counts"])
    st.session_state.pop(_kept(view), None)
    say(f"{view.name}: funding plan version {plan.version} is saved.", tone="ok")


def _back(desk: Desk, view: AccountView) -> None:
    version = int(st.session_state[f"back_version_{view.id}"])
    why = st.session_state[f"back_why_{view.id}"]
    plan = restore_plan(desk, view.id, version, by=PERSON, why=why)
    say(f"{view.name}: the terms of version {version} stand again as version {plan.version}, saved "
        f"{day(desk.clock.now())}.", tone="ok")  # fmt: skip
