"""Keep what is held safe: fills in, exits out, a stop for the rest, login by login.

One broker that does not answer holds up neither another login nor the protection of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.desk.call_off import call_off
from core.desk.chase import chase
from core.desk.dealer import Dealer
from core.desk.ex_dates import freeze
from core.desk.exchange_stop import protect_day_plans
from core.desk.exit import find_exits, sell_leaving
from core.desk.partial_exit import sell_parts
from core.desk.protect import protect_login
from core.desk.send import send_prepared
from core.desk.settle import settle_login
from core.desk.tighten import tighten
from core.errors import LeaseLost, MunimError, SourceFailed


def keep_safe(dealer: Dealer) -> None:
    """One pass; call it after every price and every send.

    Raises:
        SourceFailed: after everything else was done, what could not be, in one sentence.
        LeaseLost: at once.
    """
    failed: list[str] = []
    logins = sorted(dealer.sessions)
    settled = [name for name in logins if _did(failed, partial(settle_login, dealer, name))]
    _did(failed, partial(call_off, dealer))
    _did(failed, partial(freeze, dealer))
    _did(failed, partial(tighten, dealer))
    _did(failed, partial(find_exits, dealer))
    for name in settled:  # only where every fill is known, or it could be sold twice
        _did(failed, partial(chase, dealer, name))
        _did(failed, partial(_sell, dealer, name))
    for name in logins:
        _did(failed, partial(protect_login, dealer, name))
        _did(failed, partial(protect_day_plans, dealer, name))
    if failed:
        raise SourceFailed("; ".join(dict.fromkeys(failed)))


def _sell(dealer: Dealer, login_id: str) -> None:
    if sell_leaving(dealer, login_id) + sell_parts(dealer, login_id):
        send_prepared(dealer)
        settle_login(dealer, login_id)


def _did(failed: list[str], step: Callable[[], object]) -> bool:
    try:
        step()
    except LeaseLost:
        raise
    except MunimError as failure:
        failed.append(str(failure))
        return False
    return True
