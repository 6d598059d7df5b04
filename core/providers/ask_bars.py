"""One question for bars, cut into the parts a vendor allows, each through its gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.errors import NoData
from core.providers.bar_run import ARRAYS, BarRun, Row, Span, bar_run, chunks, freshness
from core.providers.net.gate import Answer, Gate


def ask_bars(
    gate: Gate,
    span: Span,
    *,
    days: int,
    fetch: Callable[[Span], Any],
    rows: Callable[[Any, Span], Sequence[Row]],
    raw: bool = False,
) -> Answer[BarRun]:
    """Bars of a whole span as one run; as old as its oldest part.

    Args:
        days: the longest span the vendor answers at once.
        fetch: asks for one part and returns plain JSON.
        rows: the bars in that JSON.
        raw: whether prices are as traded that day, instead of in today's share terms.

    Raises:
        NoData: no part has a bar.
    """
    answers: list[Answer[BarRun]] = []
    absent: NoData | None = None
    for start, end in chunks(span.start, span.end, days=days):
        part = replace(span, start=start, end=end)
        try:
            answers.append(_ask(gate, part, fetch=fetch, rows=rows, raw=raw))
        except NoData as empty:
            absent = empty
    if not answers:
        raise absent or NoData(f"{span.symbol}: {span.end} is before {span.start}, nothing to ask")
    return Answer(
        value=_joined([answer.value for answer in answers]),
        at=min(answer.at for answer in answers),
        age_seconds=max(answer.age_seconds for answer in answers),
        why_stale=next((answer.why_stale for answer in answers if answer.is_stale), ""),
    )


def _ask(
    gate: Gate,
    part: Span,
    *,
    fetch: Callable[[Span], Any],
    rows: Callable[[Any, Span], Sequence[Row]],
    raw: bool,
) -> Answer[BarRun]:
    policy = gate.policy

    def read(payload: Any) -> BarRun:
        return bar_run(
            rows(payload, part),
            part,
            source=policy.name,
            label=policy.label,
            now=gate.now(),
            raw=raw,
        )

    return gate.ask(
        part.key,
        lambda: fetch(part),
        read,
        ttl=freshness(part.end, gate.now()),
    )


def _joined(runs: Sequence[BarRun]) -> BarRun:
    parts: dict[str, Any] = {
        name: np.concatenate([getattr(run, name) for run in runs]) for name in ARRAYS
    }
    return replace(runs[0], **parts)
