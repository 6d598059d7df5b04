"""What an exchange's one-line subject says a company does, as kinds, ratios and rupees.

A subject can hold several actions ("Bonus 1:1/Dividend - Rs 2 Per Share"), and most hold a
meeting beside them, which is noise. A bonus of preference shares or debentures is no bonus. What
moves neither share count nor cash to holders reads as OTHER, so every subject reads as something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.domain.action import ActionKind
from core.domain.money import Money

K = ActionKind
AMOUNT = r"(\d[\d,]*(?:\.\d+)?|\.\d+)"
RUPEES = r"(?:rs|re|inr|₹)[\s.:\-]*" + AMOUNT
RATIO = r"(\d+)\s*:\s*(\d+)"
NO_EQUITY = re.compile(r"\b(?:n?c?rps|ncds?|debentures?|preference|pref|warrants?|bonds?)\b")

BONUS = re.compile(r"\bbonus\b([^\d/&+]*)(?:" + RATIO + ")?")
RIGHTS = re.compile(r"\bri?ghts?\b([^\d/&+]*)(?:" + RATIO + r"([^/&+]*))?")
PREMIUM = re.compile(r"\bpre?m(?:ium)?\b[^\d]{0,12}?" + AMOUNT)
AT_PAR = re.compile(r"\bpar\b")
ISSUE = re.compile(r"(?:@|\bat\b)(?:\s*(?:a\s+)?price\s*(?:of)?)?\s*" + RUPEES)
DEMERGER = re.compile(r"\bde-?\s?merger\b|\bspin[\s-]?off\b")
SPLIT = re.compile(r"\b(?:(?:fv)?spli?t|sub-?\s?division)\b")
CONSOLIDATION = re.compile(r"\bconsolidation\b")
FACE_VALUES = re.compile(RUPEES + r"\D{0,30}?\bto\b\s*" + RUPEES)
DISTRIBUTION = re.compile(r"\bdistr(?:ibution|tn)\b")
DIVIDEND = re.compile(
    r"(?:\b|meeting|int|spl|fin)div(?:idend)?s?\b([^\d%/&+]{0,24}" + AMOUNT + r"(\s*%)?)?"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One action of a subject; 0:0 and None where the subject does not say."""

    kind: ActionKind
    new: int = 0
    old: int = 0
    amount: Money | None = None


NOTHING = Reading(K.OTHER)


def read_subject(subject: str, *, face_value: Decimal | None = None) -> tuple[Reading, ...]:
    """Every action of a subject, in the order share count, value, cash; never empty.

    Args:
        face_value: rupees a share; a premium on rights and a dividend in percent need it, and
            without it those amounts are None.
    """
    text = " ".join(subject.lower().split())
    if DISTRIBUTION.search(text):
        return (Reading(K.DIVIDEND, amount=_first_amount(text)),)
    found = (
        *_face_value_changes(text),
        *_bonuses(text),
        *_rights(text, face_value),
        *(Reading(K.DEMERGER) for _ in DEMERGER.findall(text)[:1]),
        *_dividends(text, face_value),
    )
    return found or (NOTHING,)


def _face_value_changes(text: str) -> Iterator[Reading]:
    consolidated = CONSOLIDATION.search(text) is not None
    if not consolidated and SPLIT.search(text) is None:
        return
    values = FACE_VALUES.search(text)
    if values is not None:
        before, after = (Fraction(_number(part)) for part in values.groups())
        if not before or not after or before == after:
            return
        ratio = before / after  # shares of the new face value for one of the old
        kind = K.SPLIT if ratio > 1 else K.CONSOLIDATION
        yield Reading(kind, new=ratio.numerator, old=ratio.denominator)
        return
    yield Reading(K.CONSOLIDATION if consolidated else K.SPLIT)


def _bonuses(text: str) -> Iterator[Reading]:
    for what, new, old in BONUS.findall(text):
        if NO_EQUITY.search(what):
            continue
        if _is_ratio(new, old):
            yield Reading(K.BONUS, new=int(new), old=int(old))
        else:
            yield Reading(K.BONUS)


def _rights(text: str, face_value: Decimal | None) -> Iterator[Reading]:
    for what, new, old, rest in RIGHTS.findall(text):
        if NO_EQUITY.search(what):
            continue
        if not _is_ratio(new, old):
            yield Reading(K.RIGHTS)
            continue
        yield Reading(K.RIGHTS, new=int(new), old=int(old), amount=_issue_price(rest, face_value))


def _issue_price(rest: str, face_value: Decimal | None) -> Money | None:
    """Face value and premium together, or the price itself where that is what is said."""
    if (premium := PREMIUM.search(rest)) is not None:
        return None if face_value is None else Money.rupees(face_value + _number(premium[1]))
    if (price := ISSUE.search(rest)) is not None:
        return Money.rupees(_number(price[1]))
    if AT_PAR.search(rest) is not None and face_value is not None:
        return Money.rupees(face_value)
    return None


def _dividends(text: str, face_value: Decimal | None) -> Iterator[Reading]:
    for said, amount, percent in DIVIDEND.findall(text):
        if not said:
            yield Reading(K.DIVIDEND)
        elif not percent:
            yield Reading(K.DIVIDEND, amount=Money.rupees(_number(amount)))
        elif face_value is None:
            yield Reading(K.DIVIDEND)
        else:
            yield Reading(K.DIVIDEND, amount=Money.rupees(face_value * _number(amount) / 100))


def _first_amount(text: str) -> Money | None:
    """A distribution names its whole first and its parts after."""
    found = re.search(RUPEES, text)
    return None if found is None else Money.rupees(_number(found[1]))


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _is_ratio(new: str, old: str) -> bool:
    return bool(new) and int(new) > 0 and int(old) > 0
