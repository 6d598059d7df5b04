"""What a job's result depends on beside its data: the code that makes it and the packages.

Results kept by another Munim are not taken for this one's, and a cluster's worker that runs other
code takes no part.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from core.models.port import Learner

IMPORTS = re.compile(r"^(?:from|import) (core\.models\.\w+)", re.MULTILINE)
JOB = "core.models.job"
ALWAYS = ("numpy", "sklearn")
OWNERS = {"sklearn": ("scikit-learn",), "xgboost": ("xgboost-cpu", "xgboost")}  # by import


def made_by(learners: Sequence[Learner]) -> str:
    """A hash of the code and the packages that make these learners' results."""
    modules = sorted({JOB, *(type(one).__module__ for one in learners)})
    packages = sorted({*ALWAYS, *(name for one in learners for name in one.needs)})
    parts = [*(_code(name) for name in modules), *(_release(name) for name in packages)]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return hashlib.sha256("|".join([python, *parts]).encode()).hexdigest()


@cache
def _code(module: str) -> str:
    """A hash of a module's text and of all models' modules that it imports."""
    waiting, seen = [module], dict[str, str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            text = _text(name)
            seen[name] = hashlib.sha256(text.encode()).hexdigest()
            waiting += IMPORTS.findall(text)
    return "|".join(f"{name}={seen[name]}" for name in sorted(seen))


def _text(module: str) -> str:
    loaded = getattr(sys.modules.get(module), "__file__", None)
    found = None if loaded else find_spec(module)
    place = Path(loaded or (found.origin if found is not None and found.origin else ""))
    return place.read_text(encoding="utf-8") if place.is_file() else ""


@cache
def _release(package: str) -> str:
    """A package's name with its release, as installed here; "absent" where it is not."""
    for name in OWNERS.get(package, (package,)):
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return f"{package} absent"
