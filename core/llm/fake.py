"""A language model for tests: answers from a list, or raises what stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.llm import Form


class FakeModel:
    """A LanguageModel; `asked` keeps every form, the last answer repeats."""

    def __init__(self, answers: Sequence[Mapping[str, Any] | Exception]) -> None:
        self._answers = list(answers)
        self.asked: list[Form] = []

    @property
    def label(self) -> str:
        return "Fake model"

    def fill(self, form: Form) -> Mapping[str, Any]:
        self.asked.append(form)
        at = min(len(self.asked), len(self._answers)) - 1
        answer = self._answers[at]
        if isinstance(answer, Exception):
            raise answer
        return answer
