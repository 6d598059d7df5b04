"""Which ISINs the shares of the universe carried before, from dated facts and from files."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.instrument import Instrument
from core.domain.succession import Succession
from core.providers.bar_file import BarFile
from core.providers.isin_changes import isin_changes
from core.providers.renames import Kind, changes_now


def earlier_isins(
    universe: Sequence[Instrument], files: Sequence[BarFile] = ()
) -> list[Succession]:
    """Changes that lead to an ISIN of the universe; a dated fact wins over what a file shows."""
    found: dict[str, Succession] = {}
    for file in files:
        found |= {change.isin: change for change in isin_changes(file.rows, source=file.name)}
    for fact in changes_now():
        if fact.kind in (Kind.RENAME, Kind.ISIN) and fact.old_isin != fact.new_isin:
            found[fact.old_isin] = Succession(fact.old_isin, fact.new_isin, fact.day, fact.source)
    ends = {share.isin for share in universe}
    kept: list[Succession] = []
    while steps := [one for one in found.values() if one.successor in ends]:
        kept += steps
        ends = {one.isin for one in steps}
        for one in steps:
            del found[one.isin]
    return kept
