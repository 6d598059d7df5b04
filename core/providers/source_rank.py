"""Whose bar stands where two differ: the exchange's file, a person's, a broker's, a vendor's."""

from __future__ import annotations

from core.providers.bar_file import EXCHANGE_FORMATS
from core.providers.catalog import rank_of


def source_rank(source: str) -> int:
    """The lower stands. A source is a vendor's name, or a format and a file such as udiff:x.zip."""
    if source.partition(":")[0] in EXCHANGE_FORMATS:
        return 0
    return 1 + int(rank_of(source))
