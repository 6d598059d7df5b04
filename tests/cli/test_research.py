"""Model files in the terminal."""

from __future__ import annotations

from core.desk.desk import Desk
from tests.cli.terminal import Terminal
from tests.views.shelf import MODEL


def test_model_files_that_are_gone_fail_the_check(munim: Terminal, desk: Desk):
    said = munim("models", "verify", MODEL.version)
    assert said.code != 0
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
