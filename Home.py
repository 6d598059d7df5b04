"""The entry: look, login and the top bar; every screen is a file in pages/."""

from __future__ import annotations

import streamlit as st

from ui.menu import ROOT, sections

st.set_page_config(
    page_title="Munim", page_icon=str(ROOT / "static" / "favicon.svg"), layout="wide"
)
st.logo(str(ROOT / "static" / "logo.svg"), size="medium")
menu = {
    section: [
        st.Page(entry.path, title=entry.title, url_path=entry.name, default=entry.name == "today")
        for entry in entries
    ]
    for section, entries in sections().items()
}
st.navigation(menu, position="top").run()
