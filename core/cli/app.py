"""Verbs and their order on the help page; each file below adds its own."""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

from core.cli import (
    accounts,
    allocate,
    books,
    calendar,
    charges,
    decide,
    funding,
    intake,
    leaks,
    ledger,
    listed,
    live,
    login,
    mandate,
    models,
    notes,
    orders,
    pnl,
    predict,
    prices,
    records,
    regime,
    reports,
    research,
    sandbox,
    scorecard,
    stops,
    store,
    tax,
    treasury,
    trials,
    universe,
)
from core.errors import MunimError, NotBuilt, NotFound, OutsideCalendar, Refused
from core.store.engine import STORE_ERRORS, why_unusable
from core.store.sound import is_spoiled, spoiled_words

app = typer.Typer(
    help="Munim: a multi-account trading desk for Indian equities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (
    decide,
    accounts,
    funding,
    mandate,
    books,
    charges,
    tax,
    notes,
    treasury,
    ledger,
    pnl,
    orders,
    intake,
    stops,
    research,
    predict,
    scorecard,
    leaks,
    models,
    regime,
    prices,
    listed,
    live,
    login,
    universe,
    calendar,
    trials,
    records,
    reports,
    sandbox,
    store,
    allocate,
):
    part.add_to(app)


def main() -> None:
    """Run one verb; every error of ours is one sentence on stderr."""
    try:
        code = app(prog_name="munim", standalone_mode=False)  # the number of a typer.Exit
    except (Refused, NotFound, NotBuilt, OutsideCalendar) as wrong:
        _end(str(wrong), 2)
    except MunimError as failure:
        _end(str(failure), 1)
    except (typer.Abort, KeyboardInterrupt):
        _end("stopped", 1)
    except TyperException as wrong:
        _end(usage(wrong), 2)
    except STORE_ERRORS as failure:
        if not (why := why_unusable(failure)):
            raise
        _end(spoiled_words(why) if is_spoiled(failure) else f"the store: {why}", 1)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def usage(wrong: TyperException) -> str:
    """What was typed wrongly as one sentence; empty when the help page was shown instead."""
    words = " ".join(wrong.format_message().split()).rstrip(".")
    if not words:
        return ""
    context = getattr(wrong, "ctx", None)
    verb = context.command_path if context else "munim"
    return f"{verb}: {words[0].lower()}{words[1:]}; {verb} --help shows what it takes"


def _end(sentence: str, code: int) -> None:
    if sentence:
        print(sentence, file=sys.stderr)
    sys.exit(code)
