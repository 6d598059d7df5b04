"""Every kind of model there is, by its short name; a new one is its file and a line here."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from core.errors import BadInput
from core.models.cat import CATBOOST
from core.models.lgbm import EXTRA_TREES, LGBM, RANDOM_FOREST
from core.models.logistic import ELASTIC, LASSO, LOGISTIC
from core.models.nets import NETS
from core.models.port import Learner
from core.models.svr import SVR_SAMPLED
from core.models.xgb import XGBOOST

EVERY: tuple[Learner, ...] = (
    *(LGBM, RANDOM_FOREST, EXTRA_TREES, XGBOOST, CATBOOST),
    *(LOGISTIC, LASSO, ELASTIC, SVR_SAMPLED),
    *NETS,
)
LEARNERS: dict[str, Learner] = {learner.kind: learner for learner in EVERY}
STANDARD = ("lgbm", "forest", "logistic")  # what a desk trains on its own


def learner(kind: str) -> Learner:
    """One kind of model; raises BadInput for a name nobody has."""
    try:
        return LEARNERS[kind]
    except KeyError:
        raise BadInput(f"no model is called {kind!r}; there are: {', '.join(LEARNERS)}") from None


def chosen(kinds: Sequence[str]) -> tuple[Learner, ...]:
    """Some kinds in their usual order, each once; all that can be imported for "all".

    Raises:
        BadInput: a name nobody has, or one whose package is not installed.
    """
    if list(kinds) == ["all"]:
        return tuple(one for one in LEARNERS.values() if not lacking(one))
    for kind in kinds:
        missing = lacking(learner(kind))
        if missing:
            raise BadInput(
                f"{kind} needs {missing}, which is not installed yet; wait until the desk has "
                "installed it or leave it out"
            )
    return tuple(one for one in LEARNERS.values() if one.kind in set(kinds))


def lacking(one: Learner) -> str:
    """The first package a model lacks, "" when it can be trained."""
    return next((name for name in one.needs if find_spec(name) is None), "")
