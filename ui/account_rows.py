"""Accounts opened by their row: the name is a link, and a click anywhere in the row follows it.

A plain link would load the desk anew; with Ctrl, Shift or the middle button it still may, and
Enter on the name is a click as any other.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

LINKS: Final = """
export default function ({parentElement, setTriggerValue}) {
  const go = event => {
    const at = event.target
    if (!at.closest || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return
    const row = at.closest('tr:has(a[href^="/account?account="])')
    if (!row || String(window.getSelection())) return
    event.preventDefault()
    const link = row.querySelector('a[href^="/account?account="]')
    setTriggerValue('open', new URL(link.href).searchParams.get('account'))
  }
  document.addEventListener('click', go)
  return () => document.removeEventListener('click', go)
}
"""
FOLLOWED = st.components.v2.component("munim_accounts", js=LINKS, isolate_styles=False)


def follow_rows() -> None:
    """Open the account whose row was clicked, in this session."""
    chosen = FOLLOWED(key="opened", on_open_change=_heard).get("open")
    if chosen:
        st.switch_page("pages/account.py", query_params={"account": str(chosen)})


def _heard() -> None:
    """Streamlit tells what was clicked only to a component with a callback."""
