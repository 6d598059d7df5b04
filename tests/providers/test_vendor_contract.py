"""Each vendor's file against a local server: right, slow, wrong, throttled, dead, refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.money import Money
from core.errors import (
    BadInput,
    BadSetting,
    NotFound,
    SessionDead,
    SourceFailed,
    SourceResting,
    SourceWrong,
    Throttled,
)
from core.providers.catalog import VENDORS
from core.providers.net.policy import USER_AGENT
from core.providers.vendors import open_source
from tests.providers.contract import ATTEMPTS, NAMES, REQUESTS_MAX, SECRET, Bench, bench
from tests.providers.vendor_servers import BARS, END, SHARE, START

ECHOES_THE_NAME = ("kite", "yfinance", "alphavantage")
PASSING = ("slow", "drip", "in trouble")  # asking again may help
WRONG = ("html", "cut", "other shape", "future", "negative")


@pytest.fixture(params=NAMES)
def vendor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with bench(request.param, tmp_path) as made:
        yield made


def ask(made: Bench):
    return made.source.daily(SHARE, START, END)


def test_a_right_answer_gives_its_bars_and_a_closed_breaker(vendor: Bench):
    answer = ask(vendor)
    run = answer.value
    assert run.sessions == tuple(row[0] for row in BARS)
    assert run.open.tolist() == [row[1] for row in BARS]
    assert run.high.tolist() == [row[2] for row in BARS]
    assert run.low.tolist() == [row[3] for row in BARS]
    assert run.close.tolist() == [row[4] for row in BARS]
    assert run.volume.tolist() == [row[5] for row in BARS]
    assert run.source == vendor.server.vendor
    assert run.in_todays_terms is (run.source != "alphavantage")
    assert not answer.is_stale and answer.age_seconds == 0
    assert vendor.state.state == "closed" and vendor.state.last_success_at is not None
    assert vendor.server.agents == {USER_AGENT}


def test_a_second_question_is_answered_from_the_cache_with_its_age(vendor: Bench):
    ask(vendor)
    asked = len(vendor.server.asked)
    vendor.clock.pass_seconds(90)
    answer = ask(vendor)
    assert len(vendor.server.asked) == asked
    assert answer.age_seconds == 90 and not answer.is_stale


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_asked_a_few_times_and_opens_the_breaker(vendor: Bench, fault: str):
    vendor.reopen(read_seconds=0.1, total_seconds=0.15)
    vendor.server.fault = fault
    with pytest.raises(SourceFailed) as failed:
        ask(vendor)
    most = REQUESTS_MAX.get(vendor.server.vendor, ATTEMPTS)
    assert ATTEMPTS <= len(vendor.server.asked) <= most
    assert vendor.state.state == "open" and vendor.state.failures == ATTEMPTS
    assert len(vendor.slept) == ATTEMPTS - 1 and all(0.4 < wait < 2 for wait in vendor.slept)
    assert is_one_sentence(failed.value)


def test_a_dead_server_opens_the_breaker_and_no_more_is_sent(vendor: Bench):
    vendor.server.stop()
    with pytest.raises(SourceFailed, match="cannot be reached"):
        ask(vendor)
    assert vendor.state.state == "open"
    slept = len(vendor.slept)
    for _ in range(5):
        with pytest.raises(SourceResting, match=r"rests after 3 failures, 60 s more; the last one"):
            ask(vendor)
    assert len(vendor.slept) == slept


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_answer_is_refused_once_and_counted(vendor: Bench, fault: str):
    vendor.server.fault = fault
    with pytest.raises(SourceWrong) as failed:
        ask(vendor)
    asked = [path for path in vendor.server.asked if path != "/"]  # Yahoo's cookies stand at /
    assert len(asked) == len(set(asked)) <= 3  # never repeated; a name may come before
    assert vendor.slept == []
    assert vendor.state.failures == 1 and vendor.state.state == "closed"
    assert is_one_sentence(failed.value)


def test_wrong_answers_in_a_row_open_the_breaker_too(vendor: Bench):
    vendor.server.fault = "html"
    for _ in range(3):
        with pytest.raises(SourceWrong):
            ask(vendor)
    assert vendor.state.state == "open"
    asked = len(vendor.server.asked)
    with pytest.raises(SourceResting):
        ask(vendor)
    assert len(vendor.server.asked) == asked


@pytest.mark.parametrize("name", ECHOES_THE_NAME)
def test_another_shares_bars_are_refused(tmp_path: Path, name: str):
    with bench(name, tmp_path) as made:
        made.server.fault = "wrong symbol"
        with pytest.raises((SourceWrong, NotFound), match="RELIANCE"):
            ask(made)


def test_a_throttled_vendor_is_left_alone_as_long_as_it_asks(vendor: Bench):
    vendor.server.fault = "throttled"
    with pytest.raises(Throttled, match="asked too often and asks for 120 s of rest"):
        ask(vendor)
    asked = len(vendor.server.asked)
    assert asked <= 3 and vendor.slept == []  # Yahoo's client asks for cookies first
    vendor.reopen()  # a restart forgets nothing
    vendor.clock.pass_seconds(30)
    with pytest.raises(SourceResting, match=r"is left alone for 90 s more; .* asked too often"):
        ask(vendor)
    assert len(vendor.server.asked) == asked
    vendor.server.fault = ""
    vendor.clock.pass_seconds(91)
    assert len(ask(vendor).value) == 3
    assert vendor.state.failures == 0 and vendor.state.not_before is None


def test_a_short_wait_is_slept_and_asked_again(vendor: Bench):
    vendor.server.fault, vendor.server.retry_after = "throttled", "2"
    with pytest.raises(Throttled):
        ask(vendor)
    assert len(vendor.slept) == ATTEMPTS - 1 and min(vendor.slept) >= 2
    assert vendor.state.state == "open"


def test_a_refused_key_is_said_once_and_is_no_fault_of_the_vendor(vendor: Bench):
    vendor.server.fault = "unauthorised"
    with pytest.raises(SessionDead) as refused:
        ask(vendor)
    asked = len(vendor.server.asked)
    assert asked <= 3 and vendor.slept == []  # Yahoo's client asks for cookies first
    assert vendor.state.state == "closed" and vendor.state.failures == 0
    assert is_one_sentence(refused.value)
    with pytest.raises(SourceResting, match=r"left alone for 60 s more; .* refuses us"):
        ask(vendor)
    assert len(vendor.server.asked) == asked


def test_a_failure_after_a_good_answer_gives_the_old_one_with_its_age(vendor: Bench):
    ask(vendor)
    vendor.server.stop()
    vendor.clock.pass_seconds(3 * 86_400)
    answer = ask(vendor)
    assert answer.is_stale and answer.age_seconds == 3 * 86_400
    assert answer.value.close.tolist() == [1410.0, 1404.5, 1388.2]
    assert "cannot be reached" in answer.why_stale
    assert vendor.state.state == "open"


def test_an_open_breaker_survives_a_restart_and_one_trial_closes_it(vendor: Bench):
    vendor.server.fault = "in trouble"
    with pytest.raises(SourceFailed):
        ask(vendor)
    asked = len(vendor.server.asked)
    vendor.reopen()
    with pytest.raises(SourceResting):
        ask(vendor)
    assert len(vendor.server.asked) == asked
    vendor.clock.pass_seconds(61)
    vendor.server.fault = ""
    assert len(ask(vendor).value) == 3
    assert vendor.state.state == "closed" and vendor.state.failures == 0


def test_a_failed_trial_opens_the_breaker_again_after_one_request(vendor: Bench):
    vendor.server.fault = "in trouble"
    with pytest.raises(SourceFailed):
        ask(vendor)
    asked = len(vendor.server.asked)
    vendor.clock.pass_seconds(61)
    with pytest.raises(SourceFailed, match="in trouble"):
        ask(vendor)
    assert len(vendor.server.asked) - asked <= 2
    assert vendor.state.state == "open"
    vendor.clock.pass_seconds(30)
    with pytest.raises(SourceResting, match="30 s more"):
        ask(vendor)


@pytest.mark.parametrize("name", [name for name in NAMES if VENDORS[name].keys])
def test_a_vendor_without_its_key_says_how_to_set_it(tmp_path: Path, name: str):
    with bench(name, tmp_path) as made, pytest.raises(BadSetting) as missing:
        open_source(VENDORS[name], made.gate, find=lambda key: None)
    assert VENDORS[name].keys[0] in str(missing.value)
    assert is_one_sentence(missing.value)


def test_no_sentence_no_record_and_no_log_holds_a_key(
    vendor: Bench, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    ask(vendor)
    vendor.clock.pass_seconds(2 * 86_400)
    vendor.server.fault = "html"
    assert SECRET not in ask(vendor).why_stale
    vendor.clock.pass_seconds(600)
    for fault in ("html", "unauthorised", "throttled"):
        vendor.server.fault = fault
        with pytest.raises((SourceFailed, SessionDead)) as failed:
            vendor.source.daily(SHARE, START, START)
        assert SECRET not in str(failed.value) and SECRET not in repr(failed.value)
        vendor.clock.pass_seconds(600)
    assert SECRET not in caplog.text
    assert SECRET.encode() not in b"".join(
        file.read_bytes() for file in vendor.home.rglob("*") if file.is_file()
    )


def test_a_bar_length_a_vendor_does_not_make_is_refused_with_those_it_does(vendor: Bench):
    with pytest.raises(BadInput):
        vendor.source.intraday(SHARE, START, END, minutes=7)
    assert vendor.server.asked == []


@pytest.mark.parametrize("name", ["kite", "finnhub"])
def test_a_last_price_carries_its_time_and_the_close_before(tmp_path: Path, name: str):
    with bench(name, tmp_path) as made:
        found = made.source.last_price(SHARE).value
    assert (found.ltp, found.prev_close) == (Money.rupees("1388.20"), Money.rupees("1404.50"))
    assert f"{found.at:%Y-%m-%d}" == "2026-08-21"


def test_our_own_limit_waits_for_its_turn_and_then_refuses(tmp_path: Path):
    with bench("finnhub", tmp_path) as made:
        made.reopen(rates=("1/minute",), patience_seconds=5.0)
        ask(made)
        with pytest.raises(Throttled, match="allows 1 per 1 minute"):
            made.source.last_price(SHARE)
        assert len(made.server.asked) == 1
        made.reopen(rates=("1/minute",), patience_seconds=100.0)
        with pytest.raises(Throttled):  # the sleeps of a test do not pass
            made.source.last_price(SHARE.__class__(**{**as_row(), "yahoo": "TCS.NS"}))
        assert made.slept and max(made.slept) <= 60.5


def as_row() -> dict[str, str]:
    return {name: getattr(SHARE, name) for name in SHARE.__slots__}


def is_one_sentence(error: Exception) -> bool:
    words = str(error)
    return bool(words) and "\n" not in words and not re.search(r"https?://|Traceback", words)
