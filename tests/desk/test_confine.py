"""What is asked of the kernel; that it refuses is shown in a child, see test_strategy_file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.desk import confine as file
from core.desk.confine import ADD, CREATE, RESTRICT, confine

Asked = list[tuple[int, int]]


def kernel(monkeypatch: pytest.MonkeyPatch, *, version: int, makes: bool = True) -> Asked:
    """A kernel with a version of Landlock; what it is asked, each with its rights or size."""
    asked: Asked = []

    def call(number: int, *given: object) -> int:
        if number == CREATE and given[0] is None:
            return version
        if number == CREATE:
            asked.append((CREATE, int(str(given[1]))))
            return os.open(os.devnull, os.O_RDONLY) if makes else -1
        asked.append((number, given[2]._obj.allowed if number == ADD else 0))  # type: ignore[attr-defined]
        return 0

    monkeypatch.setattr(file, "_call", call)
    monkeypatch.setattr(file, "_give_up_privileges", lambda: 0)
    return asked


def test_a_kernel_without_it_refuses_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch):
    asked = kernel(monkeypatch, version=-1)
    assert not confine(read=[Path("/usr")]) and asked == []
    asked = kernel(monkeypatch, version=1, makes=False)
    assert not confine(read=[Path("/usr")]) and asked == [(CREATE, 8)]


def test_files_folders_and_what_may_be_written_get_their_own_rights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    code = tmp_path / "mine.py"
    code.write_text("")
    asked = kernel(monkeypatch, version=7)
    assert confine(read=[tmp_path, code, tmp_path / "absent"], list_only=[tmp_path],
                   write=[tmp_path])  # fmt: skip
    # execute 1, write 2, read 4, list 8; version 3 and on know fifteen rights
    assert asked == [(CREATE, 24), (ADD, 1 + 4 + 8), (ADD, 1 + 4), (ADD, 8), (ADD, 2**15 - 1),
                     (RESTRICT, 0)]  # fmt: skip


@pytest.mark.parametrize(("version", "size", "rights"), [(1, 8, 2**13 - 1), (5, 16, 2**15 - 1)])
def test_an_older_kernel_is_asked_for_no_more_than_it_knows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: int, size: int, rights: int
):
    asked = kernel(monkeypatch, version=version)
    assert confine(read=[], write=[tmp_path])
    assert asked == [(CREATE, size), (ADD, rights), (RESTRICT, 0)]
