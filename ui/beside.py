"""What stands beside a share's chart: its day, alerts, the quality of its bars, its company."""

from __future__ import annotations

import streamlit as st

from core.desk.alerts import (
    ask_alert,
    ask_event_alert,
    ask_indicator_alert,
    ask_move_alert,
    bring_back_alert,
    drop_alert,
)
from core.desk.desk import Desk
from core.desk.quality import accept_findings
from core.domain.event import EventType
from core.domain.money import Money
from core.errors import BadInput
from core.views.overlays import OVERLAYS, PANES
from core.views.quality import FindingRow, quality_view
from core.views.shown import Text
from core.views.symbol import SymbolView
from ui.company import company_part
from ui.fetch import fetch_one
from ui.frame import PERSON, act
from ui.markup import fill, plain
from ui.parts import Column, draw, key_values, note, panel, table, tag, text

PARTS = ("Share", "Alerts", "Quality", "Company")
PRICE, MOVE, INDICATOR, NEWS = "Price", "Move", "Indicator", "News"
HELD = (Column("Account", "account"), Column("Qty", "qty", number=True),
        Column("Avg ₹", "avg", number=True), Column("P&L", "pnl", number=True))  # fmt: skip
FINDINGS_SHOWN = 5


@st.fragment
def beside(desk: Desk, view: SymbolView) -> None:
    """One of four parts; choosing another draws this column alone."""
    part = st.segmented_control("Beside", PARTS, default=PARTS[0], required=True, key="beside",
                                label_visibility="collapsed")  # fmt: skip
    if part == "Alerts":
        _alerts(desk, view)
    elif part == "Quality":
        _quality(desk, view)
    elif part == "Company":
        company_part(desk, view)
    else:
        _share(view)


def _share(view: SymbolView) -> None:
    draw(panel("Day", key_values(view.day), note=view.day_note), panel("Model", note(view.odds)))
    st.page_link("pages/predictions.py", label=f"Open the forecast of {plain(view.symbol)}",
                 query_params={"symbol": view.symbol})  # fmt: skip
    if view.held:
        draw(panel("Held", table(HELD, view.held)))
    for card in view.cards:
        draw(panel("Card waiting", fill("<div>{words}</div>", words=card.words),
                   note=card.account))  # fmt: skip
        st.page_link("pages/cards.py", label=f"Open the card of {plain(card.account)}",
                     query_params={"card": card.id})  # fmt: skip
    draw(panel("News", *([] if view.said else [note("None is stored for this share.")]),
               note=f"latest {len(view.said)}"))  # fmt: skip
    for row in view.said:
        draw(fill('<div class="m-sm"><span class="m-mute">{when}</span> {kind}</div><div>{head}'
                  "</div>", when=row.when, kind=tag(row.kind), head=row.headline))  # fmt: skip
        st.page_link("pages/events.py", label="What it led to", query_params={"event": row.id})


def _alerts(desk: Desk, view: SymbolView) -> None:
    draw(panel("Alerts", *([] if view.alerts else [note("Nothing is waited for.")]),
               note=f"{len(view.alerts)} waiting"))  # fmt: skip
    for alert in view.alerts:
        with st.container(horizontal=True, vertical_alignment="center"):
            draw(fill("{words}", words=alert.words))
            st.button("Drop", key=f"drop_{alert.id}", type="tertiary", on_click=act,
                      args=(drop_alert, desk, alert.id), kwargs={"by": PERSON})  # fmt: skip
    what = st.segmented_control("Tell me of", (PRICE, MOVE, INDICATOR, NEWS), default=PRICE,
                                required=True, key="alert_what")  # fmt: skip
    with st.form("alert", border=False, clear_on_submit=True):
        _fields(what or PRICE)
        st.form_submit_button("Add alert", on_click=act,
                              args=(_ask, desk, view.symbol, what or PRICE))  # fmt: skip
    if view.told:
        draw(panel("Gone off", note=f"latest {len(view.told)}"))
    for gone in view.told:
        with st.container(horizontal=True, vertical_alignment="center"):
            draw(fill('<div>{words}</div><div class="m-sm"><span class="m-mute">{when}</span> '
                      "{state}</div>", words=gone.words, when=gone.when,
                      state=text(gone.state or Text(""))))  # fmt: skip
            if gone.was_dropped:
                st.button("Undo", key=f"undo_{gone.id}", type="tertiary", on_click=act,
                          args=(bring_back_alert, desk, gone.id),
                          kwargs={"by": PERSON})  # fmt: skip


