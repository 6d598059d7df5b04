"""Which share the Markets screen shows: the address names it, so Back and links work.

Opening one writes its symbol into the address; the browser keeps the step, and Back asks for the
page with the address before. An address that names none shows the share looked at last before
the page was entered, or the list's first.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.desk.desk import Desk
from core.errors import MunimError
from core.views.markets import WatchlistView, isin_of

SHOWN, ENTERED = "isin", "isin_entered"
PRESENT: Final = "watchlist"  # a widget of the page; Streamlit drops its state on another page

# A plain link would load the desk anew; with Ctrl, Shift or the middle button it still may.
LINKS: Final = """
export default function ({parentElement, setTriggerValue}) {
  const go = event => {
    const link = event.target.closest && event.target.closest('a[href^="/markets?symbol="]')
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    setTriggerValue('open', new URL(link.href).searchParams.get('symbol'))
  }
  document.addEventListener('click', go)
  return () => document.removeEventListener('click', go)
}
"""
FOLLOWED = st.components.v2.component("munim_links", js=LINKS, isolate_styles=False)


def share_to_show(desk: Desk, lists: WatchlistView) -> tuple[str, str]:
    """ISIN of the share to show, empty when there is none, and what is wrong with the address."""
    kept = st.session_state
    if PRESENT not in kept:
        kept[ENTERED] = kept.get(SHOWN, "")
    asked = {name: st.query_params.get(name, "") for name in ("symbol", "isin")}
    first = kept.get(ENTERED) or (lists.rows[0].isin if lists.rows else "")
    problem = ""
    if any(asked.values()):
        try:
            first = isin_of(desk, **asked)
        except MunimError as missing:
            problem = f"{missing}. Choose a row of the list."
    kept[SHOWN] = first
    return first, problem


def open_share(symbol: str) -> None:
    """Put a share into the address; the next run of the page shows it."""
    st.query_params.pop("isin", None)
    st.query_params["symbol"] = symbol


def follow_links() -> None:
    """Open the symbols of tables in this session; draw before the page's own widgets."""
    symbol = FOLLOWED(key="followed", on_open_change=_heard).get("open")
    if symbol:
        st.session_state["shape"] = "Chart"
        open_share(str(symbol))


def _heard() -> None:
    """Streamlit tells what was clicked only to a component with a callback."""
