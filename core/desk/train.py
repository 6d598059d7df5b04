"""Train on the running market's own history and store what it measured out of sample."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta

from core.desk.beside import beside
from core.desk.desk import Desk
from core.desk.history import way_to_more
from core.desk.models_use import keep_trained
from core.desk.sign import desk_signer
from core.desk.studied_then import studied_then
from core.domain.clock import ist_day
from core.domain.research import ModelVersion
from core.errors import NoData
from core.features.compute import FeaturePanel, compute
from core.features.table import MODEL_NAMES
from core.features.tilt import tilt
from core.models.learners import STANDARD
from core.models.sweep import SideBySide
from core.models.train import NEEDED_SESSIONS
from core.models.train import train as fit
from core.panel import Panel
from core.store import audit, events

Progress = Callable[[float, str], None]
SESSIONS_MAX = 1250


def train(
    desk: Desk,
    progress: Progress = lambda _share, _sentence: None,
    *,
    kinds: Sequence[str] = STANDARD,
    cluster: str = "",
) -> ModelVersion:
    """Fit, measure, sign and store; the first version of a store is put to use.

    What a training that was stopped had done is kept until one is finished.

    Args:
        kinds: the members, or "all".
        cluster: address of a Dask scheduler; "" trains here.

    Raises:
        NoData: not enough bars.
        BadInput: a kind nobody has, or a cluster that does not answer.
        Tampered: the desk's key for models is spoiled, so nothing could be signed.
    """
    desk_signer(desk.home)
    at, shelf = desk.clock.now(), desk.home / "models" / "under-way"
    panel, features = learnt_from(desk, progress)
    trained = fit(
        panel,
        features,
        market=desk.market,
        trained_at=at,
        folder=desk.home / "models",
        kinds=kinds,
        sweep=SideBySide(workers=1, cluster=cluster, shelf=shelf),
        progress=lambda share, sentence: progress(0.1 + 0.88 * share, sentence),
    )
    with desk.store.write() as tx:
        audit.append(
            tx,
            at=at,
            actor="worker",
            verb="train",
            subject=trained.primary.version,
            body={
                "sha256": trained.primary.sha256,
                "skill": round(trained.primary.skill, 6),
                "has_vote": trained.primary.has_vote,
                "n": trained.primary.n_out_of_sample,
            },
        )
        kept = keep_trained(desk, tx, trained.primary, trained.meta, by="worker")
    shutil.rmtree(shelf, ignore_errors=True)
    return kept


def learnt_from(desk: Desk, progress: Progress) -> tuple[Panel, FeaturePanel]:
    """Bars and features that a training at this moment would see; raises NoData for too few.

    A share has features on the sessions on which it took part as known then, see `taking_part`.
    """
    at = desk.clock.now()
    progress(0.02, "reading bars")
    with desk.store.read() as tx:
        end = ist_day(at) - timedelta(days=1)
        then = studied_then(tx, until=end)
        if not then.panel.sessions:
            raise NoData("no bars to train on; import prices first")
        _enough(desk, then.panel)
        then = then.last(SESSIONS_MAX)
        panel = then.panel
        first = desk.calendar.session(panel.sessions[0]).opens_at
        tags = events.tags_between(tx, first, at)
        around = beside(desk, tx, panel, MODEL_NAMES)
    progress(0.08, f"computing features of {len(panel.isins)} shares")
    lean = tilt(panel.sessions, panel.isins, tags, desk.calendar)
    return panel, compute(panel, tilt=lean, beside=around, members=then.members)


def _enough(desk: Desk, panel: Panel) -> None:
    have = len(panel.sessions)
    if have < NEEDED_SESSIONS:
        way = way_to_more(desk, lacking=NEEDED_SESSIONS - have, last=panel.sessions[-1])
        raise NoData(f"training needs {NEEDED_SESSIONS} sessions and {have} are stored; {way}")
