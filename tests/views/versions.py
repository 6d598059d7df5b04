"""Stored model versions with a manifest and no member, as a training leaves them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.desk.desk import Desk
from core.desk.models_use import keep_trained
from core.domain.research import Member, ModelVersion
from core.features.table import VERSION
from core.models.files import save
from tests.views.shelf import MODEL

SKILL = {"brier": 0.16, "base": 0.164, "skill": 0.02, "low": 0.01, "high": 0.03,
         "base_rate": 0.2, "n": 900}  # fmt: skip
PART: dict[str, Any] = {
    "skill": SKILL, "skill_alike": {**SKILL, "skill": 0.004, "low": -0.002, "high": 0.01},
    "ic": {"value": 0.02, "se": 0.01, "blocks": 40}, "accuracy": {"value": 0.51, "se": 0.01},
    "base_rate": 0.2, "top_rate": 0.26, "sharpness": 0.03, "ece": 0.01, "chance": 0.02,
    "calibrated": True, "suspect": "", "n": 900,
    "bins": [{"said": 0.1 * one, "came": 0.1 * one + 0.01, "low": 0.1 * one - 0.02,
              "high": 0.1 * one + 0.04, "n": 90} for one in range(1, 9)],
}  # fmt: skip
MEMBER = Member("lgbm", 900, 0.16, 0.164, 0.02, 0.01, 0.03, True, 0.7)
OTHER = replace(MEMBER, kind="logistic", has_vote=False, share=0.35)


def made(
    desk: Desk,
    name: str,
    *,
    whole: dict[str, Any] | None = None,
    manifest: dict[str, Any] | None = None,
    **more: Any,
) -> ModelVersion:
    """An unsigned version; `whole` changes what it measured as a whole."""
    part = {**PART, **(whole or {})}
    told = {
        "market": desk.market.value, "moves": {}, "name": name, "shares": 30, "data": name * 16,
        "sessions": ["2024-01-01", "2026-11-18"], "feature_version": VERSION,
        "skill_level": 0.95,
        "measures": {
            "lgbm": PART,
            "ensemble": {**part, "years": {"2025": PART, "2026": {**PART, "n": 12}},
                         "regimes": {"bull": PART}},
        },
        "baselines": {"base rate": PART},
        "return_ranges": {
            "lows": [-1.0], "mids": [0.0], "highs": [1.0],
            "coverage": [[1, 0.8, 0.78, 0.82, 900, 0.04], [10, 0.7, 0.68, 0.72, 90, 0.15]],
            "parts": {"2025": [10, 0.79, 0.7, 0.86, 88, 0.15], "bull": [10, 0.9, 0.5, 1, 12, 0.1]},
        },
        **(manifest or {}),
    }  # fmt: skip
    version, digest, place = save(
        desk.home / "models", kind="ensemble", manifest=told, files={"a.json": b"{}"}
    )
    row = {"kind": "ensemble", "version": version, "sha256": digest, "path": str(place)}
    return replace(MODEL, **{**row, "has_vote": False, "members": (MEMBER, OTHER), **more})


def made_meta(desk: Desk, name: str) -> ModelVersion:
    """The meta-label of the same training."""
    manifest = {"market": desk.market.value, "breakeven": 0.4, "name": name}
    version, digest, place = save(desk.home / "models", kind="meta", manifest=manifest, files={})
    return replace(MODEL, kind="meta", version=version, sha256=digest, path=str(place))


def trained(desk: Desk, name: str, **more: Any) -> ModelVersion:
    """What a training leaves in the store."""
    with desk.store.write() as tx:
        return keep_trained(desk, tx, made(desk, name, **more), made_meta(desk, name), by="worker")
