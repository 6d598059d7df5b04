"""The Treasury page's parts: a transfer with its buttons, suggestions, and the forms."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.desk.desk import Desk
from core.desk.suggest_transfers import keep_to_deploy
from core.desk.take_back import take_back
from core.desk.transfer import approve, cancel, confirm, propose
from core.domain.transfer import OWNER, Transfer
from core.domain.words import rupees
from core.treasury.suggest import Suggestion
from core.views.ledger import entry_lines, lines_csv
from core.views.transfer_rows import TransferRow
from core.views.treasury import TreasuryView, account_choices
from ui.amount import amount_box, amount_or_none, amount_typed
from ui.frame import PERSON, act, say
from ui.markup import fill, plain
from ui.parts import Column, cell, draw, note, panel, table

STEPS = (Column("Step", "step", wraps=True), Column("Expected", "due"),
         Column("Seen", "seen", number=True),
         Column("By", "by", wraps=True, spare=True))  # fmt: skip
CASH = (Column("Cash", "line"), Column("Books", "books", number=True),
        Column("Broker", "broker", number=True), Column("Differs", "differs", number=True),
        Column("", "why", wraps=True, spare=True))  # fmt: skip
TRIAL = (Column("Ledger", "kind"), Column("Accounts", "ledgers", number=True),
         Column("Sum", "amount", number=True), Column("What it is", "meaning", wraps=True,
         spare=True))  # fmt: skip
MOVES = (Column("When", "when"), Column("Account", "account", wraps=True),
         Column("Amount", "amount", number=True), Column("For", "words", wraps=True),
         Column("", "state", wraps=True, spare=True))  # fmt: skip
CALLED_OFF = "called off on the Treasury page"


def transfer_part(desk: Desk, row: TransferRow, *, is_first: bool) -> None:
    """One transfer: what it is, its steps, and its buttons; that of the first one is filled."""
    kind: Literal["primary", "secondary"] = "primary" if is_first else "secondary"
    about = fill('<p class="m-note">{tag} <span class="m-mute">{about}</span></p>',
                 tag=cell(row.status), about=row.about)  # fmt: skip
    draw(panel(row.title, about, table(STEPS, row.steps), note=row.id))
    if row.ask:
        amount_box(row.ask, key=f"seen_{row.id}", value=row.on_its_way)
    with st.container(key=f"transfer_{row.id}", horizontal=True):
        if row.seen:
            st.button(f"Approve {row.title}", key=f"approve_{row.id}", type=kind,
                      on_click=act, args=(_approve, desk, row))  # fmt: skip
        if row.ask:
            st.button("Confirm this step", key=f"confirm_{row.id}", type=kind, on_click=act,
                      args=(_confirm, desk, row))  # fmt: skip
        if row.can_cancel:
            st.button("Call it off", key=f"cancel_{row.id}", on_click=act,
                      args=(_cancel, desk, row))  # fmt: skip


def suggestion_part(desk: Desk, view: TreasuryView) -> None:
    """What could be moved, each with a button that proposes it."""
    for number, row in enumerate(view.suggestions):
        draw(fill('<p class="m-note"><b class="m-b">{title}</b> <span class="m-mute">{why}</span>'
                  "</p>", title=row.title, why=row.why))  # fmt: skip
        st.button(f"Propose {row.title}", key=f"suggested_{number}", on_click=act,
                  args=(_suggested, desk, row.suggestion))  # fmt: skip
    if not view.suggestions:
        draw(
            note("Nothing is suggested. Say below what an account keeps, and it may give the rest.")
        )


def propose_form(desk: Desk, view: TreasuryView) -> None:
    """A transfer in a person's own words."""
    names = dict(view.accounts)
    giver = st.selectbox("From", list(names), format_func=lambda one: plain(names[one]),
                         key="transfer_from")  # fmt: skip
    to = dict(account_choices(view, but=giver))
    st.selectbox("To", list(to), format_func=lambda one: plain(to[one]), key="transfer_to")
    amount_box("Amount, ₹", key="transfer_amount")
    st.text_input("What it is for", key="transfer_reason")
    st.checkbox("It pays an instalment of the account that gets it", key="transfer_pays")
    st.button("Propose", key="transfer_propose", on_click=act, args=(_propose, desk))


