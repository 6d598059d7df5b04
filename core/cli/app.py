"""Verbs and their order on the help page; each file below adds its own."""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

from core.cli import books, decide, missing, records, research, stops
from core.errors import MunimError, NotBuilt, NotFound, Refused, Tampered

app = typer.Typer(
    help="Munim: a multi-account trading desk for Indian equities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (decide, books, stops, research, records, missing):
    part.add_to(app)


def main() -> None:
    """Run one verb; every error of ours is one sentence on stderr."""
    try:
        app(standalone_mode=False)
    except (Refused, NotFound, NotBuilt) as wrong:
        _end(str(wrong), 2)
    except Tampered as wrong:
        _end(str(wrong), 1)
    except MunimError as failure:
        _end(str(failure), 1)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _end("stopped", 1)
    except TyperException as wrong:
        _end(str(wrong), 2)


def _end(sentence: str, code: int) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(code)
