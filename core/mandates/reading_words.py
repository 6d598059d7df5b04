"""What a turn says in words and not in numbers: names, the aim, sizes, strategies, holding."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from core.domain.instrument import CapClass
from core.mandates.choices import aims_in, holding_in, shorts_in, sizes_in, strategies_in
from core.mandates.clauses import Turn
from core.mandates.fields import BY_KEY
from core.mandates.found import Asked, Found, Reading
from core.mandates.names import NONE, Side, names_in, side_of

EXCEPTION: Final = re.compile(
    r"\b(?:except|other than|apart from|besides|but not|(?:ko )?chhod(?:kar|ke| kar| ke)|ke alawa"
    r"|ke siwa)\b"
)


def read_names(clause: str, side: Side, asked: Asked, reading: Reading) -> Side:
    """Sectors and shares that a clause bans, prefers or allows again."""
    about = asked.question == "sectors"
    if _is_exception(clause, asked):
        reading.unclear.append(_no_exception(clause))
        reading.wanted = "banned"
        return ""
    named = names_in(clause, asked.universe, side=side, strict=about)
    if named.keys and not named.unknown:
        _take_names(named.side, list(named.keys), clause, asked, reading)
    elif about and NONE.search(clause) and "banned" not in reading.found:
        more = asked.wanted == "banned"  # nothing besides what stands already
        reading.take(Found("banned", list(asked.answers.get("banned", ())) if more else [], clause))
        return ""
    if named.unknown and (named.side == "banned" or named.keys):
        known = ", ".join(sorted({i.sector for i in asked.universe}))
        reading.unclear.append(
            f"“{named.unknown}” is no sector and no share of the universe. Sectors: {known}."
        )
        reading.wanted = "banned"
    return named.side


def _is_exception(clause: str, asked: Asked) -> bool:
    """Whether a clause names something and then something of it: "no banks except HDFC Bank"."""
    hit = EXCEPTION.search(clause)
    if hit is None or not side_of(clause[: hit.start()]):
        return False
    both = (clause[: hit.start()], clause[hit.end() :])
    return all(names_in(one, asked.universe, side="banned", strict=True).keys for one in both)


def _no_exception(clause: str) -> str:
    return (
        f"“{clause}”: the desk excludes whole sectors and single shares and knows no exception; "
        "exclude the whole, or name its shares one by one?"
    )


def _take_names(side: Side, keys: list[str], clause: str, asked: Asked, reading: Reading) -> None:
    banned, liked = _so_far("banned", asked, reading), _so_far("preferred", asked, reading)
    if side == "banned":
        moved = liked & set(keys) if reading.corrects else set()
        reading.take(Found("banned", sorted(banned | set(keys)), clause))
        if moved:
            reading.take(Found("preferred", sorted(liked - moved), clause))
    elif side == "preferred" and any(key.startswith("share:") for key in keys):
        names = ", ".join(key.split(":")[1] for key in keys if key.startswith("share:"))
        reading.unclear.append(f"{names}: the desk prefers whole sectors; which sector?")
    elif side == "preferred":
        reading.take(Found("preferred", sorted(liked | set(keys)), clause))
        if reading.corrects and banned & set(keys):
            reading.take(Found("banned", sorted(banned - set(keys)), clause))
    elif side == "allowed" and (banned | liked) & set(keys):
        if banned & set(keys):
            reading.take(Found("banned", sorted(banned - set(keys)), clause))
        elif reading.corrects:
            reading.take(Found("preferred", sorted(liked - set(keys)), clause))
    elif side == "allowed" and _in_banned(keys, banned, asked):
        reading.unclear.append(_no_exception(clause))
    elif asked.question == "sectors" and side != "allowed":
        names = ", ".join(key.split(":")[1] for key in keys)
        if side == "only":
            reading.unclear.append(
                f"Only {names}: say “prefer” to buy it first, or name what it must never own."
            )
        else:
            reading.unclear.append(f"{names}: never own, or prefer?")


def _in_banned(keys: list[str], banned: set[str], asked: Asked) -> bool:
    """Whether one of some shares belongs to a sector that is excluded."""
    shares = {key.split(":")[1] for key in keys if key.startswith("share:")}
    return any(f"sector:{one.sector}" in banned for one in asked.universe if one.symbol in shares)


def _so_far(key: str, asked: Asked, reading: Reading) -> set[str]:
    before = reading.found.get(key)
    return set(before.value if before else asked.answers.get(key, ()))


def _changes_aim(turn: Turn) -> bool:
    """Whether a correction is of the aim: it names it, or says little else ("make it safer")."""
    return any(
        BY_KEY["objective"].named_in(clause)
        or (turn.corrects and len(clause.split()) <= 5 and not re.search(r"\d", clause))
        for clause in turn.clauses
        if aims_in(clause, asked=False)
    )


def read_choices(turn: Turn, asked: Asked, reading: Reading) -> None:
    """The aim, sizes, strategies and holding, which are words and not numbers."""
    text = ", ".join(turn.clauses)

    def where(says: Callable[[str], object]) -> str:
        """The first clause that says it, or all of them where only together they do."""
        return next((clause for clause in turn.clauses if says(clause)), text)

    def parts(says: Callable[[str], object]) -> str:
        """The clauses that say some of it, without the others."""
        return ", ".join(clause for clause in turn.clauses if says(clause)) or text

    about_aim = asked.question == "goal"
    free = about_aim or "objective" not in asked.answers or _changes_aim(turn)
    aims = aims_in(text, asked=about_aim and not reading.found) if free else []
    if len(aims) == 1:
        if str(aims[0]) != asked.answers.get("objective"):
            words = where(lambda clause: aims_in(clause, asked=about_aim) == aims)
            reading.take(Found("objective", str(aims[0]), words))
    elif aims and about_aim:
        reading.unclear.append(
            "That names more than one aim. Max profit, balanced or risk minimized?"
        )
    about = asked.question == "companies"
    sizes = sizes_in(text, asked=about)
    more = re.search(r"\b(?:too|also|bhi|as well|even)\b", text)
    if sizes and more and len(sizes) < len(CapClass):
        sizes = (
            sorted({*sizes, *asked.answers["cap_classes"]})
            if ("cap_classes" in asked.answers)
            else []
        )
        if not sizes:
            reading.unclear.append("Beside which other companies: large, mid or both?")
    if sizes:
        reading.take(Found("cap_classes", sizes, parts(lambda c: sizes_in(c, asked=about))))
    about = asked.question == "trading"
    plans = strategies_in(text, asked=about)
    if plans:
        words = parts(lambda c: strategies_in(c, asked=about))
        reading.take(Found("strategies", plans, words))
    for clause in turn.clauses:
        shorts = shorts_in(clause)
        if shorts is not None:
            reading.take(Found("shorts", shorts, clause))
    held = holding_in(text, asked=about)
    if len(held) == 1:
        reading.take(Found("holding", str(held[0]), where(holding_in)))
    elif held:
        reading.unclear.append("Are positions held over nights, or closed within the day?")