def keep_form(desk: Desk, view: TreasuryView) -> None:
    """What an account keeps to deploy before it may give; ₹0 in an empty field is no rule."""
    names = dict(view.accounts)
    chosen = st.selectbox("Account", list(names), format_func=lambda one: plain(names[one]),
                          key="keep_account")  # fmt: skip
    kept = view.keeps.get(chosen)
    said = f"It keeps {rupees(kept)}." if kept is not None else "It gives nothing by itself."
    draw(note(f"{said} Leave the field empty for no rule."))
    amount_box("Keeps to deploy, ₹", key=f"keep_{chosen}")
    st.button("Save the rule", key="keep_save", on_click=act, args=(_keep, desk, chosen))


def books_part(desk: Desk, view: TreasuryView) -> None:
    """What the books hold: money that came and went, each login's cash and the trial balance."""
    with st.expander("Money that came and went"):
        draw(panel("Deposits and withdrawals", table(MOVES, view.moves, empty="None yet.")))
        _take_back_form(desk, view)
    for login in view.logins:
        with st.expander(f"{plain(login.label)}: cash, line by line"):
            draw(panel(login.label, table(CASH, login.lines), note=login.note))
    with st.expander("Trial balance"):
        draw(panel("Trial balance", table(TRIAL, view.trial, empty="Nothing is posted."),
                   note=view.trial_note))  # fmt: skip


def _take_back_form(desk: Desk, view: TreasuryView) -> None:
    """A deposit or withdrawal that was booked wrongly, reversed by an entry with a reason."""
    names = {one.id: one.choice for one in view.moves if one.choice}
    if not names:
        return
    with st.form("take_back", border=False, clear_on_submit=True):
        st.selectbox("Booked wrongly", list(names), format_func=lambda one: plain(names[one]),
                     index=None, placeholder="Choose an entry", key="back_entry")  # fmt: skip
        st.text_input("What was wrong with it", key="back_reason")
        st.form_submit_button("Take it back", on_click=act, args=(_take_back, desk))


def entries_button(desk: Desk, day: str) -> None:
    """The whole ledger as CSV, made when it is asked for."""
    st.download_button("Ledger CSV", lambda: lines_csv(desk, entry_lines(desk)),
                       f"ledger-{day}.csv", "text/csv", key="ledger_csv",
                       on_click="ignore")  # fmt: skip


def _approve(desk: Desk, row: TransferRow) -> None:
    _tell(approve(desk, row.id, seen=row.seen, by=PERSON), row)


def _confirm(desk: Desk, row: TransferRow) -> None:
    if row.next_step is not None:
        seen = amount_typed(f"seen_{row.id}", name="what was seen")
        _tell(confirm(desk, row.id, row.next_step.name, seen=seen, by=PERSON), row)


def _cancel(desk: Desk, row: TransferRow) -> None:
    _tell(cancel(desk, row.id, because=CALLED_OFF, by=PERSON), row)


def _tell(now: Transfer, row: TransferRow) -> None:
    step = now.next_step
    more = f"; next: {step.name}" if step and now.status == "MOVING" else ""
    say(f"{row.title}: {now.status.lower()}{more}.", tone="ok")


def _suggested(desk: Desk, idea: Suggestion) -> None:
    propose(desk, from_account=idea.from_account, to_account=idea.to_account, amount=idea.amount,
            reason=idea.reason, by=PERSON, pays_instalment=idea.pays_instalment)  # fmt: skip
    say("Proposed; it waits for a yes.", tone="ok")


def _propose(desk: Desk) -> None:
    state = st.session_state
    made = propose(
        desk,
        from_account=state["transfer_from"],
        to_account=state["transfer_to"] or OWNER,
        amount=amount_typed("transfer_amount", name="amount"),
        reason=state["transfer_reason"],
        by=PERSON,
        pays_instalment=state["transfer_pays"],
    )
    state["transfer_amount"] = state["transfer_reason"] = ""
    say(f"{rupees(made.amount)} is proposed; it waits for a yes.", tone="ok")


def _take_back(desk: Desk) -> None:
    state = st.session_state
    if state["back_entry"] is None:
        say("Choose the entry that is wrong first.")
        return
    take_back(desk, state["back_entry"], because=state["back_reason"], by=PERSON)
    say("It is taken back; the entry and its reversal stand in the books.", tone="ok")


def _keep(desk: Desk, account_id: str) -> None:
    """Save the rule, unless the press overtook the choice of another account."""
    if st.session_state["keep_account"] != account_id:
        say("Another account was chosen meanwhile: no rule changed. Press it again.")
        return
    told = amount_or_none(f"keep_{account_id}", name="what it keeps")
    keep_to_deploy(desk, account_id, told, by=PERSON)
    say("The rule is saved.", tone="ok")
