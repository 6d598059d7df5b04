"""Forms of the Accounts page: the mandate's next version, money in and out, the funding plan."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from core.desk.desk import Desk
from core.desk.fund import add_money, plan_funding, take_money
from core.desk.mandate import sign
from core.domain.account import FundingKind, FundingPlan
from core.domain.clock import ist_day
from core.domain.money import Money
from core.views.accounts import AccountView
from core.views.mandate_form import FormField, mandate_from
from ui.frame import PERSON, act, say
from ui.markup import plain


def mandate_form(desk: Desk, view: AccountView) -> None:
    """Every rule as a field; signing writes the next version."""
    version = view.mandate.version + 1
    with st.form(f"mandate_{view.id}", border=False):
        sides = st.columns(2)
        for number, field in enumerate(view.fields):
            with sides[number % 2]:
                _field(view, field)
        st.form_submit_button(
            f"Sign version {version}", type="primary", on_click=act, args=(_sign, desk, view)
        )


def money_form(desk: Desk, view: AccountView) -> None:
    """Money in or out; the reference makes a second click harmless."""
    with st.form(f"money_{view.id}", border=False):
        st.number_input("Amount, ₹", 0.0, None, None, 1000.0, key=f"amount_{view.id}",
                        placeholder="50,000")  # fmt: skip
        st.text_input("Reference, such as the bank's", key=f"reference_{view.id}")
        with st.container(horizontal=True):
            for label, move in (("Add money", add_money), ("Take money out", take_money)):
                st.form_submit_button(label, on_click=act, args=(_move, desk, view, move))


def plan_form(desk: Desk, view: AccountView) -> None:
    """The funding plan's next version."""
    plan, key = view.plan, view.id
    kinds = list(FundingKind)
    with st.form(f"plan_{key}", border=False):
        st.selectbox("Kind", kinds, kinds.index(plan.kind) if plan else 0, key=f"kind_{key}")
        for label, name, value in (
            ("At once, ₹", "lump", plan.lump_sum if plan else Money(0)),
            ("Each month, ₹", "instalment", plan.instalment if plan else Money(0)),
            ("Kept as a buffer, ₹", "buffer", plan.buffer if plan else Money(0)),
        ):
            st.number_input(label, 0.0, None, float(value.in_rupees), 1000.0, key=f"{name}_{key}")
        st.number_input("Day of the month", 1, 28, plan.day_of_month if plan else 5,
                        key=f"day_{key}")  # fmt: skip
        st.number_input("Months", 1, 600, plan.months if plan else 24, key=f"months_{key}")
        st.form_submit_button("Save plan", on_click=act, args=(_plan, desk, view))


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
    else:
        st.number_input(field.label, 0.0, None, float(field.value), key=key,
                        step={"percent": 0.25, "number": 0.1}.get(field.kind, 1000.0))  # fmt: skip


def _sign(desk: Desk, view: AccountView) -> None:
    values = {
        field.name: st.session_state[f"rule_{field.name}_{view.id}_{view.mandate.version}"]
        for field in view.fields
    }
    signed = sign(desk, mandate_from(view.mandate, values), by=PERSON)
    say(f"{view.name}: mandate version {signed.version} is signed.", tone="ok")


def _move(desk: Desk, view: AccountView, move: Callable[..., object]) -> None:
    amount = _rupees(st.session_state[f"amount_{view.id}"])
    reference = st.session_state[f"reference_{view.id}"].strip()
    at = desk.clock.now()
    move(desk, view.id, amount, reference=reference or f"by hand {at:%Y-%m-%d %H:%M}", by=PERSON)
    say(f"{view.name}: {amount} is posted.", tone="ok")


def _plan(desk: Desk, view: AccountView) -> None:
    key = view.id
    plan = FundingPlan(
        account_id=key,
        version=view.plan.version + 1 if view.plan else 1,
        kind=FundingKind(st.session_state[f"kind_{key}"]),
        lump_sum=_rupees(st.session_state[f"lump_{key}"]),
        instalment=_rupees(st.session_state[f"instalment_{key}"]),
        day_of_month=int(st.session_state[f"day_{key}"]),
        starts_on=ist_day(desk.clock.now()),
        months=int(st.session_state[f"months_{key}"]),
        buffer=_rupees(st.session_state[f"buffer_{key}"]),
    )
    plan_funding(desk, plan, by=PERSON)
    say(f"{view.name}: funding plan version {plan.version} is saved.", tone="ok")


def _rupees(amount: float | None) -> Money:
    return Money.rupees(Decimal(repr(round(amount or 0.0, 2))))