def _fields(what: str) -> None:
    if what == PRICE:
        st.text_input("At ₹", key="alert_level", placeholder="2,900.00")
    elif what == MOVE:
        st.text_input("Move of the day, %", key="alert_move", placeholder="+3 or -3")
    elif what == NEWS:
        st.selectbox("Kind of news", [kind.value for kind in EventType], key="alert_event")
    else:
        st.selectbox("On a finished daily bar", [*OVERLAYS, *PANES], key="alert_indicator")
        st.segmented_control("Crosses", ("above", "below"), default="above", required=True,
                             key="alert_way")  # fmt: skip
        st.text_input("Value, for those under the chart", key="alert_bound", placeholder="70")


def _ask(desk: Desk, symbol: str, what: str) -> None:
    given = st.session_state
    if what == PRICE:
        level = Money.rupees(given["alert_level"].replace(",", "").strip(" ₹"))
        ask_alert(desk, symbol, level, by=PERSON)
    elif what == MOVE:
        ask_move_alert(desk, symbol, _number(given["alert_move"]) / 100.0, by=PERSON)
    elif what == NEWS:
        ask_event_alert(desk, symbol, EventType(given["alert_event"]), by=PERSON)
    else:
        bound = given["alert_bound"].strip()
        ask_indicator_alert(desk, symbol, given["alert_indicator"],
                            up=given["alert_way"] == "above",
                            bound=_number(bound) if bound else None, by=PERSON)  # fmt: skip


def _number(typed: str) -> float:
    try:
        return float(typed.replace(",", "").replace("\u2212", "-").strip(" %"))
    except ValueError:
        raise BadInput(f"{typed!r} is not a number; write one such as 2.5 or -2.5") from None


def _quality(desk: Desk, view: SymbolView) -> None:
    found = quality_view(desk, symbol=view.symbol)
    mine = next((row for row in found.rows if row.isin == view.isin), None)
    if mine is not None:
        head = (("Score", f"{mine.score} of 100"), ("New cards", mine.tag),
                ("Findings", f"{mine.findings}, {mine.accepted} accepted"))  # fmt: skip
        draw(panel("Score", key_values(head), note(mine.sentence)))
    elif found.sentence.startswith("No prices"):
        draw(panel("Score", note(found.sentence)))
    else:
        draw(panel("Score", key_values((("Score", "100 of 100"),)), note("Nothing was found.")))
    draw(panel("Where it comes from", key_values(view.quality)))
    fetch_one(desk, view.symbol)
    for row in found.findings[:FINDINGS_SHOWN]:
        _finding(desk, row)
    more = len(found.findings) - FINDINGS_SHOWN + found.more
    if more > 0:
        draw(note(f"{more} older findings; munim data quality {view.symbol} lists them."))


def _finding(desk: Desk, row: FindingRow) -> None:
    draw(fill('<div class="m-sm"><span class="m-mute">{day}</span> {kind}</div><div>{said}</div>',
              day=f"{row.session.day} {row.session:%b %Y}", kind=text(row.kind),
              said=row.sentence))  # fmt: skip
    if row.can_accept:
        st.button("Accept this bar", key=f"accept_{row.session}_{row.kind.text}", type="tertiary",
                  on_click=act, args=(accept_findings, desk, row.symbol),
                  kwargs={"session": row.session, "reason": "looked at on the Markets screen",
                          "by": PERSON})  # fmt: skip
    else:
        draw(note(f"Accepted by {row.accepted_by}."))
