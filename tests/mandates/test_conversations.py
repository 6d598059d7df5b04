"""Scripted talks: each ends in exactly what was said, or in an open question; nothing is invented.

The talks stand as text in `conversations`, with what each must come to.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.domain.instrument import CapClass, Instrument
from core.domain.mandate import Objective
from core.domain.money import ZERO, Money
from core.mandates.defaults import RULES
from core.mandates.drafted import assumptions, disagreements, finish
from core.mandates.fields import BY_KEY
from core.mandates.intake import is_agreed, open_questions, reply, rows, seen, start

HERE = Path(__file__).parent / "conversations"
TODAY = date(2026, 11, 21)
LISTED = Path(__file__).parents[2] / "data" / "universe.csv"
UNIVERSE = tuple(
    Instrument(row["isin"], row["symbol"], row["name"], row["sector"], CapClass(row["cap_class"]))
    for row in csv.DictReader(LISTED.read_text().splitlines())
)


@dataclass
class Script:
    """One talk of the files."""

    name: str
    said: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    cash: Money = ZERO


def value_of(key: str, words: str) -> Any:
    """A value of the draft as the files write it."""
    kind = BY_KEY[key].kind
    if words == "usual":
        return getattr(RULES[Objective.BALANCED], key)
    if kind == "percent":
        return pytest.approx(float(words.rstrip("%")) / 100, abs=1e-6)
    if kind == "money":
        return round(Decimal(words) * 100)
    if kind in ("names", "sizes", "strategies"):
        return [one for one in words.split("|") if one]
    if kind == "cash":
        return {"counted": True, "on top": False}[words]
    if kind == "tranches" and words.startswith("₹"):
        rows = [one_part(*one.split(" ", 1)) for one in words.split(", ")]
        named = {"parts": len(rows), "by": "one by one", "fall": 0.0, "event": ""}
        return {**named, "rows": rows}
    if kind == "tranches":
        parts, _, by = words.split(" ", 2)
        name, _, fall = by.partition(" fall ")
        by = f"{name} fall" if fall else by
        return {
            "parts": int(parts),
            "by": by,
            "fall": float(fall.rstrip("%") or 0) / 100,
            "event": "",
        }
    if kind in ("months", "count", "sessions", "day"):
        return int(words)
    return float(words) if kind == "atr" else words


def one_part(amount: str, when: str) -> dict[str, Any]:
    """A part that was named, as the files write it: `₹300000 index fall 5%`."""
    paise = round(Decimal(amount.removeprefix("₹")) * 100)
    by, _, fall = when.partition(" fall ")
    if fall:
        return {"by": f"{by} fall", "on": "", "fall": float(fall.rstrip("%")) / 100, "event": "",
                "paise": paise}  # fmt: skip
    by, _, more = when.partition(" ")
    on, event = (more, "") if by == "date" else ("", more)
    return {"by": by, "on": on, "fall": 0.0, "event": event, "paise": paise}


def scripts() -> list[Script]:
    """Every talk of every file."""
    found: list[Script] = []
    for file in sorted(HERE.glob("*.txt")):
        for line in file.read_text().splitlines():
            mark, _, words = line.partition(" ")
            if mark == "##":
                found.append(Script(f"{file.stem}: {words}"))
            elif mark == "@":
                found[-1].cash = Money.rupees(Decimal(words.removeprefix("cash ")))
            elif mark == ">":
                words = words.removeprefix("LONG ") * (500 if words.startswith("LONG ") else 1)
                found[-1].said.append(words)
            elif mark == "=" and words.strip():
                key, _, value = words.partition(" ")
                found[-1].values[key] = value_of(key, value)
            elif mark == "?":
                found[-1].open.append(words)
            elif mark == "!":
                found[-1].more.append(words)
    return found


def begun(script: Script) -> dict[str, Any]:
    """The empty draft of a talk, on the day and with the cash that it is held."""
    return seen(start("a1", "Event tactical"), today=TODAY, cash=script.cash)


def play(script: Script) -> tuple[dict[str, Any], str]:
    """The draft after every line, and the desk's last words; the draft is stored between turns."""
    draft, said = begun(script), ""
    for line in script.said:
        draft, said = reply(json.loads(json.dumps(draft)), line, universe=UNIVERSE)
    return draft, said


def shown(key: str, value: Any) -> Any:
    """Names without their ISINs."""
    return [one.split(":")[1] for one in value] if BY_KEY[key].kind == "names" else value


ALL = scripts()


@pytest.mark.parametrize("script", ALL, ids=lambda script: script.name)
def test_a_talk_ends_in_exactly_what_was_said(script: Script) -> None:
    draft, said = play(script)
    assert {key: shown(key, value) for key, value in draft["answers"].items()} == script.values
    assert [question.key for question in open_questions(draft)] == script.open
    assert is_agreed(draft) == ("saved" in script.more)
    for more in script.more:
        what, _, words = more.partition(" ")
        if what == "disagrees":
            assert any(words in sentence for sentence in disagreements(draft)), draft
        elif what == "says":
            assert words in said
    if "saved" in script.more:
        at = datetime(2026, 11, 20, tzinfo=UTC)
        finish(draft, version=2, signed_at=at, starts_on=TODAY)


@pytest.mark.parametrize("script", ALL, ids=lambda script: script.name)
def test_every_value_has_its_words_in_the_talk_or_stands_among_the_assumptions(
    script: Script,
) -> None:
    draft, _ = play(script)
    lines = {line.strip() for line in script.said}
    for key in draft["answers"]:
        source = draft["sources"][key]
        assert source["how"] in ("said", "suggested") and source["text"] in lines, (key, source)
    named = {one.key for one in assumptions(draft)}
    for row in rows(draft):
        assert row.mark != "assumed" or row.key in named, row
        assert row.mark == "open" or row.key in named | draft["answers"].keys(), row


def test_there_are_thirty_talks_of_every_kind() -> None:
    kinds = [script.name.partition(":")[0] for script in ALL]
    wanted = ("terse", "chatty", "hinglish", "contradictory", "changing", "hostile", "money",
              "dates", "parts", "typing", "wrong_slot", "names")  # fmt: skip
    assert len(ALL) >= 30
    assert {kind: kinds.count(kind) >= 5 for kind in set(kinds)} == dict.fromkeys(wanted, True)
