"""The regime of the market or of one share in the terminal, with its history as a file."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.csv_file import write_csv
from core.cli.options import Json
from core.cli.show import answer
from core.desk.desk import open_desk
from core.domain.regime import Look, Place, RegimeDay, RegimeRecord
from core.domain.regime_words import likely_words, returns_words, seen_words, sentences
from core.domain.signal import Regime
from core.domain.words import MISSING, counted, decimal, pct

HISTORY = "CSV of every session's filtered chances, each year's states fitted before it began."


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("regime")(regime)


def regime(
    symbol: str | None = typer.Argument(None, help="A share; the whole market unless given."),
    out: Path | None = typer.Option(None, help=HISTORY),
    json: Json = False,
) -> None:
    """The regime after the last session: filtered chances, durations, how one follows another."""
    from core.desk.regime_now import regime_asked, regime_days, regime_panel

    desk, asked = open_desk(), (symbol or "").upper()
    if out is not None:
        days = regime_days(regime_panel(desk, asked))
        said = write_csv([_csv_row(one) for one in days], out)
        answer({"file": out.name, "rows": len(days)}, as_json=json, words=said)
        return
    found = regime_asked(desk, asked)
    answer(_document(found), as_json=json, words="\n".join(_lines(found)))


def _csv_row(one: RegimeDay) -> dict[str, object]:
    chances = {f"p_{name.value}": one.chances.get(name) for name in Regime}
    return {"session": one.session, "regime": one.regime, **chances}


def _document(found: RegimeRecord) -> dict[str, object]:
    """What was there before under its old names, and all the rest but the history."""
    return {
        "of": found.of,
        "regime": found.regime,
        "score": found.score,
        "as_of": found.session,
        "since": found.since,
        "sessions": found.sessions,
        "chances": found.chances,
        "durations": found.durations,
        "moves": found.moves,
        "volatility": found.volatility,
        "liquidity": found.liquidity,
        "model": found.model_version,
        "fitted_to": found.fitted_to,
        "looks": found.looks,
        "spells": found.spells,
        "changed": found.changed,
        "not_told_apart": found.not_told_apart(),
    }


def _lines(found: RegimeRecord) -> list[str]:
    head = (
        f"{found.of}: {found.regime} (score {found.score:.2f}) as of {found.session}, since "
        f"{found.since}, {counted(found.sessions, 'session')}"
    )
    vol = "" if found.volatility.value is None else f" at {pct(found.volatility.value)} a year"
    traded = found.liquidity.value
    rupees = "" if traded is None else f" at ₹{decimal(traded / 1e7)} Cr a share and session"
    places = [
        f"volatility {found.volatility.words}{vol}{_stands(found.volatility)}",
        f"liquidity {found.liquidity.words}{rupees}{_stands(found.liquidity)}",
    ]
    if not found.chances:
        return [head, "told by the plain rule: too few sessions for hidden states", *places]
    tables = (*_chances(found), "", *_moves(found))
    return [head, *places, "", *tables, "", *sentences(found)]


def _stands(place: Place) -> str:
    if place.share is None:
        return ""
    return f", above {pct(place.share, digits=0)} of {place.n} sessions before"


def _chances(found: RegimeRecord) -> list[str]:
    """Chances, durations and what each state is like, a line a regime."""
    where = "shares above average" if found.of == "market" else "closes below in 49"
    heads = ["", "chance", "lasts", "lasted", "return a session", "volatility a year", where]
    return _laid_out(
        heads,
        [
            [
                name.value,
                likely_words(found.chances[name]),
                counted(round(found.durations[name]), "session"),
                seen_words(found.spells.get(name)),
                *_like(found.looks.get(name)),
            ]
            for name in Regime
        ],
    )


def _like(look: Look | None) -> list[str]:
    if look is None:
        return [MISSING] * 3
    return [returns_words(look), pct(look.volatility, digits=1), pct(look.breadth, digits=0)]


def _moves(found: RegimeRecord) -> list[str]:
    """The next session's odds, a line a regime."""
    rows = [
        [name.value, *(pct(found.moves[name][after], digits=1) for after in Regime)]
        for name in Regime
    ]
    return _laid_out(["next session", *(name.value for name in Regime)], rows)


def _laid_out(heads: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(len(line[i]) for line in [heads, *rows]) for i in range(len(heads))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *rows]
    ]
