"""A box for rupees as people type them: 50,000, 5 lakh, 1.5 cr; under it what was understood."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.domain.money import Money
from core.domain.words import rupees
from core.errors import BadInput
from core.mandates.typed import typed_rupees
from ui.markup import plain

HINT: Final = "50,000 or 5 lakh"
EMPTY: Final = "Rupees: 50,000, 5 lakh and 1.5 cr are all understood."


def amount_box(
    label: str,
    *,
    key: str,
    value: Money | None = None,
    says: bool = True,
    width: int | None = None,
) -> None:
    """A box for an amount of rupees.

    Args:
        value: what stands in it first; None leaves it empty.
        says: whether a line under it says what was understood. In a form nothing is known before
            the button is pressed, so what the button leads to says it there.
    """
    first = "" if value is None else grouped(value)
    typed = st.text_input(label, first, key=key, placeholder=HINT, width=width or "stretch")
    if says:
        st.caption(plain(understood(typed)))


def amount_typed(key: str, *, name: str) -> Money:
    """What stands in the box; raises BadInput for what is no amount."""
    return typed_rupees(str(st.session_state.get(key) or ""), name=name)


def amount_or_none(key: str, *, name: str) -> Money | None:
    """The same, None for an empty box."""
    return amount_typed(key, name=name) if str(st.session_state.get(key) or "").strip() else None


def understood(typed: str) -> str:
    """The amount with its grouping, or the one sentence about what was typed."""
    if not typed.strip():
        return EMPTY
    try:
        return f"Read as {rupees(typed_rupees(typed))}."
    except BadInput as no:
        sentence = str(no)
        return f"{sentence[0].upper()}{sentence[1:]}."


def grouped(value: Money) -> str:
    """Rupees as a box shows them: 8,00,000, with paise only where there are some."""
    return rupees(value, digits=2 if value.paise % 100 else 0).removeprefix("₹")
