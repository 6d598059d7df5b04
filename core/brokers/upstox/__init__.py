"""Upstox through its own client: words, errors, session, login and stream.

The client is imported where it is first needed.
"""

from typing import Final

NAME: Final = "Upstox"
