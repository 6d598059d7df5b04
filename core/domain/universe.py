"""Named sets of shares with the dates they belong to it: an index, a person's list.

Membership is dated, because a study over today's index members of ten years ago has looked
ahead. A date is known only as well as the lists read: a share joins on the day of the first list
that has it and leaves on the day of the first that lacks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Member:
    """A share from `starts` on and before `ends`; None while it belongs."""

    isin: str
    symbol: str
    name: str
    starts: date
    ends: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the share belongs on a day."""
        return self.starts <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True)
class Universe:
    """A named set; `read_as_of` are the dates of the lists it was made from, oldest first."""

    name: str
    source: str
    members: tuple[Member, ...]
    read_as_of: tuple[date, ...]

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadInput("a universe needs a name")

    def on(self, day: date) -> tuple[Member, ...]:
        """Who belongs on a day; raises BadInput before the first list."""
        if not self.read_as_of or day < self.read_as_of[0]:
            first = self.read_as_of[0] if self.read_as_of else "no day"
            raise BadInput(
                f"{self.name} is known from {first} on, not on {day}; import an older list first"
            )
        return tuple(one for one in self.members if one.holds(day))

    @property
    def now(self) -> tuple[Member, ...]:
        """Who belongs by the newest list."""
        return tuple(one for one in self.members if one.ends is None)


def after_list(
    known: Universe | None,
    listed: Iterable[Member],
    *,
    name: str,
    source: str,
    as_of: date,
    same: Callable[[str], str],
) -> Universe:
    """The universe once a newer list was read: who stays, who joins, who leaves.

    Args:
        same: what two ISINs of one share have in common, so that a split makes nobody leave.

    Raises:
        BadInput: the list is no newer than the last one read, or holds nobody.
    """
    new = {same(one.isin): replace(one, starts=as_of, ends=None) for one in listed}
    if not new:
        raise BadInput(f"{source} lists nobody; {name} is left as it was")
    if known is None:
        return Universe(name, source, tuple(new.values()), (as_of,))
    if as_of <= known.read_as_of[-1]:
        raise BadInput(
            f"{name} was last read as of {known.read_as_of[-1]}, this list is as of {as_of}; "
            "import lists oldest first"
        )
    members = []
    for one in known.members:
        key = same(one.isin)
        if one.ends is not None:
            members.append(one)
        elif key in new:
            fresh = new.pop(key)
            members.append(replace(fresh, starts=one.starts))
        else:
            members.append(replace(one, ends=as_of))
    return Universe(name, source, (*members, *new.values()), (*known.read_as_of, as_of))
