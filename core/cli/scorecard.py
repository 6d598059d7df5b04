"""The scorecard of signals in the terminal."""

from __future__ import annotations

from typing import cast

import typer

from core.cli.options import Json
from core.cli.show import answer, plain, table
from core.desk.desk import open_desk
from core.desk.score_by import BY, Score
from core.domain.signal import MIN_CASES
from core.errors import BadInput

SHARES = ("said", "low", "high", "brier", "brier_base")  # told from 30 cases on


def add_to(app: typer.Typer) -> None:
    """Add this file's verb."""
    app.command("scorecard")(scorecard)


def scorecard(
    by: str = typer.Option("model", help="model, strategy, regime, sector or mandate."),
    json: Json = False,
) -> None:
    """Every signal's probability against what came, and what trading or not left in rupees."""
    from core.views.predictions_score import EMPTY, scores_now, scores_view

    if by not in BY:
        raise BadInput(f"--by {by!r} is no grouping; give one of {', '.join(BY)}")
    desk = open_desk()
    if json:
        answer([_document(one) for one in scores_now(desk, by=by)], as_json=True)
        return
    view = scores_view(desk, by=by)
    rows = [
        {
            by: row.name,
            "cards": row.cards,
            "n": row.n,
            "said": row.said,
            "came": _words(row.came.text, row.came.note),
            "brier": row.brier,
            "base": row.base,
            "traded_mean": _words(row.traded.text, row.traded.note),
            "not_traded": _words(row.untraded.text, row.untraded.note),
        }
        for row in view.rows
    ]
    table(rows, as_json=False, empty=EMPTY)
    for sentence in view.sentences:
        typer.echo(sentence)


def _words(text: str, note: str) -> str:
    return f"{text} ({note})" if note else text


def _document(one: Score) -> dict[str, object]:
    """A group as a program reads it; null and why where its cases are too few for a share."""
    told = cast("dict[str, object]", plain(one))
    few = one.n < MIN_CASES
    if few:
        told |= dict.fromkeys(SHARES)
    return {**told, "why_null": f"too few, {one.n} of {MIN_CASES} cases" if few else ""}
