"""Predictions in the terminal.

A cold answer comes from what the newest scan kept, with its age. Only where a session has closed
since, another model is in use or a share was never scanned, are features and models loaded and the
shares asked for predicted anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from core.cli.options import Json
from core.cli.show import answer, table
from core.desk.desk import Desk, open_desk
from core.domain.research import Prediction
from core.domain.words import age_of, decimal, pct
from core.errors import NotFound
from core.store import instruments, models

if TYPE_CHECKING:
    from core.desk.models import Sheet

FROM_SCAN = "from the newest scan"


def add_to(app: typer.Typer) -> None:
    """Add this file's verb."""
    app.command("predict")(predict)


def predict(
    symbols: list[str] | None = typer.Argument(None, help="The shares; all if none is named."),
    days: int | None = typer.Option(None, help="Sessions ahead, 1 to 30: the return's range."),
    explain: bool = typer.Option(False, help="What moved it, and how sure it is."),
    json: Json = False,
) -> None:
    """The latest probabilities of some shares or all, and how far they may go."""
    from core.desk.forecast import asked_sessions
    from core.desk.vote_said import vote_sentence, why_no_vote

    ahead = None if days is None else asked_sessions(days)
    desk = open_desk()
    found, how = _found(desk, [symbol.upper() for symbol in symbols or ()])
    by = _sheets(desk, found)
    if json:
        told = [_document(desk, one, how, ahead, explain, by[one.model_version]) for one in found]
        answer(told, as_json=True)
        return
    rows = [_row(one, _range(desk, one, ahead)) for one in found]
    table(rows, as_json=False, empty="")
    typer.echo(f"\n{how}, {age_of(found[0].as_of, desk.clock.now())} ago")
    for sheet in by.values():
        if sheet is not None and not sheet.refused and why_no_vote(sheet):
            typer.echo(vote_sentence(sheet, who=f"Model {sheet.version.version}"))
    for one in found if explain else ():
        typer.echo("\n" + "\n".join(_why(one)))


def _found(desk: Desk, symbols: list[str]) -> tuple[list[Prediction], str]:
    """The shares' predictions in the order asked, the likeliest first where none was named.

    Raises:
        NotFound: nobody has a symbol, or nothing can be said of its share.
        NoData: there is no model yet.
    """
    from core.desk.forecast import newest, why_absent

    at = desk.clock.now()
    with desk.store.read() as tx:
        isins = [instruments.by_symbol(tx, symbol).isin for symbol in symbols]
        kept = newest(tx, at=at)
    scanned = {isin: one for isin, one in kept.by_isin.items() if one.as_of == kept.scanned_at}
    if not symbols and scanned and all(kept.is_fresh(one) for one in scanned.values()):
        return _likeliest(scanned), FROM_SCAN
    stored = [scanned[isin] for isin in isins if isin in scanned]
    if symbols and len(stored) == len(isins) and all(kept.is_fresh(one) for one in stored):
        return stored, FROM_SCAN
    from core.desk.predict_now import predict_now

    now = predict_now(desk, isins or None)
    for symbol, isin in zip(symbols, isins, strict=True):
        if isin not in now:
            with desk.store.read() as tx:
                raise NotFound(f"no prediction: {why_absent(tx, symbol, at=at)}")
    return [now[isin] for isin in isins] if symbols else _likeliest(now), "worked out now"


def _likeliest(found: Mapping[str, Prediction]) -> list[Prediction]:
    """Those with a percentage first, by it; the others by symbol."""

    def place(one: Prediction) -> tuple[float, str]:
        return (-one.target_first.p if _shows(one) else 1.0, one.symbol)

    return sorted(found.values(), key=place)


def _shows(one: Prediction) -> bool:
    return one.has_vote and one.target_first.shown


def _row(one: Prediction, ranged: dict[str, object]) -> dict[str, object]:
    """What a person reads: no percentage without a vote or below 30 cases."""
    from core.views.predictions import says_of

    shows = _shows(one)
    return {
        "symbol": one.symbol,
        "says": says_of(one),
        "target_first": pct(one.target_first.p, digits=1) if shows else None,
        "interval_90": _span(one.target_first.low, one.target_first.high) if shows else None,
        "n": one.target_first.n,
        "base_rate": pct(one.base_rate, digits=1),
        "edge": pct(one.edge, signed=True) if shows else None,
        "confidence": one.confidence.overall if one.confidence else None,
        "market": one.regime,
        **(
            {
                f"return_{ranged['sessions']}": _span(ranged["low"], ranged["high"]),
                "held": _held(ranged),
            }
            if ranged
            else {}
        ),
    }


