"""LightGBM's trees out of their text, scored by the C library that its package brings.

Importing the package takes scikit-learn, SciPy and pandas with it, which costs more than all else a
cold prediction does. The calls made here are those of the package, and so are the numbers, to the
last bit.
"""

from __future__ import annotations

import ctypes
import weakref
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import NotBuilt, Tampered
from core.panel import Floats

FLOAT32, BY_ROWS, ALL_ROUNDS = 0, 1, -1  # of LightGBM's c_api.h, as are the two below
CHANCES, CONTRIBUTIONS = 0, 3
NAMES: Final = ("lib_lightgbm.so", "lib_lightgbm.dylib", "lib_lightgbm.dll")


class TextBooster:
    """Trees that were read back; the part of `lightgbm.Booster` that scoring takes."""

    def __init__(self, text: str) -> None:
        """Raises Tampered for a text LightGBM cannot read, NotBuilt where it is not installed."""
        self._text = text
        self._handle = ctypes.c_void_p()
        rounds = ctypes.c_int(0)
        called = _library().LGBM_BoosterLoadModelFromString(
            text.encode(), ctypes.byref(rounds), ctypes.byref(self._handle)
        )
        _held(called)
        weakref.finalize(self, _library().LGBM_BoosterFree, self._handle)
        self._rounds = rounds.value

    def predict(
        self, rows: NDArray[np.float32], *, pred_contrib: bool = False, num_threads: int = 1
    ) -> Floats:
        """Class chances of each row, or what each feature and the rest moved each class by.

        Args:
            rows: shape (n, n_features); NaN is missing.

        Returns:
            All numbers of the first row, then those of the next, as the package lays them out.
        """
        given = np.ascontiguousarray(rows, np.float32)
        what = CONTRIBUTIONS if pred_contrib else CHANCES
        room = ctypes.c_int64(0)
        _held(
            _library().LGBM_BoosterCalcNumPredict(
                *(self._handle, len(given), what, 0, ALL_ROUNDS), ctypes.byref(room)
            )
        )
        found = np.empty(room.value, np.float64)
        _held(
            _library().LGBM_BoosterPredictForMat(
                self._handle,
                given.ctypes.data_as(ctypes.c_void_p),
                *(FLOAT32, ctypes.c_int32(given.shape[0]), ctypes.c_int32(given.shape[1])),
                *(BY_ROWS, what, 0, ALL_ROUNDS),
                f"num_threads={num_threads}".encode(),
                ctypes.byref(room),
                found.ctypes.data_as(ctypes.c_void_p),
            )
        )
        return found

    def model_to_string(self) -> str:
        """The text they were read from."""
        return self._text

    def current_iteration(self) -> int:
        """How many rounds were grown."""
        return self._rounds


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    """LightGBM's own library, found without importing the package."""
    package = find_spec("lightgbm")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        for place in (Path(folder) / part / name for part in ("lib", "bin") for name in NAMES):
            if place.is_file():
                library = ctypes.CDLL(str(place))
                library.LGBM_GetLastError.restype = ctypes.c_char_p
                return library
    raise NotBuilt("lightgbm is not installed whole; install it again with make run")


def _held(code: int) -> None:
    if code:
        said = _library().LGBM_GetLastError().decode(errors="replace").split("\n")[0].rstrip(" .")
        raise Tampered(f"LightGBM cannot use the trees that were kept: {said}; train again")
