"""Cases: which share on which session, as the rows or the windows that learners are given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.features.compute import FeaturePanel
from core.models.calibrate import Bools, Places
from core.panel import Floats

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cases:
    """`session` and `share` are indices into `features`, both of shape (n,)."""

    features: FeaturePanel
    session: Places
    share: Places

    def __len__(self) -> int:
        return len(self.session)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of every row."""
        return self.features.names

    def rows(self) -> Rows:
        """One row a case, shape (n, n_features); NaN is missing, and what is infinite is too."""
        return _finite(self.features.values[self.session, self.share])

    def windows(self, length: int) -> Rows:
        """Each case's last `length` sessions, oldest first: (n, length, n_features).

        Sessions before the panel begins are NaN, as are those on which the share did not trade.
        """
        steps = self.session[:, None] - np.arange(length - 1, -1, -1)
        found: Rows = self.features.values[np.maximum(steps, 0), self.share[:, None]]
        found[steps < 0] = np.nan
        return _finite(found)

    def only(self, keep: Bools | Places) -> Cases:
        """Some of the cases."""
        return replace(self, session=self.session[keep], share=self.share[keep])


@dataclass(frozen=True, slots=True)
class Sample:
    """Cases with what came of them: `outcome` is -1, 0 or 1, `weight` is above zero, both (n,)."""

    cases: Cases
    outcome: NDArray[np.int8]
    weight: Floats

    def __len__(self) -> int:
        return len(self.outcome)


def _finite(found: Rows) -> Rows:
    found[np.isinf(found)] = np.nan
    return found


def cases_where(features: FeaturePanel, chosen: Bools) -> Cases:
    """The cases marked in a table of shape (n_sessions, n_instruments), oldest first."""
    session, share = np.nonzero(chosen)
    return Cases(features, session.astype(np.int64), share.astype(np.int64))


def cases_of(features: FeaturePanel, *, session: int, shares: NDArray[np.intp]) -> Cases:
    """Some shares of one session."""
    return Cases(features, np.full(len(shares), session, np.int64), shares.astype(np.int64))
