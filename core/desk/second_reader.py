"""A language model as the second reader of a turn: asked only where the first one is not sure.

What goes out is the question and what was typed, nothing of any account. What comes back is
checked in `core.mandates.proposals`; a model that is late, wrong or absent leaves the first
reader's answer and a quiet note.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.config import Settings
from core.domain.instrument import Instrument
from core.domain.llm import LanguageModel
from core.errors import BadSetting, SourceFailed
from core.llm.choice import chosen, model_of
from core.mandates import intake
from core.mandates.commands import command_of, is_hostile
from core.mandates.found import Reading
from core.mandates.intake_words import Draft
from core.mandates.proposals import check, form_for, proposals_of
from core.providers.keys import FindKey, find_key

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What the second reader adds: values to be confirmed, and a note."""

    offers: dict[str, Any] = field(default_factory=dict)
    note: str = ""


def second_reader(settings: Settings, find: FindKey = find_key) -> tuple[LanguageModel | None, str]:
    """The model of the settings, or None, with a note where it is set up wrongly."""
    try:
        choice = chosen(settings.llm, address=settings.llm_address, find=find)
    except (BadSetting, SourceFailed) as wrong:
        return None, f"Read without a language model: {wrong}."
    return (None, "") if choice is None else (model_of(choice), "")


def read_again(
    model: LanguageModel, draft: Draft, text: str, *, universe: Sequence[Instrument]
) -> SecondReading:
    """Ask a model about a turn that the first reader did not read to its end."""
    if command_of(text) is not None or is_hostile(text) or len(text) > intake.TEXT_MAX:
        return SecondReading()
    reading = intake.read_turn(draft, text, universe=universe)
    if not is_unsure(reading, draft):
        return SecondReading()
    try:
        asked = intake.next_question(draft)
        answer = model.fill(form_for(text, asked=asked.key if asked else ""))
        proposals = proposals_of(answer)
    except SourceFailed as failed:
        LOG.info("intake read without a model: %s", failed)
        return SecondReading(note=f"Read without a language model: {failed}.")
    checked = check(proposals, text, draft, reading, universe=universe)
    LOG.info(
        "intake read with %s: %d to confirm, %d dropped",
        model.label, len(checked.offers), checked.dropped,
    )  # fmt: skip
    if not checked.offers:
        return SecondReading(note=f"{model.label} found nothing more in these words.")
    return SecondReading(checked.offers, f"Read again with {model.label}.")


def is_unsure(reading: Reading, draft: Draft) -> bool:
    """Whether the first reader asked back, left a number over, or found nothing."""
    return bool(reading.unclear or reading.left) or not (reading.found or reading.offers)
