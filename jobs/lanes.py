"""Child processes for heavy work, one a lane, so that the safe loop never waits for research.

A child ends with its worker, however that ends: one left behind would go on writing to the store
beside the next worker.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Thread


class Lane:
    """One warm child process; a child that dies is replaced at the next piece of work."""

    def __init__(self, name: str, *, nice: int) -> None:
        self.name = name
        self._nice = nice
        self._pool = self._new()

    def submit(self, work: Callable[..., str], *arguments: str) -> Future[str]:
        """Queue one piece of work; its answer is one sentence."""
        try:
            return self._pool.submit(work, *arguments)
        except BrokenProcessPool:
            self._pool = self._new()
            return self._pool.submit(work, *arguments)

    def close(self) -> None:
        """Let the child go without waiting for queued work."""
        children = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.terminate()

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_settle_down,
            initargs=(self._nice,),
        )


def _settle_down(nice: int) -> None:
    os.nice(nice)
    Thread(target=_end_with_worker, daemon=True).start()


def _end_with_worker() -> None:
    """Wait for the worker's end, which nothing else tells a child of a killed one, and end too."""
    worker = multiprocessing.parent_process()
    if worker is not None:
        worker.join()
        os._exit(1)
