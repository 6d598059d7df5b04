"""A terminal for tests: one verb in, exit code, stdout and stderr out."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from core.cli import main


@dataclass(frozen=True)
class Said:
    """What one verb answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Stdout as the one JSON document it must be."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The last line of stderr."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


Terminal = Callable[..., Said]


def make_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Run `munim` in this process; `typed` is what the person types on stdin."""

    def munim(*words: str, typed: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["munim", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        seen = capsys.readouterr()
        assert "Traceback" not in seen.err
        return Said(int(ended.value.code or 0), seen.out, seen.err)

    return munim
