"""What each job does. Each is safe to run twice and says in one sentence what it did."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta

from core.desk import alert_lines, intake, retrain
from core.desk import floor as floors
from core.desk.alerts import fire_alerts
from core.desk.anchor import drop_anchor
from core.desk.close import close_day
from core.desk.dealer import Dealer, each_alone
from core.desk.desk import Desk
from core.desk.desk_stop import warn_unproven
from core.desk.ex_day import book_money
from core.desk.jobs import ask
from core.desk.join import compare
from core.desk.kill import take_in
from core.desk.list_actions import list_announced
from core.desk.models import why_pair_refused
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.desk.stall import warn_stalled
from core.desk.tranches import look_at_tranches
from core.desk.transfer import expire_old
from core.desk.under_way import any_due
from core.desk.unknown import look_up
from core.desk.upkeep import drifted, end_stopped, expire_cards
from core.desk.watch import watch
from core.domain.clock import ist_day
from core.domain.job import JobStatus
from core.domain.order import OrderStatus
from core.domain.words import counted
from core.errors import OutsideCalendar, SourceFailed
from core.store import accounts, bars, events, jobs, models, settings
from jobs import child
from jobs.worker import Worker

SCAN_EVERY = timedelta(minutes=30)  # of market time
LAST_SCAN = "scan:last"
TRAINED_ANEW = "train:in place of"  # the version that could not be read


def pulse(worker: Worker) -> str:
    """Prices in, fills and stops settled; at the day's end the report, then the next morning."""
    floors.tick(worker.floor, sentence=worker.sentence)
    paused = take_in(worker.floor.desk)
    joined = [*([paused] if paused else []), *floors.join_logins(worker.floor)]
    silent = ""
    try:
        keep_safe(worker.floor.dealer)
    except SourceFailed as failure:  # a broker that does not answer holds up no night
        silent = str(failure)
    joined += _night(worker)
    if silent:
        raise SourceFailed("; ".join([*joined, silent]))
    return "; ".join(joined) or worker.sentence


def _night(worker: Worker) -> list[str]:
    """The end of a day that is over; returns what could not be kept of it."""
    floor = worker.floor
    whose = "simulated" if floor.sleeps else "live"
    kept: list[str] = []
    try:
        if not floors.night_is_due(floor):
            return []
        kept = floors.keep_broker_days(floor)
        close_day(floor)
        floors.skip_night(floor)
    except OutsideCalendar as end:
        worker.sentence = f"the {whose} market has ended: {end}"
    return kept


def look_at_prices(worker: Worker) -> str:
    """What a live market's prices need beside the floor: second prices, and which stream tells."""
    return worker.floor.beside()


def send(worker: Worker) -> str:
    """Send what was approved; a fill, or a broker's word that an order moved, is settled at once.

    The word itself changes nothing: it only lets the books be read before the next pulse.
    """
    looked_at = send_prepared(worker.floor.dealer)
    sent = [one for one in looked_at if one.status is not OrderStatus.PREPARED]  # not held back
    ins = worker.floor.ins
    hinted = ins is not None and ins.hints.is_set()
    if ins is not None:
        ins.hints.clear()
    if sent or hinted or any_due(worker.floor.dealer):
        keep_safe(worker.floor.dealer)
    return f"{len(sent)} sent" if sent else ""


def tend_logins(worker: Worker) -> str:
    """Make links, exchange codes, open kept sessions and say how each login is."""
    return "; ".join(worker.floor.ins.tend()) if worker.floor.ins is not None else ""


def risk(worker: Worker) -> str:
    """Mark every account, raise levels and let price alerts go off."""
    watch(worker.floor.desk)
    gone_off = fire_alerts(worker.floor.desk)
    return f"{gone_off} alerts went off" if gone_off else ""


def look_for_stall(worker: Worker) -> str:
    """Say that prices stand still while the market trades."""
    return warn_stalled(worker.floor.desk)


def look_at_desk_stops(worker: Worker) -> str:
    """Say which desk stops would not act now."""
    return "; ".join(warn_unproven(worker.floor.desk))


def look_at_lines(worker: Worker) -> str:
    """Let the research child look at indicators once new bars came."""
    if worker.looking is not None:
        if not worker.looking.done():
            return ""
        done, worker.looking = worker.looking, None
        try:
            return done.result()
        except BrokenProcessPool:
            return "the research process died and is replaced; indicators are looked at again"
    if alert_lines.are_due(worker.floor.desk):
        worker.looking = worker.research.submit(child.look_at_lines)
    return ""


def look_at_funding(worker: Worker) -> str:
    """Let tranches of lump sums go whose trigger came; end transfers that nobody approved."""
    said = look_at_tranches(worker.floor.desk)
    late = expire_old(worker.floor.desk)
    return "; ".join([*said, *([f"{counted(late, 'transfer')} expired"] if late else [])])


def look_up_orders(worker: Worker) -> str:
    """Read the order book for every order of unknown outcome; quick when there is none."""
    return "; ".join(_all_alone(worker, look_up))


def reconcile_books(worker: Worker) -> str:
    """Compare shares and trades with every broker, and book dividends owed and paid."""
    try:
        _all_alone(worker, compare)
    finally:
        book_money(worker.floor.desk, worker.floor.broker)
    return ""


def _all_alone(worker: Worker, look: Callable[[Dealer], list[str]]) -> list[str]:
    """The same for each login; raises SourceFailed after all were tried."""
    said, failed = each_alone(worker.floor.dealer, look)
    if failed:
        raise SourceFailed("; ".join([*said, *failed]))
    return said


def tend_cards(worker: Worker) -> str:
    """Expire old cards, end those of paused accounts; the research child rewrites drifted ones."""
    gone, ended = expire_cards(worker.floor.desk), end_stopped(worker.floor.desk)
    told = (f"{gone} expired" if gone else "", f"{ended} of paused accounts" if ended else "")
    return ", ".join(one for one in told if one)


