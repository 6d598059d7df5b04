"""Zerodha through its own client: words, errors, session, login and stream.

The client is imported where it is first needed, for it brings a network framework with it.
"""

from typing import Final

NAME: Final = "Kite"
