"""A version is signed with a key of the desk that trained it, so that no other is ever loaded.

The manifest's hash holds every file; the signature holds the hash, and what the store's row says
the version measured, so that neither can be changed by hand.
"""

from __future__ import annotations

import hashlib
import hmac

from core.domain.audit import canonical
from core.domain.research import ModelVersion

UNSIGNED = "was trained before models were signed; train again"


def signature(version: ModelVersion, *, key: bytes, signer: str) -> str:
    """The HMAC-SHA256 of a version as hex; `signer` names the key."""
    told = canonical(
        {
            "version": version.version,
            "kind": version.kind,
            "market": version.market,
            "trained_at": version.trained_at.timestamp(),
            "sha256": version.sha256,
            "has_vote": version.has_vote,
            "skill": [version.skill, version.skill_low, version.skill_high],
            "brier": [version.brier, version.brier_base],
            "n": version.n_out_of_sample,
            "meta": version.meta,
            "key": signer,
        }
    )
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def why_not_genuine(version: ModelVersion, *, key: bytes, signer: str) -> str:
    """Why a version is not one that this desk trained; empty when it is."""
    who = f"model {version.version}"
    if not version.signature:
        return f"{who} {UNSIGNED}"
    meant = signature(version, key=key, signer=signer)
    if version.signed_by != signer or not hmac.compare_digest(meant, version.signature):
        return (
            f"{who} does not carry this desk's signature: another desk trained it, or its row was "
            "changed; train again"
        )
    return ""
