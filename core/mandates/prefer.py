"""What a mandate would rather own, among shares that are all good enough.

A preference only orders. It lets nothing through that a rule refuses, turns nothing away, and
no size looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.mandate import Mandate


def preferred_first(
    ranked: Sequence[str], sectors: Mapping[str, str], mandate: Mandate
) -> tuple[str, ...]:
    """ISINs ranked best first, those of preferred sectors before the rest; else as they stood."""
    liked = mandate.sectors_preferred
    return tuple(sorted(ranked, key=lambda isin: sectors.get(isin, "") not in liked))
