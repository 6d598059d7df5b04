"""The bar under a card: two-step Approve, Reject with a reason, Explain.

The first press arms, a second one at least 0.4 s later signs the hash that was on screen when
the first was made. What happened after is said by the store's read-back only.
"""

from __future__ import annotations

import secrets

import streamlit as st

from core.desk.approve import approve_card, reject_card
from core.desk.desk import Desk
from core.domain.order import Side
from core.views.card import CardView
from core.views.card_live import live_card
from core.views.live import LiveClick, live_click
from core.views.shown import Tag
from ui.card_panels import steps
from ui.frame import ARMED, PERSON, act, say
from ui.markup import fill, plain
from ui.parts import draw, tag
from ui.session import page_signer

CONFIRM_AFTER = 0.4  # seconds; both presses are in one place, so a double click is no yes
REJECTING = "approval_rejecting"
REASONS = (
    "Price has moved",
    "Too much of this already",
    "Do not trust the event",
    "Liquidity",
    "Other",
)


def approval_bar(desk: Desk, view: CardView, *, next_card: str) -> None:
    """Draw the bar for an open card, or how far a decided one has got."""
    armed = st.session_state.get(ARMED)
    if armed is not None and armed[:2] != (view.id, view.bound_hash):
        st.session_state.pop(ARMED)
        armed = None
    key = "sell-bar" if view.side is Side.SELL else "buy-bar"
    with (
        st.bottom,
        st.container(key="bar"),
        st.container(key=key, horizontal=True, vertical_alignment="center"),
    ):
        if not view.is_open:
            _decided(desk, view, next_card)
        elif armed is not None:
            _confirm(desk, view, armed[3])
        elif st.session_state.get(REJECTING) == view.id:
            _reject(desk, view)
        else:
            _choices(desk, view)


def _choices(desk: Desk, view: CardView) -> None:
    click = live_click(desk, view.id)
    why = live_card(desk, view.id).blocked_by or click.why_not
    _say_live(click)
    st.button(
        f"Approve {plain(view.button)}",
        key="approve",
        type="primary",
        shortcut="A",
        disabled=bool(why),
        on_click=_arm,
        args=(desk, view),
    )
    st.button("Reject", key="reject", shortcut="X", on_click=_ask_reason, args=(view.id,))
    if st.button("Explain", key="explain", type="tertiary", shortcut="E"):
        st.switch_page("pages/audit.py", query_params={"card": view.id})
    draw(fill("{words}", words=why or view.consequence))


def _say_live(click: LiveClick) -> None:
    if click.live:
        draw(tag(Tag("LIVE · real money", "bad")))


def _confirm(desk: Desk, view: CardView, nonce: str) -> None:
    click = live_click(desk, view.id)
    _say_live(click)
    if click.words:
        st.text_input(
            f"Type {click.words}",
            key=_typed_key(view.id),
            label_visibility="collapsed",
            placeholder=f"Type {click.words}",
            autocomplete="off",
            width=220,
        )
    st.button(
        f"Confirm {plain(view.button)}",
        key="confirm",
        type="primary",
        shortcut=None if click.words else "Enter",  # Enter ends the typing there
        on_click=_approve,
        args=(desk, view.id, view.bound_hash, nonce),
    )
    st.button("Back", key="back", shortcut="Esc", on_click=_disarm)
    draw(fill("{words}", words=view.consequence))


def _reject(desk: Desk, view: CardView) -> None:
    st.selectbox(
        "Reason", REASONS, key=f"reason_{view.id}", label_visibility="collapsed", width=220
    )
    st.text_input(
        "In your words",
        key=f"reason_more_{view.id}",
        label_visibility="collapsed",
        placeholder="In your words (optional)",
        width=280,
    )
    st.button(
        f"Reject {plain(view.symbol)}",
        key="reject_now",
        type="primary",
        shortcut="Enter",
        on_click=_say_no,
        args=(desk, view.id),
    )
    st.button("Back", key="reject_back", shortcut="Esc", on_click=_disarm)


@st.fragment(run_every="1s")
def _progress(desk: Desk, card_id: str) -> None:
    progress = live_card(desk, card_id).progress
    if progress is not None:
        draw(steps(progress))


def _decided(desk: Desk, view: CardView, next_card: str) -> None:
    _progress(desk, view.id)
    if next_card and next_card != view.id:
        st.button("Next card", key="next_card", type="primary", on_click=choose, args=(next_card,))
    if st.button("Explain", key="explain", type="tertiary", shortcut="E"):
        st.switch_page("pages/audit.py", query_params={"card": view.id})


def choose(card_id: str) -> None:
    """Show another card; an armed approval does not follow."""
    keep_shown(card_id)
    _disarm()


def keep_shown(card_id: str) -> None:
    """Stay with this card, now and when the page is opened again; an address names its own."""
    st.session_state["card"] = st.query_params["card"] = card_id


def _arm(desk: Desk, view: CardView) -> None:
    nonce = secrets.token_hex(16)
    st.session_state[ARMED] = (view.id, view.bound_hash, desk.clock.monotonic(), nonce)
    keep_shown(view.id)


def _disarm() -> None:
    st.session_state.pop(ARMED, None)
    st.session_state.pop(REJECTING, None)


def _approve(desk: Desk, card_id: str, seen_hash: str, nonce: str) -> None:
    armed = st.session_state.get(ARMED)
    if armed is None:
        return
    if desk.clock.monotonic() - armed[2] < CONFIRM_AFTER:
        say("Confirm came within 0.4 s of Approve, so nothing was sent. Press it again.")
        return
    _disarm()
    typed = str(st.session_state.pop(_typed_key(card_id), ""))
    act(_sign, desk, card_id, seen_hash=seen_hash, nonce=nonce, typed=typed)


def _sign(desk: Desk, card_id: str, *, seen_hash: str, nonce: str, typed: str) -> None:
    """Approve with the key of this browser's session."""
    approve_card(
        desk,
        card_id,
        seen_hash=seen_hash,
        nonce=nonce,
        approver=PERSON,
        signer=page_signer(desk),
        typed=typed,
    )


def _typed_key(card_id: str) -> str:
    return f"typed_{card_id}"


def _ask_reason(card_id: str) -> None:
    st.session_state[REJECTING] = card_id
    keep_shown(card_id)


def _say_no(desk: Desk, card_id: str) -> None:
    """Reject with what stands in the boxes now, which the press may have overtaken."""
    _disarm()
    reason = str(st.session_state[f"reason_{card_id}"])
    more = str(st.session_state[f"reason_more_{card_id}"]).strip()
    words = f"{reason}: {more}" if more else reason
    act(reject_card, desk, card_id, reason=words, by=PERSON)
