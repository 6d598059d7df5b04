"""Every rule of a draft with its value, and where it came from, as screens and terminal show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.mandates.drafted import why
from core.mandates.fields import FIELDS
from core.mandates.from_answers import settled
from core.mandates.intake_words import Draft, applies, assumed, in_words, is_closed
from core.mandates.questions import OF_FIELD

Mark = Literal["said", "suggested", "assumed", "open"]


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as the page shows it; `source` is where it came from, in words."""

    key: str
    label: str
    value: str
    mark: Mark
    source: str


def rows(draft: Draft) -> tuple[Row, ...]:
    """Every rule with its value and where it came from; assumed once its question is closed."""
    given, stands = draft["answers"], settled(draft)
    made = []
    for field in FIELDS:
        key = field.key
        if not applies(key, draft):
            continue
        if key in given:
            told = draft["sources"][key]
            how: Mark = "said" if told["how"] == "said" else "suggested"
            made.append(Row(key, field.label, in_words(draft, key, given[key]), how, told["words"]))
            continue
        closed = is_closed(OF_FIELD[key], draft)
        value = assumed(key, draft, stands) if closed else None
        if value is None:
            if key in OF_FIELD[key].needs:
                made.append(Row(key, field.label, "–", "open", "not asked yet"))
            continue
        shown = in_words(draft, key, value)
        made.append(Row(key, field.label, shown, "assumed", why(key, value, draft)))
    return tuple(made)
