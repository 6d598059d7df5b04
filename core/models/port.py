"""What every model is to the rest of Munim: something that learns and something that scores.

A new model is one file with a `Learner`, named in `core/models/learners.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.models.cases import Cases, Sample
from core.panel import Floats

CLASSES = 3  # 0 stop first, 1 time, 2 target first


class Fitted(Protocol):
    """A trained model."""

    def scores(self, cases: Cases) -> Floats:
        """Chances of stop first, time and target first, shape (n, 3); each row sums to one."""
        ...

    def leaning(self, cases: Cases) -> Floats:
        """What each feature moved target against stop, in log-odds, shape (n, n_features)."""
        ...

    def files(self) -> Mapping[str, bytes]:
        """Itself by file name, in formats that run no code when they are read."""
        ...


class Learner(Protocol):
    """One kind of model."""

    @property
    def kind(self) -> str:
        """Short name, unique among learners."""
        ...

    @property
    def words(self) -> str:
        """What a person calls it."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Packages it imports that a desk may still be installing."""
        ...

    def fit(self, sample: Sample, *, seed: int) -> Fitted:
        """Learn from cases; the same sample and seed give the same model."""
        ...

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Fitted:
        """A trained model back from its files."""
        ...
