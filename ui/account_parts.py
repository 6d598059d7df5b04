"""Panels of one account, and what changes its life: pause, resume, close, clone."""

from __future__ import annotations

import streamlit as st

from core.desk.account import clone_account, close_account, pause_account, resume_account
from core.desk.desk import Desk
from core.errors import MunimError
from core.views.account import AccountView
from core.views.accounts import account_names
from core.views.mandate_diff import compare
from ui.account_forms import is_signing, mandate_form, meant, money_form, release_form
from ui.frame import PERSON, say
from ui.markup import Markup, plain
from ui.parts import Column, cell, cells, draw, lines, note, panel, rule, table
from ui.performance import performance_block
from ui.plan_forms import plan_form, plan_history
from ui.tables import csv_button

CASH = (Column("", "step"), Column("Amount", "amount", number=True),
        Column("", "share", optional=True), Column("", "why", wraps=True))  # fmt: skip
HOLDINGS = (Column("Instrument", "symbol", wraps=True), Column("Qty", "qty", number=True),
            Column("Avg cost", "avg", number=True, spare=True), Column("LTP", "ltp", number=True),
            Column("Cur. val", "value", number=True), Column("P&L", "pnl", number=True),
            Column("Net chg %", "change", number=True, spare=True),
            Column("Weight", "weight", number=True, optional=True),
            Column("Stop", "stop", number=True, optional=True))  # fmt: skip
MOVES = (Column("When, IST", "at"), Column("Amount", "amount", number=True),
         Column("Reference", "words", wraps=True))  # fmt: skip
RULES = (Column("Rule", "rule"), Column("Value", "value", number=True, wraps=True),
         Column("Of equity now", "worth", number=True),
         Column("Before", "before", number=True, wraps=True, spare=True))  # fmt: skip
VERSIONS = (Column("Version", "version"), Column("Signed, IST", "signed"), Column("By", "by"),
            Column("Changed", "changed", wraps=True), Column("Why", "why", wraps=True))  # fmt: skip
PAYMENTS = (Column("No.", "number", number=True), Column("Due", "due"),
            Column("Amount", "amount", number=True), Column("", "status"),
            Column("", "why", wraps=True))  # fmt: skip
TRANCHES = (Column("No.", "number", number=True), Column("Amount", "amount", number=True),
            Column("Waits for", "trigger", wraps=True), Column("", "status"),
            Column("", "why", wraps=True))  # fmt: skip
PAUSES = (
    "Its waiting cards end and no new one can be approved. Stops, targets and exits go on and "
    "tranches are let go. An entry already at the broker may still fill; Halt takes it back."
)
RESUMES = "New cards follow with the next scan; those that ended with the pause stay ended."
NOTHING_HELD = "Nothing is held. A position appears when an approved card of this account filled."
NO_CASH = "Nothing can be put to work here now."
ATR = "ATR, average true range: how far the share usually moves in a day."


def head(view: AccountView) -> None:
    """Name, state and figures; a stopped account says by whom and why."""
    state = cell(view.state) if view.state else Markup("")
    stopped = rule(view.paused, tone="warn") if view.paused else Markup("")
    draw(panel(view.name, state, stopped, cells(view.figures),
               note=f"{view.about} · {view.figures_note}"))  # fmt: skip


def money(desk: Desk, view: AccountView) -> None:
    """The waterfall and what is held; what moved and the form to move more."""
    with st.container(key="split-money"):
        left, right = st.columns([1.5, 1], gap="medium")
    with left:
        draw(panel("Where the cash is", table(CASH, view.cash, empty=NO_CASH), note=view.cash_note),
             panel("Holdings", table(HOLDINGS, view.holdings, empty=NOTHING_HELD),
                   note=view.holdings_note))  # fmt: skip
        csv_button("Holdings CSV", view.lines, file=f"holdings-{view.id}.csv",
                   key=f"csv_holdings_{view.id}")  # fmt: skip
    with right:
        draw(panel("Money in and out", table(MOVES, view.moves, empty="No money has moved yet."),
                   note=f"{view.free} can be taken out"))  # fmt: skip
        if view.is_open:
            money_form(desk, view)


def performance(desk: Desk, view: AccountView) -> None:
    """Returns since the first money, drawdown and the index."""
    performance_block(desk, view.id)
    st.page_link("pages/pnl.py", label="Each day, charges and who earned it, on P&L",
                 query_params={"account": view.name})  # fmt: skip


def mandate(desk: Desk, view: AccountView) -> None:
    """The rules that stand, and the form of the next version."""
    with st.container(key="split-signing" if is_signing(view) else "split-mandate"):
        left, right = st.columns([1.2, 1], gap="medium")
    with left:
        draw(panel("Mandate", table(RULES, view.rules), note(ATR), note=view.rules_note))
    with right:
        if view.is_open:
            draw(panel(f"Change it: version {view.mandate.version + 1}"))
            st.page_link("pages/intake.py", label="Talk it through instead",
                         query_params={"account": view.id})  # fmt: skip
            mandate_form(desk, view)


