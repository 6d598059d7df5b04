"""Each vendor's SDK against a local server of its protocol: well, badly, late and never."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from core.domain.llm import Form, LanguageModel
from core.errors import BadSetting, SourceFailed, SourceResting, SourceWrong, Throttled
from core.llm.anthropic_messages import AnthropicMessages
from core.llm.choice import KEYS, VENDORS, Choice, chosen, model_of
from core.llm.fake import FakeModel
from core.llm.groq_chat import GroqChat
from core.llm.openai_chat import OpenAIChat
from core.llm.patient import Patient
from tests.llm.model_server import ModelServer, model_server

CANARY = "sk-canary-7351"
FORM = Form(
    name="mandate_values",
    instructions="Read, never guess.",
    text="5 lakh for two years",
    schema={"type": "object", "properties": {"values": {"type": "array"}}},
)
ANSWER = {"values": [{"field": "lump_sum", "value": "500000", "quote": "5 lakh"}]}


def at(server: ModelServer, vendor: str) -> LanguageModel:
    """A vendor's adapter pointed at the local server, as each SDK wants its address."""
    address = {"openai": f"{server.root}/v1", "groq": server.root, "anthropic": server.root}[vendor]
    return VENDORS[vendor]("local", key=CANARY, address=address)


@pytest.fixture(params=sorted(VENDORS))
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_good_answer_comes_back_as_the_object_that_was_asked_for(vendor: str) -> None:
    with model_server(lambda text: ANSWER) as server:
        assert at(server, vendor).fill(FORM) == ANSWER
        body = server.seen[0]
    assert "5 lakh for two years" in str(body) and "Read, never guess." in str(body)
    assert server.paths == [
        {"openai": "/v1/chat/completions", "groq": "/openai/v1/chat/completions",
         "anthropic": "/v1/messages"}[vendor]
    ]  # fmt: skip
    shape = body.get("output_config") or body["response_format"]
    assert "json_schema" in str(shape) and "'values'" in str(shape)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("I think you should buy", SourceWrong, "no JSON"),
        ("[1, 2]", SourceWrong, "no object"),
        ("", SourceWrong, "0 characters"),
        ("x" * 50_000, SourceWrong, "50000 characters"),
        (500, SourceFailed, "status 500"),
        (429, Throttled, "too often"),
        (401, SourceWrong, "refused the key"),
        (404, SourceWrong, "refused the question"),
    ],
)
def test_a_bad_answer_is_one_sentence_without_the_key_or_the_answer(
    vendor: str, answer: Any, error: type[Exception], words: str
) -> None:
    with model_server(lambda text: answer) as server, pytest.raises(error, match=words) as told:
        at(server, vendor).fill(FORM)
    assert CANARY not in str(told.value) and "should buy" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_server_that_is_not_there_cannot_be_reached(vendor: str) -> None:
    with model_server(lambda text: ANSWER) as server:
        model = at(server, vendor)
    with pytest.raises(SourceFailed, match="cannot be reached"):
        model.fill(FORM)


def test_one_that_never_answers_is_left_behind_when_its_time_is_over(vendor: str) -> None:
    with model_server(lambda text: None) as server:
        model = Patient(at(server, vendor), total_seconds=0.3)
        with pytest.raises(SourceFailed, match=r"did not answer within 0\.3 s"):
            model.fill(FORM)


def test_one_that_drips_its_answer_is_left_behind_too(vendor: str) -> None:
    with model_server(lambda text: b" " * 500) as server:
        model = Patient(at(server, vendor), total_seconds=0.3)
        with pytest.raises(SourceFailed, match=r"did not answer within 0\.3 s"):
            model.fill(FORM)


def test_a_failure_is_tried_once_more(vendor: str) -> None:
    tries: list[int] = []

    def second_time(text: str) -> Any:
        tries.append(1)
        return 500 if len(tries) == 1 else ANSWER

    with model_server(second_time) as server:
        assert Patient(at(server, vendor)).fill(FORM) == ANSWER
    assert len(tries) == 2


def test_no_log_line_holds_the_key_or_the_text(
    vendor: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), model_server(lambda text: 500) as server:
        with pytest.raises(SourceFailed):
            at(server, vendor).fill(FORM)
        with pytest.raises(SourceFailed):
            Patient(at(server, vendor)).fill(FORM)
    assert CANARY not in caplog.text and "5 lakh for two" not in caplog.text


def test_the_key_goes_to_the_server_alone(vendor: str) -> None:
    with model_server(lambda text: ANSWER) as server:
        model = at(server, vendor)
        model.fill(FORM)
        assert CANARY in str(server.headers[0]) and CANARY not in str(server.seen[0])
    assert CANARY not in repr(model) and CANARY not in repr(Choice(vendor, "m", CANARY))


def test_a_wrong_answer_is_not_asked_for_again() -> None:
    fake = FakeModel([SourceWrong("no JSON")])
    with pytest.raises(SourceWrong):
        Patient(fake).fill(FORM)
    assert len(fake.asked) == 1


def test_after_three_failures_it_rests_and_is_not_asked() -> None:
    fake = FakeModel([SourceFailed("down")])
    model = Patient(fake)
    for _ in range(3):
        with pytest.raises(SourceFailed, match="down"):
            model.fill(FORM)
    asked = len(fake.asked)
    with pytest.raises(SourceResting, match="Fake model failed so often that it rests for 60 s"):
        model.fill(FORM)
    assert len(fake.asked) == asked == 6


def test_it_is_asked_again_after_its_rest() -> None:
    fake = FakeModel([SourceWrong("no"), ANSWER])
    model = Patient(fake, failures_max=1, rest_seconds=0.0)
    with pytest.raises(SourceWrong):
        model.fill(FORM)
    assert model.fill(FORM) == ANSWER


def test_an_adapter_that_trips_over_an_answer_says_it_is_wrong() -> None:
    class Tripping:
        label = "Tripping model"

        def fill(self, form: Form) -> Mapping[str, Any]:
            raise AttributeError("choices")

    with pytest.raises(SourceWrong, match=r"another shape \(AttributeError\)"):
        Patient(Tripping()).fill(FORM)


def test_a_setting_names_one_model_and_needs_its_key() -> None:
    keys = {"MUNIM_GROQ_KEY": CANARY}
    assert chosen("", address="", find=keys.get) is None
    found = chosen("groq:fast", address="", find=keys.get)
    assert found == Choice("groq", "fast", CANARY)
    assert found is not None and model_of(found).label == "Groq fast"
    with pytest.raises(BadSetting, match="put MUNIM_OPENAI_KEY into the environment"):
        chosen("openai:x", address="", find=keys.get)
    for wrong in ("gpt", "openai:", "other:x"):
        with pytest.raises(BadSetting, match="openai:MODEL, anthropic:MODEL or groq:MODEL"):
            chosen(wrong, address="", find=keys.get)
    assert KEYS.keys() == VENDORS.keys()


def test_an_sdk_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name, made in (
        ("openai", OpenAIChat),
        ("groq", GroqChat),
        ("anthropic", AnthropicMessages),
    ):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(SourceFailed, match=f"{name} is not installed yet"):
            made("m", key="k").fill(FORM)
