"""The `munim` command: the desk's use cases for a terminal.

`--json` prints exactly one JSON document on stdout; messages go to stderr. Bad input is one
sentence and exit 2, a failure exit 1.
"""

from core.cli.app import main

__all__ = ["main"]
