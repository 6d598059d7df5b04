"""ISINs that changed while the share stayed: a split or consolidation makes a new one.

The first nine letters name issuer and kind of security and stay; the tenth and eleventh count.
A bonus or a new name changes no ISIN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.errors import BadInput

ISSUER = 9


@dataclass(frozen=True, slots=True)
class Succession:
    """From `since` on, the share that carried `isin` carries `successor`."""

    isin: str
    successor: str
    since: date
    source: str

    def __post_init__(self) -> None:
        if self.isin == self.successor:
            raise ValueError(f"{self.isin} cannot succeed itself")


def same_share(one: str, other: str) -> bool:
    """Whether two ISINs name the same kind of security of the same issuer."""
    return one[:ISSUER] == other[:ISSUER] and one[:2] == "IN"


def newest(isin: str, links: Mapping[str, str]) -> str:
    """The last ISIN of a share's chain; raises BadInput when the chain runs in a circle."""
    seen = [isin]
    while (later := links.get(seen[-1])) is not None:
        if later in seen:
            raise BadInput(
                f"the ISINs {', '.join([*seen, later])} succeed each other in a circle; "
                "take one of the changes back"
            )
        seen.append(later)
    return seen[-1]


def members(isins: Iterable[str], links: Mapping[str, str]) -> tuple[str, ...]:
    """Every ISIN, earlier and later, of the shares asked for, sorted."""
    ends = {newest(isin, links) for isin in isins}
    linked = {isin for isin in {*links, *links.values()} if newest(isin, links) in ends}
    return tuple(sorted(ends | linked))
