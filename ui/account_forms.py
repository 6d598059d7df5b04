"""Forms of an account: its mandate's next version, money in and out, tranches let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import streamlit as st

from core.desk.desk import Desk
from core.desk.fund import add_money, take_money
from core.desk.mandate import sign
from core.desk.tranches import release_tranche
from core.domain.money import Money
from core.domain.words import rupees
from core.errors import Repeated
from core.views.account import AccountView
from core.views.mandate_diff import Preview, preview
from core.views.mandate_form import FormField, mandate_from
from ui.amount import amount_box, amount_typed
from ui.frame import PERSON, act, say
from ui.markup import plain
from ui.parts import Column, draw, note, panel, rule, table

DIFF = (Column("Rule", "rule"), Column("Now", "left", number=True, wraps=True),
        Column("₹", "left_worth", number=True, optional=True),
        Column("Then", "right", number=True, wraps=True),
        Column("₹", "right_worth", number=True, optional=True))  # fmt: skip


MOVES = (("Add to", add_money), ("Take out of", take_money))


def meant(action: Callable[..., object], desk: Desk, view: AccountView, *args: object) -> None:
    """Run what a button of one account asks for.

    A press can overtake the choice of another account: the button then still stood for the one
    before, and nothing is done.
    """
    chosen = st.session_state.get("account", view.id)
    if chosen != view.id:
        say(f"The button still stood for {view.name} when it was pressed and another account was "
            "chosen meanwhile: nothing was done. Press it again.")  # fmt: skip
        return
    act(action, desk, view, *args)


def mandate_form(desk: Desk, view: AccountView) -> None:
    """Every rule as a field; then, in their place, what they would change, to be signed."""
    kept = st.session_state.get(_kept(view), {})
    if is_signing(view):
        _preview(desk, view, kept["values"])
        return
    with st.form(f"mandate_{view.id}", border=False):
        sides = st.columns(2)
        for number, field in enumerate(view.fields):
            begun = kept.get("values", {}).get(field.name, field.value)
            with sides[number % 2]:
                _field(view, replace(field, value=begun))
        st.form_submit_button("See what changes", on_click=meant, args=(_look, desk, view))


def is_signing(view: AccountView) -> bool:
    """Whether what an edit would change is shown, to be signed."""
    return bool(st.session_state.get(_kept(view), {}).get("is_shown"))


def money_form(desk: Desk, view: AccountView) -> None:
    """Money in or out; the same rupees a second time on one day are asked about."""
    amount_box("Amount, ₹", key=f"amount_{view.id}")
    st.text_input("Reference, such as the bank's", key=f"reference_{view.id}")
    waits = st.session_state.get(_same(view), ("",))[0]
    with st.container(horizontal=True):
        for label, move in MOVES:
            more = label == waits
            words = f"{label} {plain(view.name)}" + (" once more" if more else "")
            st.button(words, key=f"{move.__name__}_{view.id}", type="primary" if more else
                      "secondary", on_click=meant, args=(_move, desk, view, label))  # fmt: skip


def release_form(desk: Desk, view: AccountView) -> None:
    """A person lets a waiting tranche go."""
    waiting = {int(one.number): one for one in view.funding.tranches if one.waits}
    if not waiting:
        return
    with st.form(f"release_{view.id}", border=False):
        st.selectbox(
            "Tranche",
            list(waiting),
            key=f"tranche_{view.id}",
            format_func=lambda n: f"{n}: {waiting[n].amount}, {waiting[n].trigger}",
        )
        st.text_input("Why now", key=f"release_why_{view.id}")
        st.form_submit_button("Let it go", on_click=meant, args=(_release, desk, view))


def _preview(desk: Desk, view: AccountView, values: dict[str, Any]) -> None:
    found = preview(desk, view.id, values)
    diff = found.diff
    draw(panel(f"What version {found.version} changes",
               table(DIFF, diff.rows, empty="Nothing changes."),
               *(rule(one, tone="warn") for one in found.effects),
               rule(found.refused) if found.refused else note(""), note=diff.note))  # fmt: skip
    st.text_input("Why", key=f"why_{view.id}", placeholder="for the record; may stay empty")
    with st.container(horizontal=True):
        st.button(f"Sign version {found.version}", key=f"sign_{view.id}", type="primary",
                  disabled=not found.can_sign, on_click=meant,
                  args=(_sign, desk, view, values, found))  # fmt: skip
        st.button("Change it further", key=f"unsee_{view.id}", type="tertiary",
                  on_click=_go_on, args=(view,))  # fmt: skip


def _field(view: AccountView, field: FormField) -> None:
    key = f"rule_{field.name}_{view.id}_{view.mandate.version}"
    words = dict(field.options)
    if field.kind == "choice":
        names = list(words)
        st.selectbox(field.label, names, names.index(field.value), key=key)
    elif field.kind == "many":
        st.multiselect(field.label, list(words), field.value, key=key,
                       format_func=lambda one: plain(words[one]))  # fmt: skip
    elif field.kind == "yes":
        st.checkbox(field.label, field.value, key=key)
    elif field.kind == "count":
        st.number_input(field.label, 0, 10_000, int(field.value), 1, key=key)
    elif field.kind == "rupees":
        first = Money.rupees(Decimal(repr(float(field.value))))
        amount_box(field.label, key=key, value=first, says=False)
    else:
        st.number_input(field.label, 0.0, None, float(field.value), key=key,
                        step=0.25 if field.kind == "percent" else 0.1)  # fmt: skip


def _kept(view: AccountView) -> str:
    return f"mandate_values_{view.id}_{view.mandate.version}"


def _look(desk: Desk, view: AccountView) -> None:
    values = {field.name: _typed(view, field) for field in view.fields}
    preview(desk, view.id, values)  # an empty field is refused here
    st.session_state[_kept(view)] = {"values": values, "is_shown": True}


def _typed(view: AccountView, field: FormField) -> Any:
    key = f"rule_{field.name}_{view.id}_{view.mandate.version}"
    if field.kind == "rupees":
        return float(amount_typed(key, name=field.label).in_rupees)
    return st.session_state[key]


def _go_on(view: AccountView) -> None:
    """Back to the fields, with what was typed in them."""
    st.session_state[_kept(view)]["is_shown"] = False


def _sign(desk: Desk, view: AccountView, values: dict[str, Any], seen: Preview) -> None:
    made = mandate_from(view.mandate, values)
    why = st.session_state.get(f"why_{view.id}", "")
    signed = sign(desk, made, by=PERSON, why=why, over=seen.version - 1)
    st.session_state.pop(_kept(view), None)
    say(f"{view.name}: mandate version {signed.version} is signed.", tone="ok")


def _same(view: AccountView) -> str:
    return f"same_money_{view.id}"


def _move(desk: Desk, view: AccountView, label: str) -> None:
    """Post what was typed and empty the boxes; the same once more only at a second press."""
    amount = amount_typed(f"amount_{view.id}", name="amount")
    reference = st.session_state[f"reference_{view.id}"].strip()
    asked = (label, amount, reference)
    again = st.session_state.pop(_same(view), None) == asked
    try:
        dict(MOVES)[label](desk, view.id, amount, reference=reference, by=PERSON, again=again)
    except Repeated:
        st.session_state[_same(view)] = asked
        raise
    st.session_state[f"amount_{view.id}"] = st.session_state[f"reference_{view.id}"] = ""
    say(f"{view.name}: {rupees(amount)} is posted.", tone="ok")


def _release(desk: Desk, view: AccountView) -> None:
    number = int(st.session_state[f"tranche_{view.id}"])
    why = st.session_state[f"release_why_{view.id}"]
    firing = release_tranche(desk, view.id, number, why=why, by=PERSON)
    say(f"{view.name}: {rupees(firing.amount)} of tranche {number} is let go.", tone="ok")
