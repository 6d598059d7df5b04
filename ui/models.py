"""What a person does on the Models page: choose, train, promote, roll back, answer, and keep."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.desk.desk import Desk
from core.desk.jobs import ask, call_off_job
from core.desk.models_use import promote, rollback
from core.desk.retrain import accept, dismiss
from core.views.job import job_view
from core.views.models import ModelsView
from core.views.models_card import ModelCard
from core.views.models_drift import DriftView
from core.views.models_text import card_markdown, manifest_json
from ui.frame import PERSON, act, can_write, say
from ui.job import job_panel
from ui.models_card import reliability_plot
from ui.parts import Column, draw, note, panel, rule, table

KINDS = "models_kinds"
READ = "models_read"
VERSION = "models_version"
RECORD = "models_record"
WHY, WHY_BACK = "models_why", "models_why_back"
DRIFT = (
    Column("Feature", "name", wraps=True), Column("PSI", "psi", number=True),
    Column("Furthest before", "usual", number=True), Column("", "says", wraps=True),
)  # fmt: skip
BESIDE = (Column("", "what"), Column("This candidate", "new", wraps=True),
          Column("In use", "old", wraps=True))  # fmt: skip


def version_box(view: ModelsView) -> None:
    """Which version the card shows; the one in use unless a person looks at another."""
    names, first = list(view.labels), view.in_use
    if len(names) > 1:
        draw(note(view.waiting))
        st.selectbox("Version shown", names, names.index(first) if first in names else 0,
                     key=VERSION, format_func=view.labels.__getitem__)  # fmt: skip


def record_box(view: ModelsView) -> None:
    """Whose record the card tells; the pool's unless a person chooses a member's."""
    if len(view.records) > 1:
        st.selectbox("Record of", list(view.records), key=RECORD,
                     format_func=view.records.__getitem__)  # fmt: skip


def train_panel(desk: Desk, view: ModelsView) -> None:
    """Choose kinds of models, train, watch and call off."""
    going = job_view(desk, "train")
    busy = going is not None and going.going
    draw(panel("Train", note("Each kind must earn its vote on sessions it has not seen; a new "
                             "version waits until a person promotes it."),
               note(view.not_installed)))  # fmt: skip
    words = dict(view.kinds)
    with st.form("train", border=False):
        usual = [one for one in view.standard if one in words]
        st.multiselect("Kinds of models", list(words), usual, key=KINDS,
                       format_func=words.__getitem__, disabled=busy)  # fmt: skip
        first = not (view.proposal or view.can_promote)  # one filled button on a screen
        st.form_submit_button("Train", type="primary" if first else "secondary",
                              on_click=_train, args=(desk,),
                              disabled=busy or not can_write(desk))  # fmt: skip
    job_panel(desk, "train", title="Training", never="No training was asked for yet.")
    if going is not None and busy:
        st.button("Call off", key="train_off", on_click=act,
                  args=(call_off_job, desk, going.id), kwargs={"by": PERSON})  # fmt: skip


def beside_panel(desk: Desk, view: ModelsView, *, version: str) -> None:
    """A version beside the one in use, what speaks against it, and the way to promote it."""
    if view.beside:
        draw(panel("Beside the one in use", table(BESIDE, view.beside),
                   *(rule(f"{one[:1].upper()}{one[1:]}.", tone="warn")
                     for one in view.warnings)))  # fmt: skip
    if not view.can_promote:
        return
    read = not view.warnings or st.checkbox(
        "I have read the warnings and want it all the same", key=f"{READ}-{version}"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Why, for the record", key=WHY, max_chars=200)
        st.button(f"Promote {version}", key="promote", type="primary", disabled=not read,
                  on_click=_promote,
                  args=(desk, version, bool(view.warnings), view.in_use))  # fmt: skip


def rollback_panel(desk: Desk, view: ModelsView) -> None:
    """One press back to the version that was in use before, or why there is none to go back to."""
    draw(note(view.no_way_back))
    if view.back_to:
        st.text_input("Why roll back, for the record", key=WHY_BACK, max_chars=200)
        st.button(f"Roll back to {view.back_to}", key="rollback", on_click=_roll_back,
                  args=(desk,))  # fmt: skip


def files_of(card: ModelCard, manifest: Mapping[str, Any]) -> None:
    """The card and the manifest to keep; a version that is refused has no manifest to give."""
    with st.container(key="models-files", horizontal=True):
        st.download_button("Card .md", partial(card_markdown, card), f"{card.version}.md",
                           "text/markdown", key="card_md", on_click="ignore")  # fmt: skip
        if manifest:
            st.download_button("Manifest .json", partial(manifest_json, manifest),
                               f"{card.version}.json", "application/json", key="manifest_json",
                               on_click="ignore")  # fmt: skip


def drift_panel(view: DriftView) -> None:
    """How far features and probabilities moved, each with its verdict."""
    said = rule(view.said, tone=view.tone) if view.tone else note(view.said)
    draw(panel("Drift of the model in use", note(view.empty), said, note=view.note))
    if view.bins:
        reliability_plot(view.bins, key="drift_bins")
    if view.features:
        draw(*([table(DRIFT, view.rows)] if view.rows else []), note(view.features))


def proposal_panel(desk: Desk, view: ModelsView) -> None:
    """The training that the worker proposes, and a person's answer."""
    if not view.proposal:
        draw(panel("Proposed training", note(view.answered)))
        return
    draw(panel("Proposed training", rule(view.proposal, tone="warn")))
    with st.container(horizontal=True):
        st.button("Train as proposed", key="accept",
                  type="secondary" if view.can_promote else "primary", on_click=act,
                  args=(accept, desk), kwargs={"by": PERSON},
                  disabled=not can_write(desk))  # fmt: skip
        st.button("Dismiss", key="dismiss", on_click=act, args=(dismiss, desk),
                  kwargs={"by": PERSON})  # fmt: skip


def _train(desk: Desk) -> None:
    kinds = list(st.session_state[KINDS])
    if kinds:
        act(ask, desk, "train", by=PERSON, kinds=kinds)
    else:
        say("No kind of model is chosen; choose one or more to train.")


def _promote(desk: Desk, version: str, despite: bool, over: str) -> None:
    why = str(st.session_state.get(WHY) or "")
    act(promote, desk, version, by=PERSON, despite=despite, over=over, why=why)
    for key in (VERSION, WHY):  # the page opens on what is in use
        st.session_state.pop(key, None)


def _roll_back(desk: Desk) -> None:
    act(rollback, desk, by=PERSON, why=str(st.session_state.get(WHY_BACK) or ""))
    st.session_state.pop(WHY_BACK, None)
