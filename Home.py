"""The entry: look, login and the top bar; every screen is a file in pages/."""

from __future__ import annotations

import streamlit as st

from core.errors import MunimError, StoreUnusable
from core.store.engine import STORE_ERRORS
from ui.menu import FIRST, ROOT, sections
from ui.parts import draw, rule
from ui.spoiled import is_without_store, show_without_store

st.set_page_config(
    page_title="Munim", page_icon=str(ROOT / "static" / "favicon.svg"), layout="wide"
)
st.logo("/app/static/logo.svg", size="medium")
menu = {
    section: [
        st.Page(entry.path, title=entry.title, url_path=entry.name, default=entry.name == FIRST)
        for entry in entries
    ]
    for section, entries in sections().items()
}
shown = st.navigation(menu, position="top")
try:
    if is_without_store():
        show_without_store()
    else:
        shown.run()
except (StoreUnusable, *STORE_ERRORS) as unusable:
    show_without_store(unusable)
except MunimError as wrong:
    draw(rule(f"{wrong}. The rest of the desk works on; nothing was changed.", lead="Not shown:"))
