"""The failover drill: each network provider against a local server that fails in each known way.

    python -m tests.bench.drill [--vendor NAME]

Every line is one fault on a fresh desk that holds an answer two hours old: how the vendor's
breaker ends, how many requests were sent for five questions, and what a person reads. The last
lines ask several vendors in order while they fail one after the other. Loopback only.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.domain.words import age
from core.errors import MunimError
from core.providers.failover import first_good
from core.providers.net.memory import Memory
from tests.providers.contract import NAMES, NOW, Bench, bench
from tests.providers.vendor_servers import END, FAULTS, SHARE, START

QUESTIONS = 5
FAST = {"connect_seconds": 0.5, "read_seconds": 0.15, "total_seconds": 0.25}
HELD = timedelta(hours=30)  # older than a day's answer serves, so the vendor is asked
ORDER = ("kite", "upstox", "yfinance")
NO_NAME = ("upstox", "fyers", "finnhub")  # they never say whose bars they send


@dataclass(frozen=True)
class Line:
    """What one vendor did under one fault."""

    vendor: str
    fault: str
    breaker: str
    failures: int
    requests: int
    most: int
    serves: str
    sentence: str


def drill(vendors: Sequence[str] = NAMES, faults: Sequence[str] = FAULTS) -> Iterator[Line]:
    """Every vendor under every fault it can show."""
    for vendor in vendors:
        for fault in faults:
            if fault == "wrong symbol" and vendor in NO_NAME:
                continue
            with tempfile.TemporaryDirectory() as home, bench(vendor, Path(home)) as made:
                yield one_line(made, fault)


def one_line(made: Bench, fault: str) -> Line:
    """Ask well once, let the answer grow old, then ask five times under a fault."""
    made.reopen(**FAST)
    made.source.daily(SHARE, START, END)
    made.clock.pass_seconds(HELD.total_seconds())
    before = len(made.server.asked)
    set_fault(made, fault)
    serves = words = ""
    asked: list[int] = []
    for _ in range(QUESTIONS):
        start = len(made.server.asked)
        serves, said = outcome(lambda: made.source.daily(SHARE, START, END))
        words = words or said
        asked.append(len(made.server.asked) - start)
    return Line(
        vendor=made.server.vendor,
        fault=fault,
        breaker=made.state.state,
        failures=made.state.failures,
        requests=len(made.server.asked) - before,
        most=max(asked),
        serves=serves,
        sentence=words,
    )


def set_fault(made: Bench, fault: str) -> None:
    """Make a server fail; a dead one is closed."""
    made.server.fault = fault
    if fault == "dead":
        made.server.stop()


def outcome(ask: Callable[[], Any]) -> tuple[str, str]:
    """What a person would see: whose answer and how old, and why."""
    try:
        answer = ask()
    except MunimError as error:
        return "nothing", str(error)
    kept = f"cached, {age(answer.age_seconds)} old" if answer.is_stale else "fresh"
    return kept, answer.why_stale


@contextmanager
def desk_of(names: Sequence[str]) -> Iterator[list[Bench]]:
    """Several vendors over one home, in order."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        benches = [stack.enter_context(bench(name, home)) for name in names]
        for made in benches:
            made.reopen(**FAST)
        yield benches


def cascade() -> Iterator[tuple[str, str, str, str]]:
    """Vendors failing one after the other, and coming back: who answers, with what age."""
    with desk_of(ORDER) as benches:
        steps = (
            ("all well", {}),
            ("kite dead", {"kite": "dead"}),
            ("kite dead, upstox throttled", {"upstox": "throttled"}),
            ("yfinance a web page too", {"yfinance": "html"}),
        )
        for name, faults in steps:
            for made in benches:
                if made.server.vendor in faults:
                    set_fault(made, faults[made.server.vendor])
            yield (name, *asked_in_order(benches))
        for made in benches:
            if made.server.vendor != "kite":
                made.server.fault = ""
        yield ("upstox and yfinance well again", *asked_in_order(benches))


def asked_in_order(benches: Sequence[Bench]) -> tuple[str, str, str]:
    """Ask as `munim data fetch` does, with the cached answers past their time."""
    for made in benches:
        made.clock.pass_seconds(HELD.total_seconds())
    try:
        found = first_good([made.source for made in benches], ask_daily)
    except MunimError as error:
        return "nobody", "", str(error)
    answer = found.answer
    kept = f"cached, {age(answer.age_seconds)} old" if answer.is_stale else "fresh"
    states = Memory(benches[0].home).vendors()
    shown = ", ".join(f"{name} {states[name].state}" for name in ORDER if name in states)
    return found.source, kept, shown


def ask_daily(source: Any) -> Any:
    """The drill's one question."""
    return source.daily(SHARE, START, END)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vendor", choices=NAMES, action="append")
    chosen = parser.parse_args().vendor or NAMES
    print(f"clock stands at {NOW:%Y-%m-%d %H:%M} UTC; {QUESTIONS} questions a line")
    print(
        f"{'vendor':<13}{'fault':<14}{'breaker':<11}{'failures':>8}{'sent':>6}{'most':>6}  serves"
    )
    for line in drill(chosen):
        print(
            f"{line.vendor:<13}{line.fault:<14}{line.breaker:<11}{line.failures:>8}"
            f"{line.requests:>6}{line.most:>6}  {line.serves}: {line.sentence}"
        )
    print()
    for step, source, kept, states in cascade():
        print(f"{step:<32}{source:<10}{kept:<22}{states}")


if __name__ == "__main__":
    main()
