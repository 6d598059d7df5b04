"""The `munim` command: the desk's use cases for a terminal.

`--json` prints exactly one JSON document on stdout; messages go to stderr. Bad input is one
sentence and exit 2, a failure exit 1.
"""

import gc

gc.disable()  # what is imported stays, and looking for garbage in it takes a sixth of the start
from core.cli.app import main  # noqa: E402

gc.enable()

__all__ = ["main"]
