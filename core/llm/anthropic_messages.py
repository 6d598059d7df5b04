"""Anthropic's messages through its own SDK, with the answer's schema as the output format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.llm import Form
from core.llm.answer import ATTEMPT_SECONDS, TOKENS_MAX, failure, missing, read_object


class AnthropicMessages:
    """A LanguageModel; the SDK is loaded at the first question."""

    def __init__(self, model: str, *, key: str, address: str = "") -> None:
        self._model = model
        self._key = key
        self._address = address

    @property
    def label(self) -> str:
        return f"Anthropic {self._model}"

    def fill(self, form: Form) -> Mapping[str, Any]:
        """One question, no retry of the SDK's own."""
        try:
            import anthropic
        except ImportError:
            raise missing(self.label, "anthropic") from None
        client = anthropic.Anthropic(
            api_key=self._key,
            base_url=self._address or "https://api.anthropic.com",
            timeout=ATTEMPT_SECONDS,
            max_retries=0,
        )
        request: dict[str, Any] = {
            "model": self._model,
            "max_tokens": TOKENS_MAX,
            "system": form.instructions,
            "messages": [{"role": "user", "content": form.text}],
            "output_config": {"format": {"type": "json_schema", "schema": dict(form.schema)}},
        }
        try:
            with client:
                answer = client.messages.create(**request)
        except anthropic.AnthropicError as error:
            raise failure(self.label, error) from None
        blocks = getattr(answer, "content", None) or ()  # a string where the server sent no JSON
        words = "".join(one.text for one in blocks if getattr(one, "type", "") == "text")
        return read_object(self.label, words)
