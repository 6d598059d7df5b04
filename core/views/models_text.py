"""A model's card as Markdown, and its manifest as it was hashed, to keep outside the desk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

from core.domain.words import number, pct
from core.views.models_card import ModelCard, Point
from core.views.shown import Meter, Tag, Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

HEADS: dict[str, str] = {
    "kind": "member", "ic": "rank IC", "interval": "95 % interval", "sessions": "ahead",
    "top": "target first, best fifth", "base": "target first, all", "ece": "calibration error",
    "held": "inside its range", "says": "verdict", "name": "",
}  # fmt: skip


def card_markdown(card: ModelCard) -> str:
    """The whole card in plain words and tables, as it stands on the page."""
    warned = [f"**Refused.** {_capital(card.refused)}."] if card.refused else []
    if card.suspect:
        warned.append(f"**This looks like a leak:** {card.suspect}. Trust nothing it says until "
                      "shown otherwise.")  # fmt: skip
    parts = [
        f"# Model {card.version}",
        f"{_capital(card.stands)}, trained {card.trained} IST.",
        *warned,
        card.vote,
        "## Figures, out of sample",
        _table(
            ["figure", "value", ""], [[one.label, one.value, one.detail] for one in card.figures]
        ),
        *_section("Members", card.members),
        *_reliability(card.bins, f"Said against came, {card.record}", card.bins_note),
        *_section("Ranges of the coming sessions", card.coverage),
        *_section(f"By year, {card.record}", card.years),
        *_section(f"By regime as known at the close, {card.record}", card.regimes),
        *_section("Baselines on the same cases", card.baselines),
        *_section("Features it leans on, mean move of the log-odds", card.features),
        *_section("What losing a group costs, hundredths of log loss", card.groups),
        "## About it",
        _table(["", ""], [list(pair) for pair in card.about]),
    ]
    return "\n\n".join(parts) + "\n"


def manifest_json(manifest: Mapping[str, Any]) -> str:
    """The manifest in the very bytes whose SHA-256 is the version's."""
    return json.dumps(manifest, sort_keys=True, indent=1)


def _section(title: str, rows: Sequence[object]) -> list[str]:
    """A heading and its rows, every field of them; "Not measured." without rows."""
    if not rows:
        return [f"## {title}", "Not measured."]
    first = cast("DataclassInstance", rows[0])
    drawn = {one.name for one in fields(first) if isinstance(getattr(first, one.name), Meter)}
    names = [one.name for one in fields(first) if one.name not in drawn]
    cells = [[_cell(getattr(row, name)) for name in names] for row in rows]
    return [f"## {title}", _table([HEADS.get(name, name) for name in names], cells)]


def _reliability(bins: Sequence[Point], title: str, note: str) -> list[str]:
    if not bins:
        return [f"## {title}", "Not measured."]
    rows = [
        [
            pct(one.said, digits=1),
            pct(one.came, digits=1),
            f"{pct(one.low, digits=1)} to {pct(one.high, digits=1)}",
            number(one.n, 0),
        ]
        for one in bins
    ]
    said = [f"{_capital(note)}."] if note else []
    return [f"## {title}", *said, _table(["said", "came", "95 % interval", "n"], rows)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_plain(one) for one in line) + " |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, Tag | Text):
        return value.text
    return str(value)


def _plain(text: str) -> str:
    """Text that ends no cell early."""
    return text.replace("|", "\\|").replace("\n", " ")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
