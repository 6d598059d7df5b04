"""A model's folder: a JSON manifest and its members in formats that run no code. Never pickle.

The manifest names every file with its hash, and the version is a hash of the manifest, so one
changed byte anywhere is found. What is read is held against its hash before it is used, and never
read a second time; a file that no manifest names is never opened.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
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
SAFE = (".txt", ".json", ".safetensors", ".cbm", ".ubj")
FORMAT = 2  # of manifests; it moves when what is read from them does


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

    The folder takes its place whole, on the disk, so that nobody ever reads half a model.

    Raises:
        ValueError: a file's name is no plain one, or ends as no safe format does.
    """
    for name in files:
        if why := _why_unsafe(name):
            raise ValueError(why)
    named = {name: _sha256(content) for name, content in sorted(files.items())}
    text = json.dumps({**manifest, "format": FORMAT, "files": named}, sort_keys=True, indent=1)
    digest = _sha256(text.encode())
    version = f"{kind}-{digest[:8]}"
    place = folder / version
    draft = folder / f".{version}.{secrets.token_hex(4)}"
    draft.mkdir(parents=True)
    try:
        for name, content in {**files, MANIFEST: text.encode()}.items():
            _write(draft / name, content)
        _put_in_place(draft, place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return version, digest, place


def load(version: ModelVersion, *, market: Market) -> Model:
    """Read a model back.

    Raises:
        WrongMarket: it was trained on another market.
        NotFound: its files are gone.
        Tampered: its files are not the ones that were stored, or are of no safe format.
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
    for name in manifest["files"]:
        if why := _why_unsafe(name):
            raise Tampered(f"model {version.version} is refused: {why}; train again")
    return {name: _file(version, place / name, sha) for name, sha in manifest["files"].items()}


def strangers(version: ModelVersion, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """What lies in its folder and is none of it; such files are never opened."""
    known = {*manifest["files"], MANIFEST}
    return tuple(sorted(one.name for one in Path(version.path).iterdir() if one.name not in known))


def _manifest(version: ModelVersion, place: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(_file(version, place / MANIFEST, version.sha256))
    if manifest.get("format") != FORMAT:
        raise NoData(f"model {version.version} was written by an older Munim; train again")
    return manifest


def _file(version: ModelVersion, file: Path, sha256: str) -> bytes:
    content = _read(version, file)
    if _sha256(content) != sha256:
        raise Tampered(
            f"model {version.version} does not match its hash in {file.name}; train again"
        )
    return content


def _read(version: ModelVersion, file: Path) -> bytes:
    if not file.is_file():
        raise NotFound(f"model {version.version} has no {file.name}; train again")
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise NotFound(
            f"model {version.version}: {file.name} cannot be read ({wrong.strerror}); see to the "
            "disk, or train again"
        ) from wrong


def _why_unsafe(name: str) -> str:
    """Why a file of that name is neither written nor read; empty when it may be."""
    if Path(name).name != name or name.startswith(".") or "\\" in name:
        return f"{name!r} is no plain file name"
    return "" if name.endswith(SAFE) else f"{name} is no safe format; give one of {', '.join(SAFE)}"


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _put_in_place(draft: Path, place: Path) -> None:
    """Rename over what stood there: the same content, or a copy that somebody spoiled."""
    try:
        draft.rename(place)
    except OSError:
        if _equal(draft, place):
            return
        spoiled = draft.with_name(f"{draft.name}.old")
        place.rename(spoiled)
        draft.rename(place)
        shutil.rmtree(spoiled, ignore_errors=True)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _equal(one: Path, other: Path) -> bool:
    """Whether every file of a folder stands in another as it is."""
    return all(
        (other / file.name).is_file() and (other / file.name).read_bytes() == file.read_bytes()
        for file in one.iterdir()
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
