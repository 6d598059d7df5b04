"""Trained models as the desk opens them: signed by it, of its market, whole.

A page reads a version's manifest alone and loads no member of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.desk.desk import Desk
from core.desk.sign import desk_signer
from core.domain.research import ModelVersion
from core.errors import MunimError, Tampered, WrongMarket
from core.models.files import MANIFEST, Model, load, read_files, read_manifest
from core.models.signing import signature, why_not_genuine

KEPT_OPEN = 16  # manifests that stay parsed


@dataclass(frozen=True, slots=True)
class Sheet:
    """A version with its manifest; `refused` says why it cannot be used, "" when it can."""

    version: ModelVersion
    manifest: Mapping[str, Any]
    refused: str = ""

    @property
    def measures(self) -> Mapping[str, Any]:
        """What its training measured, by kind of member and as "ensemble"; empty for none."""
        found: Mapping[str, Any] = self.manifest.get("measures", {})
        return found


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
        NoData: an older Munim wrote it without what is read now.
    """
    _genuine(desk, version)
    return load(version, market=desk.market)


def verify(desk: Desk, version: ModelVersion) -> None:
    """Hold signature, market and every file of a version; raises as `open_model` does."""
    _genuine(desk, version)
    read_files(version, read_manifest(version))


def why_refused(desk: Desk, version: ModelVersion) -> str:
    """Why a version cannot be used, every file read; "" when it can."""
    try:
        verify(desk, version)
    except MunimError as wrong:
        return str(wrong)
    return ""


def sheet(desk: Desk, version: ModelVersion) -> Sheet:
    """A version as a page shows it; members' files are not read."""
    try:
        _genuine(desk, version)
        return Sheet(version, _manifest(version, _stamp_of(version)))
    except MunimError as wrong:
        return Sheet(version, {}, str(wrong))


def _genuine(desk: Desk, version: ModelVersion) -> None:
    if version.market is not desk.market:
        raise WrongMarket(
            f"model {version.version} was trained on {version.market} and the store is "
            f"{desk.market}; train on this market"
        )
    signer = desk_signer(desk.home)
    if why := why_not_genuine(version, key=signer.key, signer=signer.id):
        raise Tampered(why)


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
