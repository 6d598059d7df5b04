"""Split events in Yahoo's chart answer. It calls a bonus a split, and is silent on demergers.

`numerator` new shares stand for `denominator` old ones, so a bonus of 1:2 is 3:2 here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.domain.action import ActionKind
from core.domain.clock import ist_day
from core.errors import BadInput
from core.providers.action_subject import Reading
from core.providers.listed_action import ListedAction

SOURCE = "YAHOO"


def is_chart(answer: object) -> bool:
    """Whether a JSON document is a chart answer."""
    return isinstance(answer, dict) and isinstance(answer.get("chart"), dict)


def read_chart(name: str, answer: Mapping[str, Any]) -> list[ListedAction]:
    """The splits of one symbol, oldest first; none is an empty list, an error raises BadInput."""
    results = answer["chart"].get("result")
    if not results:
        raise BadInput(f"{name}: Yahoo answered {answer['chart'].get('error')!r} and no chart")
    symbol = str(results[0]["meta"]["symbol"]).removesuffix(".NS").removesuffix(".BO")
    splits = (results[0].get("events") or {}).get("splits") or {}
    return [_listed(name, symbol, one) for one in sorted(splits.values(), key=lambda s: s["date"])]


def _listed(name: str, symbol: str, split: Mapping[str, Any]) -> ListedAction:
    new, old = split["numerator"], split["denominator"]
    if new != int(new) or old != int(old) or new <= 0 or old <= 0:
        raise BadInput(f"{name}: a split of {new}:{old}, expected whole numbers above 0")
    kind = ActionKind.SPLIT if new > old else ActionKind.CONSOLIDATION
    return ListedAction(
        source=SOURCE,
        ex_date=ist_day(datetime.fromtimestamp(split["date"], UTC)),
        subject=f"Split {int(new)}:{int(old)}",
        symbol=symbol,
        readings=(Reading(kind, new=int(new), old=int(old)),),
    )
