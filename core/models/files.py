"""A model's folder: a JSON manifest and its members in formats that run no code. Never pickle.

The manifest names every file with its hash, and the version is a hash of the manifest, so one
changed byte anywhere is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.domain.account import Market
from core.domain.research import ModelVersion
from core.errors import NoData, NotFound, Tampered, WrongMarket
from core.models.learners import learner
from core.models.novelty import FILE as NOVELTY
from core.models.novelty import Novelty, novelty_from
from core.models.port import Fitted

MANIFEST = "manifest.json"
SAFE = (".txt", ".json", ".safetensors", ".skops", ".cbm", ".ubj")
NEEDS = {"ensemble": "moves", "meta": "breakeven"}  # what predicting reads, newest of each kind


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model: its version, what its manifest says, and its members by kind.

    `novelty` tells shares unlike any it learnt from; None where an older Munim kept none.
    """

    version: ModelVersion
    manifest: dict[str, Any]
    members: Mapping[str, Fitted] = field(default_factory=dict)
    novelty: Novelty | None = None

    @property
    def window(self) -> int:
        """Sessions of features that the members look back on, at least one."""
        return max((int(getattr(one, "length", 1)) for one in self.members.values()), default=1)


def save(
    folder: Path, *, kind: str, manifest: dict[str, Any], files: Mapping[str, bytes]
) -> tuple[str, str, Path]:
    """Write a model; returns its version (from its content), the hash and the folder.

    Raises:
        ValueError: a file's name ends as no safe format does.
    """
    for name in files:
        if not name.endswith(SAFE):
            raise ValueError(f"{name} is no safe format; give one of {', '.join(SAFE)}")
    named = {name: _sha256(content) for name, content in sorted(files.items())}
    text = json.dumps({**manifest, "files": named}, sort_keys=True, indent=1)
    digest = _sha256(text.encode())
    version = f"{kind}-{digest[:8]}"
    place = folder / version
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    (place / MANIFEST).write_text(text, encoding="utf-8")
    return version, digest, place


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
    manifest = read_manifest(version)
    files = read_files(version, manifest)
    names = tuple(manifest.get("features", ()))
    members = {
        kind: learner(kind).read({name: files[name] for name in owned}, names)
        for kind, owned in manifest.get("members", {}).items()
    }
    novelty = novelty_from(files[NOVELTY]) if NOVELTY in files else None
    return Model(version, manifest, members, novelty)


def read_manifest(version: ModelVersion) -> dict[str, Any]:
    """What a version says of itself, without its members; raises as `load` does."""
    place = Path(version.path)
    manifest = _manifest(version, place)
    if manifest["market"] != version.market.value:
        raise WrongMarket(
            f"model {version.version} was trained on {manifest['market']} and is stored as "
            f"{version.market}; train on this market"
        )
    return manifest


def read_files(version: ModelVersion, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file the manifest names, each held against its hash; raises as `load` does."""
    place = Path(version.path)
    return {name: _file(version, place / name, sha) for name, sha in manifest["files"].items()}


def _manifest(version: ModelVersion, place: Path) -> dict[str, Any]:
    content = _read(version, place / MANIFEST)
    if _sha256(content) != version.sha256:
        if (place / "model.txt").is_file():
            raise NoData(f"model {version.version} was written by an older Munim; train again")
        raise Tampered(f"model {version.version} does not match its hash; train again")
    manifest: dict[str, Any] = json.loads(content)
    lacking = NEEDS.get(version.kind, "market")
    if lacking not in manifest:
        raise NoData(
            f"model {version.version} was written by an older Munim and lacks {lacking!r}; "
            "train again"
        )
    return manifest


def _file(version: ModelVersion, place: Path, sha256: str) -> bytes:
    content = _read(version, place)
    if _sha256(content) != sha256:
        raise Tampered(f"model {version.version} does not match its hash; train again")
    return content


def _read(version: ModelVersion, place: Path) -> bytes:
    if not place.is_file():
        raise NotFound(f"model {version.version} has no files; train again")
    return place.read_bytes()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
