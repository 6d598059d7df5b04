"""What a training leaves behind: versions in their folders, each with what it measured."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.domain.account import Market
from core.domain.research import Member, ModelVersion
from core.models.barriers import BARRIERS
from core.models.blend import ANY
from core.models.calibrate import SKILL_LEVEL, Skill
from core.models.files import save
from core.models.meta import SCORES, MetaFit
from core.models.novelty import FILE as NOVELTY
from core.models.novelty import Novelty
from core.models.pool import Pooled
from core.models.port import Fitted
from core.models.record import WHOLE
from core.models.vote import VOTE_OVER, weaker_skill
from core.models.walk import FOLDS


def _members(pooled: Pooled, measures: Mapping[str, Any]) -> tuple[Member, ...]:
    shares = dict(zip(pooled.blend.kinds, pooled.blend.exponents[ANY], strict=True))
    found = [(kind, weaker_skill(one)) for kind, one in pooled.by_kind.items()]
    return tuple(
        Member(
            kind=kind,
            n_out_of_sample=skill.n,
            brier=skill.brier,
            brier_base=skill.base,
            skill=skill.skill,
            skill_low=skill.low,
            skill_high=skill.high,
            has_vote=not measures[kind]["no_vote"],
            share=shares[kind],
        )
        for kind, skill in found
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where models are put, and what all that one training makes have in common."""

    folder: Path
    market: Market
    trained_at: datetime
    started: float

    def ensemble(
        self,
        pooled: Pooled,
        members: Mapping[str, Fitted],
        manifest: Mapping[str, Any],
        *,
        measures: Mapping[str, Any],
        novelty: Novelty,
        rows: int,
        columns: tuple[str, ...],
    ) -> ModelVersion:
        """Write all members with how they are pooled."""
        files = {kind: one.files() for kind, one in members.items()}
        return self.stored(
            WHOLE,
            manifest={
                **manifest,
                "members": {kind: sorted(found) for kind, found in files.items()},
                "blend": pooled.blend.to_json(),
                "measures": measures,
            },
            files={
                NOVELTY: novelty.to_bytes(),
                **{name: content for found in files.values() for name, content in found.items()},
            },
            skill=weaker_skill(pooled.judged),
            has_vote=not measures[WHOLE]["no_vote"],
            rows=rows,
            columns=columns,
            members=_members(pooled, measures),
        )

    def meta(self, fit: MetaFit, *, beside: ModelVersion) -> ModelVersion:
        """Write the meta-label, a manifest alone; it votes only beside a primary that does."""
        return self.stored(
            "meta",
            manifest=fit.manifest,
            files={},
            skill=fit.skill,
            has_vote=fit.skill.low > VOTE_OVER and beside.has_vote,
            rows=fit.rows,
            columns=SCORES,
        )

    def stored(
        self,
        kind: str,
        *,
        manifest: dict[str, Any],
        files: Mapping[str, bytes],
        skill: Skill,
        has_vote: bool,
        rows: int,
        columns: tuple[str, ...],
        members: tuple[Member, ...] = (),
    ) -> ModelVersion:
        """Write the files and say what they are."""
        version, digest, place = save(
            self.folder,
            kind=kind,
            manifest={**manifest, "market": self.market.value, "skill_level": SKILL_LEVEL},
            files=files,
        )
        return ModelVersion(
            version=version,
            kind=kind,
            market=self.market,
            trained_at=self.trained_at,
            rows=rows,
            features=columns,
            barriers=BARRIERS,
            folds=FOLDS,
            n_out_of_sample=skill.n,
            base_rate=skill.base_rate,
            brier=skill.brier,
            brier_base=skill.base,
            skill=skill.skill,
            skill_low=skill.low,
            skill_high=skill.high,
            seconds=time.monotonic() - self.started,
            has_vote=has_vote,
            sha256=digest,
            path=str(place),
            members=members,
        )
