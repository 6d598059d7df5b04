"""Trained models as the desk opens them: signed by it, of its market, whole, and of its features.

A page reads a version's manifest alone and loads no member of it. Folders are looked for in the
desk's home, wherever that stands now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.desk.desk import Desk
from core.desk.sign import desk_signer
from core.domain.research import ModelVersion
from core.domain.words import counted, decimal
from core.errors import MunimError, NoData, Tampered, WrongMarket
from core.features.table import MODEL_NAMES
from core.features.table import VERSION as TABLE
from core.models.barriers import BARRIERS
from core.models.files import MANIFEST, Model, load, read_files, read_manifest, strangers
from core.models.signing import signature, why_not_genuine

KEPT_OPEN = 64  # manifests that stay parsed


@dataclass(frozen=True, slots=True)
class Sheet:
    """A version with its manifest.

    `refused` says why it cannot be used, `lost` why it lost a vote that training gave; "" for not.
    """

    version: ModelVersion
    manifest: Mapping[str, Any]
    refused: str = ""
    lost: str = ""

    @property
    def measures(self) -> Mapping[str, Any]:
        """What its training measured, by kind of member and as "ensemble"; empty for none."""
        found: Mapping[str, Any] = self.manifest.get("measures", {})
        return found

    @property
    def vote(self) -> str:
        """Whether it has a say now, in two words."""
        if self.refused or not self.version.has_vote:
            return "no vote"
        return "vote lost" if self.lost else "votes"


def signed(desk: Desk, version: ModelVersion, *, meta: str = "") -> ModelVersion:
    """A version with this desk's signature; `meta` is the meta-label that moves with it."""
    signer = desk_signer(desk.home)
    told = replace(version, meta=meta)
    mark = signature(told, key=signer.key, signer=signer.id)
    return replace(told, signed_by=signer.id, signature=mark)


def open_model(desk: Desk, version: ModelVersion) -> Model:
    """Load a version that this desk trained for this market.

    Raises:
        WrongMarket: it was trained on another market.
        Tampered: its signature is missing or not this desk's, or its files were changed.
        NotFound: its files are gone.
        NoData: an older Munim wrote it without what is read now, or from other features.
    """
    _genuine(desk, version)
    model = load(_placed(desk, version), market=desk.market)
    _of_today(version, model.manifest)
    return replace(model, version=version)


def verify(desk: Desk, version: ModelVersion) -> tuple[str, ...]:
    """Hold signature, market and every file of a version; raises as `open_model` does.

    Returns what lies in its folder and is none of it, which is never opened.
    """
    _genuine(desk, version)
    placed = _placed(desk, version)
    manifest = read_manifest(placed)
    read_files(placed, manifest)
    _of_today(version, manifest)
    return strangers(placed, manifest)


def why_refused(desk: Desk, version: ModelVersion) -> str:
    """Why a version cannot be used, every file read; "" when it can."""
    try:
        verify(desk, version)
    except MunimError as wrong:
        return str(wrong)
    return ""


def why_pair_refused(desk: Desk, version: ModelVersion, meta: ModelVersion | None) -> str:
    """The same of a version with the meta-label that moves with it, None where it was lost."""
    if version.meta and meta is None:
        return f"model {version.version} has lost its meta-label {version.meta}; train again"
    return why_refused(desk, version) or (why_refused(desk, meta) if meta is not None else "")


def sheet(desk: Desk, version: ModelVersion) -> Sheet:
    """A version as a page shows it; members' files are not read."""
    try:
        _genuine(desk, version)
        placed = _placed(desk, version)
        manifest = _manifest(placed, _stamp_of(placed))
        _of_today(version, manifest)
        return Sheet(version, manifest)
    except MunimError as wrong:
        return Sheet(version, {}, str(wrong))


def held(desk: Desk, told: Sheet) -> Sheet:
    """The same with every file held against its hash, as the next start would find them."""
    why = "" if told.refused else why_refused(desk, told.version)
    return replace(told, manifest={}, refused=why) if why else told


def _genuine(desk: Desk, version: ModelVersion) -> None:
    if version.market is not desk.market:
        raise WrongMarket(
            f"model {version.version} was trained on {version.market} and the store is "
            f"{desk.market}; train on this market"
        )
    signer = desk_signer(desk.home)
    if why := why_not_genuine(version, key=signer.key, signer=signer.id):
        raise Tampered(why)


def _placed(desk: Desk, version: ModelVersion) -> ModelVersion:
    """The version with its folder in this home; a home that was moved takes its models along."""
    here = desk.home / "models" / version.version
    return replace(version, path=str(here)) if here.is_dir() else version


def _of_today(version: ModelVersion, manifest: Mapping[str, Any]) -> None:
    """Raise NoData where the desk no longer computes what a pool of models was trained on."""
    if "members" not in manifest:
        return
    names, table = tuple(manifest["features"]), manifest["feature_version"]
    if gone := [name for name in names if name not in MODEL_NAMES]:
        raise NoData(
            f"model {version.version} was trained on {counted(len(gone), 'feature')} that the desk "
            f"no longer computes ({', '.join(gone[:3])}); train again"
        )
    if names != tuple(MODEL_NAMES) or table != TABLE:
        raise NoData(
            f"model {version.version} was trained on {len(names)} features of table {table} and "
            f"the desk computes {len(MODEL_NAMES)} of table {TABLE}; train again"
        )
    if tuple(manifest["barriers"]) != BARRIERS:
        was, now = (_bracket(one) for one in (manifest["barriers"], BARRIERS))
        raise NoData(
            f"model {version.version} tells odds of {was} and cards use {now}; train again"
        )


def _bracket(barriers: Sequence[float]) -> str:
    stop, target, sessions = barriers
    return f"{decimal(stop, digits=1)} and {decimal(target, digits=1)} ATR in {sessions} sessions"


def _stamp_of(version: ModelVersion) -> tuple[int, int]:
    """When the manifest was last written and how long it is; zeros for none."""
    file = Path(version.path) / MANIFEST
    if not file.is_file():
        return 0, 0
    found = file.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=KEPT_OPEN)
def _manifest(version: ModelVersion, _stamp: tuple[int, int]) -> Mapping[str, Any]:
    return read_manifest(version)
