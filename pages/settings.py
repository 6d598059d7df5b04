"""Settings and health: is the worker alive, what runs, what is not there yet, and the password."""

from __future__ import annotations

import streamlit as st

from core.views.settings import health_figures, install_view, settings_signature, settings_view
from ui.fetch import fetch_part
from ui.frame import page
from ui.live import live_section
from ui.parts import Column, cells, draw, key_values, meter, note, panel, table
from ui.password import password_form

CHECKS = (Column("", "ok", width="20px"), Column("Check", "name"),
          Column("Found", "sentence", wraps=True))  # fmt: skip
RUNS = (Column("Job", "job"), Column("", "ok"), Column("Started", "started"),
        Column("Took", "took", number=True), Column("Did", "sentence", wraps=True))  # fmt: skip
REQUESTS = (Column("Work", "kind"), Column("State", "state"),
            Column("Said", "sentence", wraps=True), Column("When", "age"))  # fmt: skip


@st.fragment(run_every="1s")
def health() -> None:
    """The ages, ticking."""
    draw(panel("Health", cells(health_figures(desk)), note="each second"))


desk = page("Settings", redraw_on=settings_signature)
view = settings_view(desk)
health()
with st.container(key="split-settings"):
    left, right = st.columns([1.5, 1], gap="medium")
with left:
    draw(
        panel("Doctor", table(CHECKS, view.checks), note=view.checks_note),
        panel("Work asked for",
              table(REQUESTS, view.requests, empty="Nothing was asked of the worker yet."),
              note=f"latest {len(view.requests)}"),
        panel("Scheduled jobs, last runs",
              table(RUNS, view.runs, empty="No run is on record yet; the worker writes one each."),
              note=str(len(view.runs))),
    )  # fmt: skip
    fetch_part(desk)
with right:
    draw(panel("Settings", key_values(view.settings), note="from the environment"))
    install = install_view(desk)
    if install is not None:
        draw(panel("Packages installed beside the desk", meter(install.used),
                   note(install.sentence), note=install.note))  # fmt: skip
    draw(panel("Password", note(view.password)))
    password_form(desk, has_one=view.has_password)
    live_section(desk)
    draw(panel("Not built yet", key_values(view.not_built), note=str(len(view.not_built))))
