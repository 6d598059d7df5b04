"""End-of-day and month reports, read, downloaded or made now, and what became of every card."""

from __future__ import annotations

import streamlit as st

from core.reports.pdf import can_set, pdf
from core.views.reports import reports_signature, reports_view
from core.views.scorecard import WORKED_OUT, scorecard_view
from ui.frame import page
from ui.job import ask_button, job_panel
from ui.parts import Column, draw, lines, note, panel, table

SCORES = (
    Column("Share", "symbol"), Column("Account", "account", optional=True),
    Column("Written", "written"), Column("The card was", "what"),
    Column("What the market did", "came"), Column("P&L after charges", "left", number=True),
)  # fmt: skip

desk = page("Reports", redraw_on=reports_signature)
view = reports_view(desk, chosen=st.session_state.get("report", ""))
scores = scorecard_view(desk)
with st.container(key="split-reports"):
    left, right = st.columns([1, 3.2], gap="medium")
with left:
    draw(panel("Reports", note=view.note))
    labels = {row.key: row.label for row in view.rows}
    if labels:
        st.radio("Report", list(labels), key="report", format_func=labels.__getitem__,
                 label_visibility="collapsed")  # fmt: skip
    ask_button(desk, "report", "Make today's report now", key="make_report", primary=True)
    ask_button(desk, "report", "Make this month's report", key="make_month", month=view.month)
    job_panel(desk, "report", title="Making it", never="Nothing was asked for yet.")
    if scores.sentences:
        draw(panel("Cards nobody traded", lines(scores.sentences), note(WORKED_OUT)))
with right:
    if view.markdown:
        draw(panel(view.title, note=view.written))
        with st.container(key="markdown"):
            st.markdown(view.markdown)
        with st.container(key="report-files", horizontal=True):
            st.download_button("Download .md", view.markdown, f"{view.file}.md", "text/markdown",
                               key="report_md", on_click="ignore")  # fmt: skip
            if can_set():
                st.download_button(
                    "Download .pdf", lambda: pdf(view.markdown), f"{view.file}.pdf",
                    "application/pdf", key="report_pdf", on_click="ignore",
                )  # fmt: skip
    else:
        draw(panel("Report"), note(view.empty))
    fates = table(SCORES, scores.rows, empty=scores.empty, tall=True)
    draw(panel("What became of each card", fates, note=scores.note))
