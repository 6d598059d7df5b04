"""Random numbers that depend on a seed and a label, never on who asked first."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stream(seed: int, *labels: str) -> np.random.Generator:
    """A generator of its own for one purpose: same seed and labels, same numbers.

    Drawing more from one stream leaves its first numbers as they were, so that a longer
    calendar does not change the past.
    """
    basis = "\x1f".join((str(seed), *labels)).encode()
    return np.random.Generator(
        np.random.PCG64(int.from_bytes(hashlib.sha256(basis).digest()[:16], "big"))
    )


def heavy_tailed(seed: int, *labels: str, size: int, freedom: float = 5.0) -> Floats:
    """Student-t shocks of some degrees of freedom, scaled to unit variance, shape (size,)."""
    drawn = stream(seed, *labels).standard_t(freedom, size)
    return np.asarray(drawn * np.sqrt((freedom - 2.0) / freedom))
