"""The quality of stored prices in the terminal: findings, scores, a person's yes, and a drill."""

from __future__ import annotations

from datetime import date, datetime

import typer

from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.desk.drill_quality import drill_quality
from core.desk.quality import accept_findings, check_bars, share_quality
from core.domain.words import pct
from core.errors import BadInput
from core.views.quality import quality_view

SESSION = typer.Option(None, formats=["%Y-%m-%d"], help="Accept this session only.")


def add_to(group: typer.Typer) -> None:
    """Add the verbs to `munim data`."""
    group.command("quality")(quality)
    group.command("drill-quality")(drill)


def quality(
    symbol: str = typer.Argument("", help="One share; or --all."),
    all: bool = typer.Option(False, "--all", help="Check every bar again and list all shares."),
    accept: bool = typer.Option(False, "--accept", help="Let the share's flawed bars stand."),
    session: datetime | None = SESSION,
    reason: str = typer.Option("", help="Why they may stand; kept in the record."),
    json: Json = False,
) -> None:
    """What is wrong with stored prices, and whether they let a new card be written."""
    if all == bool(symbol):
        raise BadInput("name one share or say --all, not both and not neither")
    if all:
        _all(accept=accept, json=json)
        return
    if accept:
        _accept(symbol, session.date() if session else None, reason, json=json)
        return
    found = share_quality(open_desk(), symbol)
    lines = [found.sentence, *(f"  {_mark(one)}{one.sentence}" for one in found.findings)]
    if any(not one.accepted_by for one in found.findings):
        lines.extend(_ways_out(found.symbol, min(one.session for one in found.findings)))
    answer(found, as_json=json, words="\n".join(lines))


def _ways_out(symbol: str, since: date) -> tuple[str, ...]:
    """The commands that the findings' sentences ask for."""
    return (
        f"to fetch again: munim data fetch {symbol} --start {since} --again",
        "to import an action: munim data actions import FILE, or accept one it infers",
        f"to accept: munim data quality {symbol} --accept --reason WHY",
    )


def _all(*, accept: bool, json: bool) -> None:
    if accept:
        raise BadInput("--accept is for one share; name it")
    desk = open_desk()
    check_bars(desk, whole=True)
    view = quality_view(desk)
    rows = [
        {
            "symbol": one.symbol,
            "score": one.score,
            "blocked": one.is_blocked,
            "findings": one.findings,
            "accepted": one.accepted,
            "newest": one.newest,
            "sentence": one.sentence,
        }
        for one in view.rows
    ]
    table(rows, as_json=json, empty=view.sentence)


def _accept(symbol: str, session: date | None, reason: str, *, json: bool) -> None:
    if not reason.strip():
        raise BadInput("--accept needs --reason: say why the bars may stand; it is kept")
    done = accept_findings(open_desk(), symbol, session=session, reason=reason.strip(), by=BY)
    words = "\n".join(f"accepted: {one.sentence}" for one in done)
    answer({"accepted": [one.sentence for one in done]}, as_json=json, words=words)


def _mark(one: object) -> str:
    by = getattr(one, "accepted_by", "")
    return f"accepted by {by}: " if by else ""


def drill(
    seed: int = typer.Option(1, help="Another seed damages other shares on other days."),
    rounds: int = typer.Option(3, help="How often each defect of each size is tried."),
    json: Json = False,
) -> None:
    """Damage copies of the stored prices and count what is caught; the store is only read."""
    if rounds < 1:
        raise BadInput(f"--rounds {rounds} tries nothing; give 1 or more")
    rows = [
        {
            "defect": one.kind.value,
            "magnitude": one.magnitude,
            "caught": one.caught,
            "of": one.total,
            "rate": one.caught / one.total if json else pct(one.caught / one.total, digits=1),
            "low": one.bounds[0] if json else pct(one.bounds[0], digits=1),
            "high": one.bounds[1] if json else pct(one.bounds[1], digits=1),
            "named_right": one.named,
        }
        for one in drill_quality(open_desk(), seed=seed, rounds=rounds)
        if one.total
    ]
    table(rows, as_json=json, empty="Nothing was tried.")
