"""The trading calendar in the terminal: a day's phases, and a person's word on a day."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from core.cli.options import BY, Json
from core.cli.options import day as day_of
from core.cli.show import answer
from core.desk.calendar import CalendarDay, calendar_day, overrides, set_day, take_back
from core.desk.desk import Desk, open_desk
from core.domain.calendar_override import Word, parse_hours
from core.domain.clock import ist_day
from core.domain.session_clock import Stretch
from core.errors import BadInput

group = typer.Typer(help="The trading calendar and a person's word on it.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="calendar")


@group.command("show")
def show(
    date: str = typer.Argument("", metavar="[DATE]", help="YYYY-MM-DD; today when left out."),
    json: Json = False,
) -> None:
    """What a day is: session or not, its phases, when trades settle, what a person set."""
    desk = open_desk()
    seen = calendar_day(desk, day_of(date, name="DATE") if date else ist_day(desk.clock.now()))
    answer(seen, as_json=json, words="\n".join(_lines(desk, seen)))


@group.command("override")
def override(
    date: str,
    word: str = typer.Argument(..., metavar="open|closed|hours"),
    hours: str = typer.Option("", help="09:15-12:30, or two stretches with a comma between."),
    reason: str = typer.Option(..., help="Why, such as the circular's number."),
    json: Json = False,
) -> None:
    """Say that the exchange is open, closed or trades at other hours on today or a later day."""
    try:
        meant = Word(word.lower())
    except ValueError:
        raise BadInput(f"{word!r} is none of open, closed, hours") from None
    day = day_of(date, name="DATE")
    made = set_day(open_desk(), day, meant, reason=reason, by=BY, trading=parse_hours(hours))
    answer(made, as_json=json, words=made.sentence)


@group.command("revoke")
def revoke(date: str, json: Json = False) -> None:
    """Take a person's word on a day back; the committed calendar holds again."""
    gone = take_back(open_desk(), day_of(date, name="DATE"), by=BY)
    answer(gone, as_json=json, words=f"taken back: {gone.sentence}")


def _lines(desk: Desk, seen: CalendarDay) -> Iterable[str]:
    kind = "a session" if seen.is_session else "closed"
    name = f", {seen.name}" if seen.name else ""
    yield f"{seen.day:%a} {seen.day} at NSE is {kind}{name}."
    if seen.override:
        yield f"A person set it: {seen.override.sentence}."
    if seen.is_session and not seen.hours_known:
        yield "Its hours are not loaded; munim calendar override sets them once announced."
    if seen.plain == seen.derivative:
        yield from _phases("Every share", seen.plain)
    else:
        yield from _phases("Shares without derivatives", seen.plain)
        yield from _phases("Shares with derivatives", seen.derivative)
    if seen.blocks:
        spans = ", ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in seen.blocks.windows)
        crores = seen.blocks.minimum_rupees // 10_000_000
        yield f"Block deals {spans}, from ₹{crores} crore, within {seen.blocks.range_pct}%."
    if seen.is_session:
        yield f"Trades settle on {seen.settles_on or 'a day not loaded yet'}."
        if not seen.settles:
            yield "It trades and does not settle."
    if seen.next_session:
        yield f"The next session is {seen.next_session:%a} {seen.next_session}."
    for other in overrides(desk):
        if other.day > seen.day:
            yield f"Ahead: {other.sentence}."
    yield f"Loaded: {desk.calendar.first} to {desk.calendar.last}."


def _phases(title: str, stretches: Iterable[Stretch]) -> Iterable[str]:
    for at, one in enumerate(stretches):
        if at == 0:
            yield f"{title}:"
        note = f" ({one.note})" if one.note else ""
        yield f"  {one.starts_at:%H:%M}-{one.ends_at:%H:%M} {one.phase}{note}"
