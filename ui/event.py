"""One event opened: its text, how it was read, and each decision stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.views.decided import DecidedRow
from core.views.events import OpenedEvent
from ui.markup import Markup, fill, plain
from ui.parts import Column, draw, key_values, note, panel, table

READ = (
    Column("Share", "symbol"),
    Column("Tag", "kind"),
    Column("Tilt", "tilt"),
    Column("Impact", "impact", number=True),
    Column("Sure", "confidence", number=True),
    Column("Words that decided", "words", wraps=True),
)
STAGES = (
    Column("Stage", "stage", width="92px"),
    Column("Said", "said", width="84px"),
    Column("Why", "why", wraps=True),
)


def event_panel(event: OpenedEvent) -> None:
    """Headline, text, facts and readings, with a link to each share."""
    body = fill('<div class="m-quote">{body}</div>', body=event.body) if event.body else Markup("")
    headline = fill('<p class="m-b">{headline}</p>', headline=event.headline)
    draw(
        panel("Event", headline, body, key_values(event.facts)),
        panel(
            "Read as",
            table(READ, event.read, empty="It names no share of the universe."),
            note=f"{len(event.read)} shares" if len(event.read) != 1 else "1 share",
        ),
    )
    for isin, symbol in event.isins:
        st.page_link("pages/markets.py", label=f"Open {plain(symbol)} in Markets",
                     query_params={"isin": isin})  # fmt: skip


def decided_panel(rows: Sequence[DecidedRow]) -> None:
    """Each decision with its stages, in the order of the pipeline."""
    if not rows:
        draw(panel("Decisions", note("No account looked at it: the tape's last column says why."),
                   note="0"))  # fmt: skip
        return
    cards = len({row.card_id for row in rows if row.card_id})
    draw(panel("Decisions", note=f"{len(rows)} · {cards} different cards"))
    for number, row in enumerate(rows):
        label = plain(f"{row.title}: {row.answer.text}, {row.at}")
        with st.expander(label, expanded=number == 0):
            draw(table(STAGES, row.stages))
            if row.card_id:
                st.page_link("pages/cards.py", label=f"Open the card of {plain(row.title)}",
                             query_params={"card": row.card_id})  # fmt: skip