def funding(desk: Desk, view: AccountView) -> None:
    """What is promised, what came, what waits; and the form of the next plan."""
    found = view.funding
    with st.container(key="split-funding"):
        left, right = st.columns([1.5, 1], gap="medium")
    with left:
        asked = rule(found.asked, tone="warn") if found.asked else Markup("")
        draw(panel("Funding plan", note(found.words), asked))
        if found.tranches:
            draw(panel("Tranches", table(TRANCHES, found.tranches), note(found.measured),
                       note=found.tranches_note))  # fmt: skip
        if found.instalments:
            draw(panel("Instalments", table(PAYMENTS, found.instalments),
                       note=found.instalments_note))  # fmt: skip
        plan_history(desk, view)
    with right:
        if view.is_open:
            release_form(desk, view)
            draw(panel("Change the plan" if view.plan else "Make a plan"))
            plan_form(desk, view)


def versions(desk: Desk, view: AccountView) -> None:
    """Who signed what and why, and any two mandates side by side."""
    draw(panel("Versions", table(VERSIONS, view.versions), note=str(len(view.versions))))
    names = dict(account_names(desk))
    latest = view.mandate.version
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox("Version", range(latest, 0, -1), min(1, latest - 1), width=110,
                             key=f"left_{view.id}")  # fmt: skip
        other = st.selectbox(
            "Against",
            list(names),
            list(names).index(view.id),
            width=240,
            format_func=names.__getitem__,
            key=f"other_{view.id}",
        )
        version = st.number_input("Version (0: the one that stands)", 0, 999, 0, width=200,
                                  key=f"right_{view.id}")  # fmt: skip
        every = st.checkbox("Rules that agree too", key=f"every_{view.id}")
    _compare(desk, (view.id, int(first)), (other, int(version) or None), every=every)


def _compare(
    desk: Desk, left: tuple[str, int], right: tuple[str, int | None], *, every: bool
) -> None:
    try:
        found = compare(desk, left, right, every=every)
    except MunimError as no:
        draw(rule(str(no)))
        return
    columns = (Column("Rule", "rule"), Column(found.left, "left", number=True, wraps=True),
               Column("₹", "left_worth", number=True, optional=True),
               Column(found.right, "right", number=True, wraps=True),
               Column("₹", "right_worth", number=True, optional=True))  # fmt: skip
    empty = "Both have the same rules."
    draw(panel("Side by side", table(columns, found.rows, empty=empty), note=found.note))


def life(desk: Desk, view: AccountView) -> None:
    """Pause, resume, clone and close."""
    if not view.is_open:
        draw(
            note("This account is closed; its books and its record stay. Its rules can be cloned.")
        )
        _clone_form(desk, view)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _pause_form(desk, view)
        _clone_form(desk, view)
    with right:
        _close_form(desk, view)


def _pause_form(desk: Desk, view: AccountView) -> None:
    label, does = ("Resume", resume_account) if view.may_resume else ("Pause", pause_account)
    draw(panel(label, note(RESUMES if view.may_resume else PAUSES)))
    with st.form(f"pause_form_{view.id}", border=False):
        st.text_input("Why", key=f"pause_why_{view.id}")
        st.form_submit_button(f"{label} {plain(view.name)}", key=f"pause_{view.id}",
                              disabled=not (view.may_pause or view.may_resume),
                              on_click=meant, args=(_stop, desk, view, does))  # fmt: skip


def _clone_form(desk: Desk, view: AccountView) -> None:
    draw(panel("Clone", note("A new account at the same login under these rules, without money.")))
    with st.form(f"clone_form_{view.id}", border=False):
        st.text_input("Name of the new account", key=f"clone_name_{view.id}")
        st.form_submit_button("Open it", key=f"clone_{view.id}", on_click=meant,
                              args=(_clone, desk, view))  # fmt: skip


def _close_form(desk: Desk, view: AccountView) -> None:
    head = "It still has:" if view.left else "Nothing is left in it, so it can be closed for good."
    draw(panel("Close", note(head), lines(view.left)))
    with st.form(f"close_form_{view.id}", border=False):
        st.text_input("Why", key=f"close_why_{view.id}")
        st.form_submit_button(f"Close {plain(view.name)}", key=f"close_{view.id}",
                              disabled=bool(view.left), on_click=meant,
                              args=(_close, desk, view))  # fmt: skip


def _stop(desk: Desk, view: AccountView, does: object) -> None:
    why = st.session_state[f"pause_why_{view.id}"]
    if does is pause_account:
        pause_account(desk, view.id, why=why, by=PERSON)
        say(f"{view.name} is paused.", tone="ok")
    else:
        resume_account(desk, view.id, why=why, by=PERSON)
        say(f"{view.name} trades again.", tone="ok")


def _clone(desk: Desk, view: AccountView) -> None:
    made = clone_account(desk, view.id, name=st.session_state[f"clone_name_{view.id}"], by=PERSON)
    say(f"{made.name} is open under the rules of {view.name}; add money to it.", tone="ok")


def _close(desk: Desk, view: AccountView) -> None:
    close_account(desk, view.id, why=st.session_state[f"close_why_{view.id}"], by=PERSON)
    say(f"{view.name} is closed.", tone="ok")
