"""When a login is looked at next, and how much of it: by its stream, by time, by what is under way.

While the broker's stream is proven alive, its words and a look every few seconds are enough.
Something under way is followed closely at first and less so as it lasts. A look is the order
book; trades and GTTs are read with it when the book moved, when the stream told something and
every few seconds. Seconds are monotonic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from core.domain.order import Fill
from core.domain.ports import BrokerOrder
from core.execution.reads import Need, Reads

AT_ONCE, CLOSELY, EASILY = 0.25, 0.5, 1.0  # seconds between looks at what is under way
HURRY_SECONDS: Final = 3.0  # for how long something new is read whole at each look
NEW_SECONDS, OLD_SECONDS = 10.0, 60.0  # for how long it is new, and when it has lasted long
LONG_HEARD, LONG_SILENT = 5.0, 2.0  # between looks then, with a living stream and without
QUIET_SCARCE, QUIET_FREE = 9.0, 3.0  # with a living stream and nothing under way; see `quiet`
SILENT_SECONDS = 2.0  # without one
WHOLE_AFTER: Final = 9.0  # seconds until GTTs are read again: a stop lost unsaid shows within 10
MOST: Final = {Need.LOOK: 10.0, Need.FOLLOW: 5.0, Need.STOP: 2.0}  # whatever the windows say
COMPARE_SECONDS, COMPARE_MOST = 14.5, 30.0  # between two comparisons of shares
COMPARE_REQUESTS = 5  # orders, trades, GTTs, and holdings in two
LOOK_UP_SECONDS, LOOK_UP_MOST = 14.5, 40.0  # at an order of unknown outcome; three in two minutes
DEAF_AFTER = 2.0  # seconds a move of the book may be known before the stream tells it
UNEVEN_SECONDS = 30.0  # for how long trades are waited for that the order book counts already
REST_SECONDS = 2.0  # after the broker said that it was asked too often


class Wants(NamedTuple):
    """Which lists are read beside an order book."""

    trades: bool
    gtts: bool


Book = tuple[tuple[object, ...], ...]


class Looks:
    """What is known of one login's lists; the loop's alone, but for `heard`."""

    def __init__(self, reads: Reads, *, is_alive: Callable[[], bool] = lambda: False) -> None:
        self.reads = reads
        self.is_alive = is_alive  # whether the stream is connected and its frames come
        self._since: dict[str, float] = {}  # when each thing under way was first seen
        self._last: Mapping[str, Need] = {}
        self._at = self._whole_at = self._moved_at = float("-inf")
        self._compared_at = self._looked_up_at = self._rests_until = float("-inf")
        self._heard = self._wrote = self.hurries = True  # nothing is known yet
        self._told_late: float | None = None  # since when the stream owes a word
        self._book: Book | None = None
        self._filled: dict[str, int] = {}  # shares by broker order
        self._uneven = False

    def heard(self) -> None:
        """The stream told something; from any thread."""
        self._heard, self._told_late = True, None

    def wrote(self) -> None:
        """A request that may change the lists has left."""
        self._wrote = True

    def refused(self, now: float) -> None:
        """The broker said that it was asked too often."""
        self._rests_until = now + REST_SECONDS

    def proven(self, now: float) -> bool:
        """Whether the stream tells: its frames come, and no move of the book went untold."""
        deaf = self._told_late is not None and now - self._told_late > DEAF_AFTER
        return not deaf and self.is_alive()

    @property
    def quiet(self) -> float:
        """Seconds between looks while nothing is under way and the stream is proven."""
        return QUIET_SCARCE if self.reads.windows else QUIET_FREE

    def is_due(self, names: Mapping[str, Need], now: float) -> bool:
        """Whether to look now, where `names` are under way, each with what its reads are for."""
        if now < self._rests_until:
            return False
        is_new = not names.keys() <= self._since.keys()
        self._since = {name: self._since.get(name, now) for name in names}
        self._last = dict(names)
        whole_is_due = now - self._whole_at >= WHOLE_AFTER
        return is_new or self._wrote or whole_is_due or now - self._at >= self.pause(names, now)

    def pause(self, names: Mapping[str, Need], now: float) -> float:
        """Seconds from one look to the next, as things are."""
        need, wanted = self._wish(names, now)
        requests = 3 if need is Need.LOOK else 1
        return self.reads.pause(need, wanted=wanted, requests=requests, most=MOST[need], now=now)

    def every(self, now: float) -> float:
        """Seconds between two looks at what was under way when it was looked at last."""
        return self.pause(self._last, now)

    def begin(self, now: float) -> bool:
        """A look begins; whether the stream told something since the last one."""
        was, self._at = self._heard, now
        is_fresh = any(now - since < HURRY_SECONDS for since in self._since.values())
        may_move = is_fresh and self.reads.is_roomy(now)
        self.hurries = self._heard or self._wrote or may_move  # the book moved, or soon will
        self._heard = self._wrote = False
        return was

    def missed(self) -> None:
        """A look that began had no answer; what it was for stands."""
        self._heard = True

    def wants(self, told: Sequence[BrokerOrder], now: float, *, was_heard: bool) -> Wants:
        """What is read beside this order book: nothing, the GTTs, or the trades too."""
        book = _book(told)
        if book != self._book:
            self._moved_at = now
            if self._book is not None and not was_heard and self._told_late is None:
                self._told_late = None if self._heard else now
            return Wants(trades=True, gtts=True)
        uneven = self._uneven and now - self._moved_at < UNEVEN_SECONDS
        moved = was_heard or uneven
        return Wants(trades=moved, gtts=moved or now - self._whole_at >= WHOLE_AFTER)

    def moved(self, told: Sequence[BrokerOrder]) -> list[BrokerOrder]:
        """Rows that are not as they were when the lists were read whole."""
        before = set(self._book or ())
        return [one for one in told if _row(one) not in before]

    def bought(self, told: Sequence[BrokerOrder]) -> list[str]:
        """Shares of which an order filled since the lists were read whole."""
        if self._book is None:
            return []
        return list(
            dict.fromkeys(
                one.isin
                for one in told
                if one.filled_qty > self._filled.get(one.broker_order_id, 0)
            )
        )

    def took(self, told: Sequence[BrokerOrder], trades: Sequence[Fill] | None, now: float) -> None:
        """Orders and GTTs were read and booked, and trades where they are not None."""
        self._whole_at = now
        if trades is None:
            return
        self._book = _book(told)
        self._filled = {one.broker_order_id: one.filled_qty for one in told}
        traded: Counter[str] = Counter()
        for trade in trades:
            traded[trade.order_id] += abs(trade.qty)
        self._uneven = any(one.filled_qty > traded[one.broker_order_id] for one in told)

    def compares(self, now: float) -> bool:
        """Whether shares are compared with the broker now; counts as begun when they are."""
        pause = self.reads.pause(
            Need.LOOK,
            wanted=COMPARE_SECONDS,
            requests=COMPARE_REQUESTS,
            most=COMPARE_MOST,
            now=now,
        )
        if now < self._rests_until or now - self._compared_at < pause:
            return False
        self._compared_at = now
        return True

    def looks_up(self, now: float) -> bool:
        """Whether orders of unknown outcome are looked up now; counts as begun when they are."""
        pause = self.reads.pause(
            Need.FOLLOW,
            wanted=LOOK_UP_SECONDS,
            requests=COMPARE_REQUESTS,
            most=LOOK_UP_MOST,
            now=now,
        )
        if now < self._rests_until or now - self._looked_up_at < pause:
            return False
        self._looked_up_at = now
        return True

    def _wish(self, names: Mapping[str, Need], now: float) -> tuple[Need, float]:
        """What the next look is for, and the pause before it where nothing is short."""
        told = self.proven(now)
        wishes = [(Need.LOOK, self.quiet if told else SILENT_SECONDS)]
        if self._heard:
            wishes.append((Need.FOLLOW, AT_ONCE))
        moved = now - self._moved_at
        if self._uneven and moved < UNEVEN_SECONDS:
            wishes.append((Need.FOLLOW, CLOSELY if moved < NEW_SECONDS else EASILY))
        for name, need in names.items():
            age = now - self._since.get(name, now)
            wishes += _wishes_of(need, age, told=told)
        soonest = min(seconds for _, seconds in wishes)
        needs = [need for need, seconds in wishes if seconds == soonest]
        return max(needs, key=lambda one: one.value), soonest


def _wishes_of(need: Need, age: float, *, told: bool) -> list[tuple[Need, float]]:
    """How something under way for so many seconds wants to be followed; not at all once it rests"""
    if need is Need.LOOK:
        if age < NEW_SECONDS:
            return [(Need.FOLLOW, CLOSELY)]
        return [] if told or age >= OLD_SECONDS else [(Need.FOLLOW, EASILY)]
    if age < NEW_SECONDS:
        return [(need, AT_ONCE if need is Need.STOP else CLOSELY)]
    if age < OLD_SECONDS:
        return [(need, EASILY)]
    return [(Need.FOLLOW, LONG_HEARD if told else LONG_SILENT)]


def _book(told: Sequence[BrokerOrder]) -> Book:
    return tuple(sorted((_row(one) for one in told), key=str))


def _row(one: BrokerOrder) -> tuple[object, ...]:
    """What of a row changes when its order moves."""
    limit = one.limit.paise if one.limit is not None else 0
    return (one.broker_order_id, one.broker_status, one.filled_qty, one.qty, limit)
