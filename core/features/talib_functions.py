"""TA-Lib, which has no types of its own and brings pandas with it, loaded when first needed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import unwrap
from types import SimpleNamespace
from typing import Any


@cache
def ta() -> SimpleNamespace:
    """TA-Lib's functions over arrays, loaded when a column first asks.

    They are taken from under the layer that looks whether a series is of pandas or polars, which
    costs as much as a short series itself.
    """
    talib: Any = import_module("talib")
    found = {name: getattr(talib, name) for name in talib.get_functions()}
    return SimpleNamespace(**{name: unwrap(function) for name, function in found.items()})
