"""What a person does on the Models page: choose, train, promote, roll back, answer a proposal."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.jobs import ask, call_off_job
from core.desk.models_use import promote, rollback
from core.desk.retrain import accept, dismiss
from core.views.job import job_view
from core.views.models import ModelsView
from ui.frame import PERSON, act, can_write, say
from ui.job import job_panel
from ui.parts import Column, draw, note, panel, rule, table

KINDS = "models_kinds"
READ = "models_read"
VERSION = "models_version"
BESIDE = (Column("", "what"), Column("This candidate", "new", wraps=True),
          Column("In use", "old", wraps=True))  # fmt: skip


def version_box(view: ModelsView) -> None:
    """Which version the card shows; the one in use unless a person looks at another."""
    if len(view.names) == 1:
        return
    draw(note(view.waiting))
    first = view.names.index(view.in_use) if view.in_use in view.names else 0
    st.selectbox("Version shown", view.names, first, key=VERSION)


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
        st.form_submit_button("Train", type="primary", on_click=_train, args=(desk,),
                              disabled=busy or not can_write(desk))  # fmt: skip
    job_panel(desk, "train", title="Training", never="No training was asked for yet.")
    if going is not None and busy:
        st.button("Call off", key="train_off", on_click=act,
                  args=(call_off_job, desk, going.id), kwargs={"by": PERSON})  # fmt: skip


def beside_panel(desk: Desk, view: ModelsView, *, version: str) -> None:
    """A version beside the one in use, what speaks against it, and the way to promote it."""
    if not view.beside:
        return
    draw(panel("Beside the one in use", table(BESIDE, view.beside),
               *(rule(f"{one[:1].upper()}{one[1:]}.", tone="warn")
                 for one in view.warnings)))  # fmt: skip
    if not view.can_promote:
        return
    read = not view.warnings or st.checkbox(
        "I have read the warnings and want it all the same", key=f"{READ}-{version}"
    )
    st.button(f"Promote {version}", key="promote", type="primary", disabled=not read,
              on_click=_promote, args=(desk, version, bool(view.warnings)))  # fmt: skip


def rollback_button(desk: Desk, view: ModelsView) -> None:
    """One press back to the version that was in use before."""
    if view.back_to:
        st.button(f"Roll back to {view.back_to}", key="rollback", on_click=act,
                  args=(rollback, desk), kwargs={"by": PERSON})  # fmt: skip


def proposal_panel(desk: Desk, view: ModelsView) -> None:
    """The training that the worker proposes, and a person's answer."""
    if not view.proposal:
        draw(panel("Proposed training", note(view.answered)))
        return
    draw(panel("Proposed training", rule(view.proposal, tone="warn")))
    with st.container(horizontal=True):
        st.button("Train as proposed", key="accept", type="primary", on_click=act,
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


def _promote(desk: Desk, version: str, despite: bool) -> None:
    act(promote, desk, version, by=PERSON, despite=despite)
    st.session_state.pop(VERSION, None)  # the page opens on what is in use
