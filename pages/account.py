"""One account: money, mandate, funding, versions, performance and its life."""

from __future__ import annotations

import streamlit as st

from core.views.account import account_view
from core.views.accounts import account_names
from ui.account_parts import funding, head, life, mandate, money, performance, versions
from ui.frame import page
from ui.markup import plain
from ui.parts import draw, note

desk = page("Account", redraw_on=lambda on: int(on.clock.monotonic() // 30))
names = dict(account_names(desk))
if not names:
    draw(note("No account is open yet. The first start opens three paper accounts."))
    st.stop()
asked = st.query_params.get("account", "")
chosen = st.segmented_control("Account", list(names), format_func=lambda one: plain(names[one]),
                              default=asked if asked in names else next(iter(names)),
                              required=True, key="account")  # fmt: skip
view = account_view(desk, chosen or next(iter(names)))
st.query_params["account"] = view.id  # a reloaded page shows the same account
head(view)
tabs = st.tabs(["Money", "Performance", "Mandate", "Funding", "Versions", "Pause, clone, close"])
parts = (money, performance, mandate, funding, versions, life)
for tab, part in zip(tabs, parts, strict=True):
    with tab:
        part(desk, view)
