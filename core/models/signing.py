"""A version is signed with a key of the desk that trained it, so that no other is ever loaded.

The manifest's hash holds every file; the signature holds the hash and all that the store's row says
of the version but where its folder stands, so that neither can be changed by hand.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict

from core.domain.audit import canonical
from core.domain.research import ModelVersion

UNSIGNED = "was trained before models were signed; train again"
OLDER = "was signed by an older Munim, which left out part of its row; train again"
SCHEME = "2:"  # before every signature; the first scheme had none
NOT_SIGNED = ("path", "signature", "signed_by")  # the key's name is signed beside the row


def signature(version: ModelVersion, *, key: bytes, signer: str) -> str:
    """The HMAC-SHA256 of a version as hex after its scheme; `signer` names the key."""
    row = {name: value for name, value in asdict(version).items() if name not in NOT_SIGNED}
    row |= {"trained_at": version.trained_at.timestamp(), "key": signer}
    told = canonical(_even(row))
    return SCHEME + hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def why_not_genuine(version: ModelVersion, *, key: bytes, signer: str) -> str:
    """Why a version is not one that this desk trained; empty when it is."""
    who = f"model {version.version}"
    if not version.signature:
        return f"{who} {UNSIGNED}"
    if not version.signature.startswith(SCHEME):
        return f"{who} {OLDER}"
    meant = signature(version, key=key, signer=signer)
    if version.signed_by != signer or not hmac.compare_digest(meant, version.signature):
        return (
            f"{who} does not carry this desk's signature: another desk trained it, its row was "
            "changed, or the desk's key was replaced; train again"
        )
    return ""


def _even(value: object) -> object:
    """The same with every number as float, for the store gives 3.0 back where 3 was put."""
    if isinstance(value, dict):
        return {name: _even(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_even(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
