"""A model's folder: LightGBM's own text, a JSON manifest, and a hash over both. Never pickle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.account import Market
from core.domain.research import ModelVersion
from core.errors import NoData, NotFound, Tampered, WrongMarket

if TYPE_CHECKING:
    import lightgbm

MANIFEST = "manifest.json"
BOOSTER = "model.txt"
NEEDS = {"lgbm": "moves", "meta": "breakeven"}  # what predicting reads, newest of each kind


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model: its version, what its manifest says, and its trees if it has any."""

    version: ModelVersion
    manifest: dict[str, Any]
    booster: lightgbm.Booster | None


def save(folder: Path, *, kind: str, manifest: dict[str, Any], trees: str) -> tuple[str, str, Path]:
    """Write a model; returns its version (from its content), the hash and the folder."""
    text = json.dumps(manifest, sort_keys=True, indent=1)
    digest = content_hash(text, trees)
    version = f"{kind}-{digest[:8]}"
    place = folder / version
    place.mkdir(parents=True, exist_ok=True)
    (place / BOOSTER).write_text(trees, encoding="utf-8")
    (place / MANIFEST).write_text(text, encoding="utf-8")
    return version, digest, place


def content_hash(manifest: str, trees: str) -> str:
    """One hash over manifest and trees."""
    return hashlib.sha256(f"{manifest}\x1f{trees}".encode()).hexdigest()


def load(version: ModelVersion, *, market: Market) -> Model:
    """Read a model back.

    Raises:
        WrongMarket: it was trained on another market.
        NotFound: its files are gone.
        Tampered: its files are not the ones that were stored.
        NoData: an older Munim wrote it without what is read now.
    """
    if version.market is not market:
        raise WrongMarket(
            f"model {version.version} was trained on {version.market} and the store is {market}; "
            "train on this market"
        )
    place = Path(version.path)
    if not (place / MANIFEST).is_file() or not (place / BOOSTER).is_file():
        raise NotFound(f"model {version.version} has no files; train again")
    text = (place / MANIFEST).read_text(encoding="utf-8")
    trees = (place / BOOSTER).read_text(encoding="utf-8")
    if content_hash(text, trees) != version.sha256:
        raise Tampered(f"model {version.version} does not match its hash; train again")
    manifest = json.loads(text)
    if manifest["market"] != version.market.value:
        raise WrongMarket(
            f"model {version.version} was trained on {manifest['market']} and is stored as "
            f"{version.market}; train on this market"
        )
    lacking = NEEDS.get(version.kind, "market")
    if lacking not in manifest:
        raise NoData(
            f"model {version.version} was written by an older Munim and lacks {lacking!r}; "
            "train again"
        )
    booster = None
    if trees:
        import lightgbm

        booster = lightgbm.Booster(model_str=trees)
    return Model(version, manifest, booster)
