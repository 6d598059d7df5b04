"""Jobs of real money beside the floor: alarms out, and the rows a LIVE login must show."""

from __future__ import annotations

from core.desk.alarm_out import carry_alarms
from core.desk.live import keep_rows
from core.domain.account import Broker
from core.errors import SourceFailed
from core.providers.alarm_channels import channels
from core.providers.keys import find_key
from core.store import accounts
from jobs.worker import Worker


def carry(worker: Worker) -> str:
    """Send waiting alarms to every channel that is set up; the floor never waits for it."""
    ways, _ = channels(find_key)  # what is set wrongly is said by munim alarms test
    done = carry_alarms(worker.floor.desk, ways)
    if done.failed:
        raise SourceFailed("; ".join(done.failed))
    return f"{done.taken} alarms carried outside" if done.taken else ""


def look_at_rows(worker: Worker) -> str:
    """Look at what each login at a real broker must show, and keep it for clicks and sends."""
    desk = worker.floor.desk
    with desk.store.read() as tx:
        real = [one for one in accounts.logins(tx) if one.broker is not Broker.PAPER]
    for login in real:
        keep_rows(desk, login.id)
    return ""
