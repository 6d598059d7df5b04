"""Take out one safety at a time and see whether a test notices: `python -m tools.mutations [WORD]`.

Each mutant is a copy of the tree with a few lines changed; the named tests pass on the tree as it
is, and at least one of them has to fail on the mutant. Exit 1 when a mutant survives or when a
change no longer fits the code.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("core", "data", "jobs", "tests", "ui", "pyproject.toml", "alembic.ini")
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


@dataclass(frozen=True, slots=True)
class Change:
    """One piece of text in one file, and what stands there instead."""

    path: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A safety that is taken out, and the tests that have to notice."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "the outbox commit before the write",
        (Change("core/desk/send.py", "        orders.save(tx, sent)\n", ""),),
        (
            "tests/desk/test_send.py::"
            "test_the_broker_gets_an_order_that_is_already_committed_as_sent",
            "tests/torture/test_world.py::"
            "test_what_lies_on_the_disk_while_a_request_is_out_says_that_it_was_sent[paper]",
        ),
    ),
    Mutant(
        "the look-up by our tag",
        (
            Change(
                "core/execution/recover.py",
                "    return len(bare) >= TAG_CHARS_MIN and tag_chars(ours).startswith(bare)\n",
                "    return len(bare) < 0\n",
            ),
        ),
        (
            "tests/torture/test_restart.py::"
            "test_an_order_on_the_wire_that_arrived_is_adopted_and_protected",
            "tests/torture/test_placement.py::"
            "test_an_answer_that_is_lost_or_unreadable_is_looked_up_by_its_tag[paper-timeout]",
        ),
    ),
    Mutant(
        "the fencing number's check",
        (Change("core/store/lease.py", "    if found.fence != fence:\n", "    if False:\n"),),
        (
            "tests/torture/test_restart.py::test_a_worker_that_lost_its_lease_can_do_nothing_more",
            "tests/torture/test_world.py::"
            "test_a_worker_whose_lease_was_taken_writes_nothing_more[paper]",
        ),
    ),
    Mutant(
        "the key that makes a fill one fill",
        (
            Change(
                "core/store/tables_trade.py",
                '    __table_args__ = (UniqueConstraint("order_id", "trade_id", "exchange"),)\n'
                "    id: int | None",
                "    id: int | None",
            ),
            Change(
                "core/store/migrations/first/trade.py",
                '        unique("fills", "order_id", "trade_id", "exchange"),\n',
                "",
            ),
        ),
        (
            "tests/torture/test_events.py::test_every_event_told_twice_books_each_fill_once[paper]",
            "tests/store/test_trade.py::test_a_fill_is_kept_once",
        ),
    ),
    Mutant(
        "the read-back of a broker stop",
        (
            Change(
                "core/execution/protect.py",
                '    off = "; ".join(differences(ours, plan, want))\n',
                '    off = ""\n',
            ),
        ),
        (
            "tests/desk/test_protect.py::test_each_partial_fill_resizes_the_same_stop",
            "tests/torture/test_stops.py::"
            "test_a_lost_answer_to_a_tightening_is_read_back_and_never_loosens"
            "[paper-never arrived]",
        ),
    ),
    Mutant(
        "the second look at the kill level",
        (
            Change(
                "core/desk/send.py",
                "        and not effective_level(dealer.desk, order.account_id).allows_entries\n",
                "        and not effective_level\n",
            ),
        ),
        ("tests/desk/test_send.py::test_a_level_set_after_the_commit_stops_the_write_itself",),
    ),
    Mutant(
        "the read-back of a stop order at the exchange",
        (
            Change(
                "core/execution/exchange_stop.py",
                '    off = "; ".join(differences(known, plan, want))\n',
                '    off = ""\n',
            ),
        ),
        (
            "tests/torture/test_shorts.py::"
            "test_a_trail_comes_down_with_the_price_and_never_goes_up_again[paper]",
            "tests/torture/test_shorts.py::test_partial_fills_enlarge_the_same_buy_stop[paper]",
        ),
    ),
    Mutant(
        "the look whether a share is held the other way on its login",
        (
            Change(
                "core/desk/send.py",
                "    if why_not := why_other_way(tx, login.id, order.isin, order.symbol, "
                "side=order.side):\n        return why_not\n",
                "",
            ),
        ),
        (
            "tests/torture/test_shorts.py::"
            "test_what_the_owner_bought_between_click_and_send_stops_the_short[paper]",
        ),
    ),
)


def mutated(mutant: Mutant, into: Path) -> None:
    """Copy the tree and take the safety out; raises SystemExit when the text is not there."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, into / name, ignore=SKIPPED)
        elif source.exists():
            shutil.copyfile(source, into / name)
    for change in mutant.changes:
        path = into / change.path
        text = path.read_text(encoding="utf-8")
        if text.count(change.was) != 1:
            raise SystemExit(
                f"{mutant.name}: {change.path} holds the text {text.count(change.was)} times and "
                "must hold it once; bring tools/mutations.py up to date"
            )
        path.write_text(text.replace(change.was, change.becomes), encoding="utf-8")


def failing(tests: Sequence[str], where: Path) -> tuple[list[str], int]:
    """Which of the named tests failed in a tree, and how many passed."""
    environment = {**os.environ, "PYTHONPATH": str(where), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-rfE", *tests]
    done = subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, timeout=300
    )
    found = re.findall(r"^(?:FAILED|ERROR) (\S+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    passed = re.search(r"(\d+) passed", done.stdout)
    if not found and passed is None:
        raise SystemExit(f"the named tests did not run:\n{done.stdout[-2000:]}{done.stderr[-500:]}")
    return sorted(set(found)), int(passed.group(1)) if passed else 0


def main() -> int:
    """Try every mutant, print the table, and say whether one survived."""
    wanted = sys.argv[1:]
    chosen = [one for one in MUTANTS if not wanted or any(word in one.name for word in wanted)]
    with tempfile.TemporaryDirectory(prefix="munim-mutant-") as folder:
        mutated(Mutant("nothing", (), ()), Path(folder))
        failed, passed = failing(sorted({t for one in chosen for t in one.tests}), Path(folder))
    if failed:
        print(f"these fail on the tree as it is: {', '.join(failed)}")
        return 1
    print(f"{passed} named tests pass on the tree as it is", flush=True)
    survived = 0
    for mutant in chosen:
        with tempfile.TemporaryDirectory(prefix="munim-mutant-") as folder:
            mutated(mutant, Path(folder))
            failed, _ = failing(mutant.tests, Path(folder))
        survived += not failed
        verdict = "caught" if failed else "SURVIVED"
        print(f"{verdict:9} {mutant.name}", flush=True)
        for name in failed:
            print(f"          {name.rpartition('::')[2]}", flush=True)
    print(f"{survived} of {len(chosen)} mutants survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
