"""The leak tests by name, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.desk import leaks_store
from core.desk.desk import Desk
from core.errors import BadInput
from core.models import leaks_columns as columns
from core.models import leaks_folds as folds
from core.models import leaks_skill as skill
from core.models import leaks_time as when
from core.models.leaks import Finding, Subject

Run = Callable[[Desk, Subject], Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """One named test; `files` says whether it asks anything of a person's file."""

    name: str
    words: str
    run: Run
    files: bool = True


def _of(name: str, words: str, run: Callable[[Subject], Finding], *, files: bool = True) -> Check:
    return Check(name, words, lambda _desk, subject: run(subject), files)


CHECKS: tuple[Check, ...] = (
    _of("truncated", "a history cut short gives the same past", columns.truncated),
    _of("shuffled", "a shuffled future changes nothing", columns.shuffled),
    _of("changed", "other or missing future prices change nothing", columns.changed),
    _of("weeks", "weeks and months say what was known by each day", columns.weeks),
    _of("split_later", "a later split changes no column", columns.split_later),
    _of("listed_later", "no bar, nothing said", columns.listed_later),
    _of("twice", "asked twice, the same answer", columns.twice),
    _of("renamed", "other names of shares change nothing", columns.renamed),
    _of("ranks", "ranks use their own session", columns.ranks, files=False),
    _of("market_series", "index, VIX and flows count from their session",
        columns.market_series, files=False),
    Check("laid_beside", "what stands beside prices keeps its past",
          leaks_store.laid_beside, files=False),
    Check("flows_late", "flows of the evening count from the next session",
          leaks_store.flows_late, files=False),
    _of("known_at", "news counts from when it was known", when.known_at, files=False),
    Check("decided", "decisions and fills came after what caused them",
          leaks_store.decided, files=False),
    _of("factors", "price factors count once known", when.factors, files=False),
    Check("read_as_of", "bars as of a day, in its share terms", leaks_store.read_as_of,
          files=False),
    _of("universe", "members by the list of the day", when.universe, files=False),
    _of("taking_part", "who takes part is known by the close", when.taking_part, files=False),
    Check("survivors", "shares that left are learnt from", leaks_store.survivors, files=False),
    _of("same_bar", "entries at the next open", when.same_bar),
    Check("fills_later", "first quotes tell nothing of the session", leaks_store.fills_later,
          files=False),
    _of("filtered", "states of the market are filtered", when.filtered, files=False),
    _of("purged", "labels purged and embargoed", folds.purged),
    _of("scaler", "scaled inside the fold", folds.scaler),
    _of("selector", "columns chosen inside the fold", folds.selector),
    _of("weights", "weights from labels known before the fold", folds.weights),
    _of("stacker", "the stacker sees chances out of fold", folds.stacker),
    _of("calibration", "curves and blend from earlier folds", folds.calibration),
    _of("meta_label", "meta-labels from earlier folds", folds.meta_label),
    _of("ranges", "ranges from earlier folds", folds.ranges),
    _of("shifted", "labels of another time leave no skill", skill.shifted),
    _of("permuted", "labels dealt at random leave no skill", skill.permuted),
    _of("random", "random numbers earn nothing", skill.random_columns),
    _of("too_good", "too good is a leak until shown otherwise", skill.too_good),
)  # fmt: skip


def checks_named(only: Sequence[str]) -> tuple[Check, ...]:
    """Some tests in their usual order, all for none; raises BadInput."""
    known = {check.name for check in CHECKS}
    unknown = [name for name in only if name not in known]
    if unknown:
        names = ", ".join(check.name for check in CHECKS)
        raise BadInput(f"no leak test is called {unknown[0]!r}; there are: {names}")
    return tuple(check for check in CHECKS if not only or check.name in set(only))
