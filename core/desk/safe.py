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
from core.desk.under_way import is_due, one_look, stops_may_move
from core.errors import LeaseLost, MunimError, SourceFailed


def keep_safe(dealer: Dealer) -> None:
    """One pass; call it after every price and every send.

    Raises:
        SourceFailed: after everything else was done, what could not be, in one sentence.
        LeaseLost: at once.
    """
    with one_look(dealer.sessions.values()):
        failed = _pass(dealer)
    if failed:
        raise SourceFailed("; ".join(dict.fromkeys(failed)))


def _pass(dealer: Dealer) -> list[str]:
    """Look where a look is due; what is decided at the desk meanwhile may make another due."""
    failed: list[str] = []
    logins = sorted(dealer.sessions)
    looked = [name for name in logins if is_due(dealer, name)]
    settled = [name for name in looked if _did(failed, partial(settle_login, dealer, name))]
    _did(failed, partial(call_off, dealer))
    _did(failed, partial(freeze, dealer))
    _did(failed, partial(tighten, dealer))
    _did(failed, partial(find_exits, dealer))
    late = [name for name in logins if name not in looked and is_due(dealer, name)]
    settled += [name for name in late if _did(failed, partial(settle_login, dealer, name))]
    for name in settled:  # only where every fill is known, or it could be sold twice
        _did(failed, partial(chase, dealer, name))
        _did(failed, partial(_sell, dealer, name))
    for name in sorted([*looked, *late]):
        if stops_may_move(dealer, name):
            _did(failed, partial(protect_login, dealer, name))
        _did(failed, partial(protect_day_plans, dealer, name))
    return failed


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
