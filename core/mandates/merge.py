"""What a turn said put into the draft: values, their sources, the log, and rupees as percentages.

A limit said in rupees stays in rupees: when the money changes, its percentage is worked out anew.
"""

from __future__ import annotations

from typing import Any, Final

from core.domain.money import Money
from core.domain.words import pct, short
from core.mandates.fields import BY_KEY, within
from core.mandates.found import Found, Reading, outside
from core.mandates.intake_words import Draft, capital_of, in_words

SHORT: Final = 30


def merged(draft: Draft, reading: Reading, text: str) -> Draft:
    """The draft with everything a turn said; the reading gains what does not fit the money."""
    after: Draft = {
        **draft,
        "answers": dict(draft["answers"]),
        "sources": dict(draft["sources"]),
        "of_capital": dict(draft["of_capital"]),
        "log": list(draft["log"]),
        "parts": 0 if reading.named else reading.parts or draft["parts"],
        "named": list(reading.named) or draft["named"],
        "number": reading.number,
        "wanted": reading.wanted,
    }
    for one in reading.found.values():
        _take(after, one, text)
    if capital_of(after) != capital_of(draft) or any(f.of_capital for f in reading.found.values()):
        work_out(after, reading)
    if "tranches" in reading.found or not after["answers"].get("lump_sum"):
        after["parts"], after["named"] = 0, []
    for one in reading.found.values():
        if one.key in after["answers"]:
            _write_down(draft, after, one, text)
    if reading.found:
        after["last"] = [*reading.found]
    return after


def as_typed(words: str, text: str) -> str:
    """The words as the person wrote them: "two years" and not "2 years" where that is all."""
    plain, whole = words.replace("infotech", "it").strip(), text.strip()
    at = whole.lower().find(plain)
    if at >= 0:
        return whole[at : at + len(plain)]
    return whole if len(whole) <= SHORT else plain


def _take(after: Draft, one: Found, text: str) -> None:
    """Put one value in; a trail is either of ATR or of percent."""
    told = {"how": "said", "words": as_typed(one.words, text), "text": text.strip(),
            "note": one.note, **({"until": one.until} if one.until else {})}  # fmt: skip
    after["sources"][one.key] = told
    after["of_capital"].pop(one.key, None)
    for other in {"trail_atr": ("trail_pct",), "trail_pct": ("trail_atr",)}.get(one.key, ()):
        after["answers"].pop(other, None)
        after["sources"].pop(other, None)
    if one.of_capital:
        after["of_capital"][one.key] = {"as": one.of_capital, "value": one.value}
        after["answers"].pop(one.key, None)
    else:
        after["answers"][one.key] = one.value


def work_out(after: Draft, reading: Reading) -> None:
    """Turn rupees into percentages and shares into rupees by the money that is named now.

    The draft is changed in place, and the reading gains what does not fit.
    """
    capital = capital_of(after)
    if capital is None:
        return
    for key, said in dict(after["of_capital"]).items():
        field = BY_KEY[key]
        value: Any
        if said["as"] == "rupees":
            value = round(Money(said["value"]).share_of(capital), 8)
            note = f"{short(Money(said['value']))} of {short(capital)} is {pct(value)}"
        else:
            value = round(capital.paise * said["value"])
            note = f"{pct(said['value'])} of {short(capital)}"
        if within(field, value):
            after["answers"][key] = value
            after["sources"][key] = {**after["sources"][key], "note": note}
            continue
        reading.unclear.append(f"{note}. {outside(field, value)}")
        for part in ("answers", "sources", "of_capital"):
            after[part].pop(key, None)


def _write_down(before: Draft, after: Draft, one: Found, text: str) -> None:
    """One line of the log: the value, the words, how they were read, and what stood before."""
    value = after["answers"][one.key]
    note = after["sources"][one.key].get("note", "")
    line = f"{BY_KEY[one.key].label}: {in_words(after, one.key, value)}, from “{text.strip()}”"
    was = before["answers"].get(one.key)
    if was is not None and was != value:
        line += f", instead of {in_words(before, one.key, was)}"
    after["log"].append(line + (f" ({note})." if note else "."))
