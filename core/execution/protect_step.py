"""What a protection is after the desk carried out a step on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.domain.protection import Owner, Protection, ProtectionStatus, advance
from core.execution.protect import Step, Verb

P = ProtectionStatus


def after(protection: Protection, step: Step, *, at: datetime, gtt_id: str = "") -> Protection:
    """The protection to save once `step` was asked for at `at`.

    A placed stop whose answer was lost is saved with no `gtt_id`; the next reads look for it.
    CANCEL and NOTHING change nothing: only a read-back shows that a stop is gone.

    Raises:
        IllegalTransition: the step does not belong to the protection as it stands.
    """
    verb, want = step.verb, step.wanted
    if verb is Verb.ARM:
        armed = _moved(protection, P.ARMED_LOCAL, step.reason)
        covered = replace(armed, qty=want.qty, stop=want.stop, target=want.target)
        return replace(covered, owner=Owner.LOCAL, gtt_id=step.gtt_id, armed_at=at)
    if verb in (Verb.PLACE, Verb.RESIZE, Verb.ADOPT):
        placed = _moved(protection, P.PLACED, step.reason)
        return replace(placed, owner=Owner.BROKER_GTT, gtt_id=gtt_id or step.gtt_id)
    if verb is Verb.VERIFY:
        return replace(_moved(protection, P.VERIFIED, step.reason), verified_at=at)
    if verb is Verb.FAIL:
        failed = _moved(protection, P.STOP_FAILED, step.reason)
        return replace(failed, owner=Owner.NONE, gtt_id="")
    if verb is Verb.RELEASE:
        released = _moved(protection, P.RELEASED, step.reason)
        return replace(released, owner=Owner.NONE, qty=0, gtt_id="")
    return protection


def _moved(protection: Protection, to: ProtectionStatus, reason: str) -> Protection:
    """As `advance`, and a step that stays in its state is a new version of it."""
    if protection.status is to:
        return replace(protection, reason=reason, version=protection.version + 1)
    return advance(protection, to, reason=reason)