def _span(low: object, high: object) -> str:
    return f"{pct(float(str(low)), digits=1)} to {pct(float(str(high)), digits=1)}"


def _held(ranged: dict[str, object]) -> str | None:
    if not ranged["covered_n"]:
        return None
    return f"{pct(float(str(ranged['covered'])), digits=0)} of {ranged['covered_n']}"


def _range(desk: Desk, one: Prediction, ahead: int | None) -> dict[str, object]:
    """The range of the return; empty where nobody asked for one.

    Raises:
        NotFound: the model has no ranges, or nothing was kept of the share's own.
    """
    from core.desk.forecast import ranges_of, spans
    from core.models.conformal import LEVEL

    if ahead is None:
        return {}
    found = spans(one, ranges_of(desk, one.model_version), [ahead])
    if not found:
        raise NotFound(
            f"model {one.model_version} has no return ranges for {one.symbol}; scan again, or "
            "train again"
        )
    [span] = found
    held = span.covered
    return {
        "sessions": span.sessions,
        "low": span.low,
        "mid": span.mid,
        "high": span.high,
        "promised": LEVEL,
        "covered": held.inside if held else None,
        "covered_low": held.low if held else None,
        "covered_high": held.high if held else None,
        "covered_n": held.n if held else 0,
        "covered_over": held.sessions if held else None,
    }


def _sheets(desk: Desk, found: Sequence[Prediction]) -> dict[str, Sheet | None]:
    """The models that said it, by version; None for one that is not stored any more."""
    from core.desk.vote_said import sheet_now

    with desk.store.read() as tx:
        stored = {name: models.find(tx, name) for name in {one.model_version for one in found}}
        return {name: sheet_now(desk, tx, one) if one else None for name, one in stored.items()}


def _document(
    desk: Desk,
    one: Prediction,
    how: str,
    ahead: int | None,
    explain: bool,
    of: Sheet | None,
) -> dict[str, object]:
    """The prediction as a program reads it.

    Where a person sees no percentage, `shown` is false, what would be one is null and `why_null`
    says why; `no_vote` says why its model has no vote, "" where it has one.
    """
    from core.desk.vote_said import why_no_percentage, why_no_vote

    ranged, shows = _range(desk, one, ahead), _shows(one)
    odds = one.target_first
    told: dict[str, object] = {
        "symbol": one.symbol,
        "as_of": one.as_of,
        "from": how,
        "p_target_first": odds.p if shows else None,
        "low": odds.low if shows else None,
        "high": odds.high if shows else None,
        "n": odds.n,
        "p_stop_first": one.stop_first.p if shows else None,
        "base_rate": one.base_rate,
        "has_vote": one.has_vote,
        "no_vote": why_no_vote(of) if of and not one.has_vote else "",
        "shown": shows,
        "why_null": why_no_percentage(one, of),
        "edge": one.edge if shows else None,
        "regime": one.regime,
        "novelty": one.novelty,
        "model": one.model_version,
    }
    if ranged:
        told["range"] = ranged
    if explain:
        told["reasons"] = "; ".join(one.words)
        told["contributions"] = {it.group: it.contribution for it in one.leanings}
        told["log_odds"] = one.odds
        told["confidence"] = one.confidence
    return told


def _why(one: Prediction) -> list[str]:
    """What moved one share's odds, group by group, then its grounds of confidence."""
    from core.views.predictions_share import GROUPS, NO_GROUNDS, NO_GROUPS, summed

    said = [f"{one.symbol}: what moved target against stop, in log-odds"]
    said += [
        f"  {decimal(it.contribution, signed=True):>6}  {GROUPS.get(it.group, it.group)}"
        for it in one.leanings
    ] or [f"  {NO_GROUPS}"]
    said += [f"  {words}" for words in (summed(one), *one.words) if words]
    if one.novelty:
        said.append(f"  {one.novelty}; so it has no vote")
    if one.confidence is None:
        return [*said, f"confidence: {NO_GROUNDS}"]
    said.append(f"confidence: {one.confidence.overall}")
    return said + [
        f"  {'  – ' if it.score is None else decimal(it.score)}  {name}: {it.words}"
        for name, it in one.confidence.grounds
    ]