def read_news(worker: Worker) -> str:
    """Store and tag what became known."""
    desk = worker.floor.desk
    if worker.names is None:
        with desk.store.read() as tx:
            if not bars.any_stored(tx):
                return ""
        worker.names = intake.name_index(desk)
    new = intake.pull(desk, worker.floor.market, names=worker.names)
    if new:
        list_announced(desk, worker.floor.market)  # an action is announced on the wire too
    return f"{new} new" if new else ""


def decide(worker: Worker) -> str:
    """Hand waiting events and drifted cards to the research child, one batch at a time."""
    if worker.deciding is not None:
        if not worker.deciding.done():
            return ""
        done, worker.deciding = worker.deciding, None
        try:
            return done.result()
        except BrokenProcessPool:
            return "the research process died and is replaced; what waits is decided again"
    desk = worker.floor.desk
    with desk.store.read() as tx:
        if models.current(tx, "primary") is None:
            return ""
        waiting = bool(events.undecided(tx))
    if waiting or drifted(desk):
        worker.deciding = worker.research.submit(child.decide_waiting)
    return ""


def start_requests(worker: Worker) -> str:
    """Give waiting requests to their lane."""
    desk = worker.floor.desk
    started = []
    for name, future in list(worker.under_way.items()):
        if future.done():
            del worker.under_way[name]
            started += _lost(desk, name.partition(":")[2], future)
    for kinds, lane, key in (
        (child.RESEARCH_KINDS, worker.research, "research"),
        (tuple(set(child.KINDS) - set(child.RESEARCH_KINDS)), worker.study, "study"),
    ):
        if any(name.startswith(key) for name in worker.under_way):
            continue
        with desk.store.write() as tx:
            request = jobs.claim(tx, kinds, at=desk.clock.now())
        if request is not None:
            worker.under_way[f"{key}:{request.id}"] = lane.submit(child.run_request, request.id)
            started.append(request.kind)
    return ", ".join(started)


def _lost(desk: Desk, request_id: str, done: Future[str]) -> list[str]:
    """Fail a request whose process ended before it said so; nothing otherwise."""
    failure = done.exception()
    if failure is None:
        return []
    with desk.store.write() as tx:
        request = jobs.by_id(tx, request_id)
        if request.status is JobStatus.RUNNING:
            sentence = f"its process ended early ({type(failure).__name__}); ask again"
            at = desk.clock.now()
            jobs.finish(tx, request_id, JobStatus.FAILED, sentence, "{}", at)
    return [f"{request.kind} failed: {failure}"]


def first_start(worker: Worker) -> str:
    """Ask for what the desk still lacks: a market, then a model, then a first scan.

    And, once, for a model in place of one that cannot be read, such as after an upgrade.
    """
    desk = worker.floor.desk
    with desk.store.read() as tx:
        asked = jobs.recent(tx, 50)
        has_bars = bars.any_stored(tx)
        has_model = models.current(tx, "primary") is not None
        is_open = has_bars if worker.floor.sleeps else bool(accounts.accounts(tx))
    going = {r.kind for r in asked if r.status in (JobStatus.WAITING, JobStatus.RUNNING)}
    failed = {r.kind for r in asked if r.status is JobStatus.FAILED}
    done = {r.kind for r in asked if r.status is JobStatus.DONE}
    for kind, lacking in (
        ("open market", not is_open),
        ("train", has_bars and not has_model),
        ("scan", has_model and "scan" not in done),
    ):
        if lacking and kind not in going and kind not in failed:
            ask(desk, kind, by="first start")
            return f"asked for {kind}"
    return _in_place_of_unread(worker) if "train" not in going else ""


def _in_place_of_unread(worker: Worker) -> str:
    """Ask for one training where the model in use cannot be read; a second one is a person's.

    Its files are looked at once a day, for they may be spoiled while the worker runs.
    """
    desk = worker.floor.desk
    with desk.store.read() as tx:
        used, meta = models.current(tx, "primary"), models.current(tx, "meta")
        asked_for = settings.get(tx, TRAINED_ANEW, "")
    if used is None or used.version == asked_for:
        return ""
    today = f"{used.version}:{ist_day(desk.clock.now())}"
    if worker.looked_at == today:
        return ""
    worker.looked_at = today
    why = why_pair_refused(desk, used, meta)
    if not why:
        return ""
    with desk.store.write() as tx:
        settings.put(tx, TRAINED_ANEW, used.version)
    ask(desk, "train", by="first start")
    return f"asked for train: {why}"


def look_at_model(worker: Worker) -> str:
    """Have the model in use held against each new session; a new training is only proposed."""
    return "asked for the model's drift" if retrain.look_when_due(worker.floor.desk) else ""


def note_head(worker: Worker) -> str:
    """Note the chain's head outside the database."""
    drop_anchor(worker.floor.desk)
    return ""


def scan_on_time(worker: Worker) -> str:
    """Ask for a scan every half hour of an open market."""
    desk = worker.floor.desk
    at = desk.clock.now()
    day = ist_day(at)
    if not desk.calendar.is_session(day):
        return ""
    session = desk.calendar.session(day)
    if not session.opens_at <= at < session.closes_at:
        return ""
    slot = int((at - session.opens_at) / SCAN_EVERY)
    name = f"{day}:{slot}"
    with desk.store.read() as tx:
        if models.current(tx, "primary") is None or settings.get(tx, LAST_SCAN, "") == name:
            return ""
    with desk.store.write() as tx:
        settings.put(tx, LAST_SCAN, name)
    ask(desk, "scan", by="schedule")
    return "asked for a scan"
