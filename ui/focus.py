"""Put the cursor into a dialog's first field, so that what is typed is text and no shortcut."""

from __future__ import annotations

from typing import Final

import streamlit as st

JS: Final = """
export default function () {
  const field = document.querySelector('[role="dialog"] input')
  if (field) field.focus()
}
"""


def focus_first_field() -> None:
    """Draw last in a dialog; it shows nothing."""
    st.components.v2.component("munim_focus", js=JS)(key="focus")
