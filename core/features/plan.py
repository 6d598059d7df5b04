"""Which columns are computed for those that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput
from core.features.definition import Own
from core.features.table import MODEL_NAMES, OWN, WIDE, WORDS, version_of
from core.features.wide import Wide


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns are computed, those of single shares first, and where those asked for lie."""

    own: tuple[Own, ...]
    wide: tuple[Wide, ...]
    names: tuple[str, ...]

    @property
    def version(self) -> str:
        """That of the columns asked for."""
        return version_of([WORDS[name] for name in self.names])

    @property
    def made(self) -> tuple[str, ...]:
        """The names of all columns computed, in order."""
        return (
            *(one.definition.name for one in self.own),
            *(one.definition.name for one in self.wide),
        )

    def asked(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The columns asked for, out of all that were computed."""
        if self.names == self.made:
            return values
        return np.ascontiguousarray(values[:, :, [self.made.index(one) for one in self.names]])


def plan(names: Sequence[str] | None = None) -> Plan:
    """What to compute for some columns; raises BadInput for a name that no column has."""
    wanted = MODEL_NAMES if names is None else tuple(names)
    unknown = [name for name in wanted if name not in WORDS]
    if unknown:
        raise BadInput(f"no feature is called {unknown[0]}; there are {len(WORDS)} columns")
    asked = frozenset(wanted)
    broad = tuple(one for one in WIDE if one.definition.name in asked)
    needed = {*asked, *(need for one in broad for need in one.needs)}
    return Plan(tuple(one for one in OWN if one.definition.name in needed), broad, wanted)
