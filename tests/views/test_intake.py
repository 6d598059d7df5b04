"""The talk beside its draft: nothing is a mandate before a yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.talk import answer, begin, begun, sign_talk, start_again, talk_of
from core.errors import BadInput, MunimError, NotFound, Refused
from core.llm.fake import FakeModel
from core.store import accounts, audit, drafts, funding, mandates
from core.views.intake import intake_view, talks
from tests.views.history import with_bars
from tests.views.shelf import filled_desk

SAID = (
    "balanced", "in two years", "20 lakh including what is there",
    "8% overall, 1.5% a day, 0.75% a trade",
    "12 stocks, 10% in one stock, 25% in a sector", "no energy", "large and mid, ₹50,000 in cash",
    "both",
)  # fmt: skip


def test_a_new_talk_asks_and_has_saved_nothing(tmp_path: Path):
    view = intake_view(filled_desk(tmp_path), "event")
    assert view.turns[0].text.startswith("What is this account for")
    assert (view.note, view.can_sign, view.started) == ("0 of 8 questions answered", False, False)
    assert view.title == "Mandate version 2, draft"
    assert view.before_note == "1 left"


def test_an_answer_is_read_marked_and_kept_as_a_draft(tmp_path: Path):
    desk = filled_desk(tmp_path)
    answer(desk, "event", "balanced")
    view = intake_view(desk, "event")
    assert view.note == "draft saved 10:42:07 · 1 of 8 questions answered"
    first = view.rules[0]
    assert (first.rule, first.value.text, first.source[0].text, first.mark) == (
        "Aim", "balanced", "you said", "on",
    )  # fmt: skip
    with desk.store.read() as tx:
        assert len(mandates.versions(tx, "event")) == 1


def test_answers_that_disagree_block_the_signature(tmp_path: Path):
    desk = filled_desk(tmp_path)
    for words in ("balanced", "in two years", "20 lakh including what is there", "8%, 9% a day"):
        answer(desk, "event", words)
    view = intake_view(desk, "event")
    wrong = [row for row in view.before if not row.holds]
    assert "8.0%" in str(wrong[0].words) and not view.can_sign


def test_a_whole_talk_is_signed_once_with_its_funding_plan_and_log(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    for words in SAID:
        answer(desk, "event", words)
    view = intake_view(desk, "event")
    assert view.can_sign and view.before_note == "ready"
    assert "₹20.00 L" in view.summary
    signed = sign_talk(desk, "event", by="person")
    assert (signed.version, signed.risk_per_trade_max, signed.sectors_banned) == (
        2, 0.0075, frozenset({"Energy"}),
    )  # fmt: skip
    with desk.store.read() as tx:
        assert funding.current(tx, "event").version == 1
        assert audit.newest(tx, 1)[0].verb == "intake"
    assert talk_of(desk, "event").saved_at is None
    with pytest.raises(BadInput, match="questions are open"):
        sign_talk(desk, "event", by="person")


def test_starting_again_forgets_the_draft_only(tmp_path: Path):
    desk = filled_desk(tmp_path)
    answer(desk, "event", "balanced")
    start_again(desk, "event")
    assert len(talk_of(desk, "event").turns) == 1


def test_what_cannot_be_taken_is_refused(tmp_path: Path):
    desk = filled_desk(tmp_path)
    with pytest.raises(BadInput, match="1001 characters; say it in 1000"):
        answer(desk, "event", "x" * 1001)
    with pytest.raises(NotFound, match="no account has the id nobody"):
        talk_of(desk, "nobody")


def test_what_is_assumed_open_and_said_is_marked_apart(tmp_path: Path):
    desk = filled_desk(tmp_path)
    for words in ("balanced", "in two years", "20 lakh including what is there", "8%"):
        answer(desk, "event", words)
    view = intake_view(desk, "event")
    marks = {row.rule: row.source[0].text if isinstance(row.source, tuple) else row.source.text
             for row in view.rules}  # fmt: skip
    assert marks["Fall under the peak"] == "you said"
    assert marks["Risk per trade"] == "assumed"
    assert (marks["Positions"], marks["Companies"]) == ("asked now", "not asked yet")
    assert view.legend.startswith("5 said · ")
    assert any(line.startswith("Assumed: risk per trade 0.75 % · ₹15,989") for line in view.log)


def test_a_rule_that_disagrees_is_red_with_its_sentence(tmp_path: Path):
    desk = filled_desk(tmp_path)
    for words in (
        "balanced",
        "in two years",
        "20 lakh including what is there",
        "10%, 1% a day, 3% a trade",
    ):
        answer(desk, "event", words)
    view = intake_view(desk, "event")
    assert "one trade may lose 3.00% but the day only 1.00%" in view.disagree[0]
    assert {row.rule for row in view.rules if row.mark == "red"} >= {"Risk per trade"}


def test_a_finished_draft_is_shown_against_the_version_that_stands(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    for words in SAID:
        answer(desk, "event", words)
    view = intake_view(desk, "event")
    changed = {row.rule: (row.before, row.after.text) for row in view.changed}
    assert changed["Sectors excluded"] == ("none", "Energy")
    assert view.changed_title == "Against version 1" and "differ" in view.changed_note
    assert view.button == "Yes, save version 2"


def test_buttons_say_what_can_be_said_now(tmp_path: Path):
    desk = filled_desk(tmp_path)
    said = [reply.says for reply in intake_view(desk, "event").replies]
    assert said == ["max profit", "balanced", "risk minimized", "suggest", "why"]
    answer(desk, "event", "balanced")
    assert [one.says for one in intake_view(desk, "event").replies] == [
        "suggest", "skip", "go back", "why",
    ]  # fmt: skip
    answer(desk, "event", "suggest")
    assert [one.says for one in intake_view(desk, "event").replies] == ["yes", "no"]


def test_a_yes_in_the_talk_saves_it(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    for words in SAID:
        assert answer(desk, "event", words).signed is None
    done = answer(desk, "event", "yes", by="person")
    assert done.signed is not None and done.signed.version == 2
    assert done.turns[-1].text == "Saved: mandate version 2 of Event tactical is signed."
    assert talk_of(desk, "event").saved_at is None


def test_a_talk_opens_a_new_account_only_at_its_yes(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    with desk.store.read() as tx:
        login = accounts.logins(tx)[0].id
        before = len(accounts.accounts(tx))
    talk = begin(desk, "SIP aggressive 24m", login_id=login)
    assert talks(desk)[-1] == (talk.account_id, "SIP aggressive 24m (new)")
    for words in SAID:
        answer(desk, talk.account_id, words)
    view = intake_view(desk, talk.account_id)
    assert (view.title, view.changed, view.is_new) == ("Mandate version 1, draft", (), True)
    with desk.store.read() as tx:
        assert len(accounts.accounts(tx)) == before
    done = answer(desk, talk.account_id, "yes")
    with desk.store.read() as tx:
        opened = accounts.by_name(tx, "SIP aggressive 24m")
        assert mandates.current(tx, opened.id).version == 1
        assert funding.current(tx, opened.id).lump_sum.paise == 200_000_000
    assert done.signed is not None and done.signed.account_id == opened.id
    assert "No money is in SIP aggressive 24m yet" in done.turns[-1].text
    assert "₹20,00,000.00 it was promised" in done.turns[-1].text
    assert begun(desk) == ()
    with pytest.raises(BadInput, match="is called 'SIP aggressive 24m' already"):
        begin(desk, "SIP aggressive 24m", login_id=login)


def test_a_draft_goes_on_where_it_was_left(tmp_path: Path):
    desk = filled_desk(tmp_path)
    answer(desk, "event", "balanced")
    assert talk_of(desk, "event").draft["answers"] == {"objective": "balanced"}
    assert [turn.by_desk for turn in talk_of(desk, "event").turns] == [True, False, True]
    with pytest.raises(NotFound, match="no talk about opening 'nobody'"):
        talk_of(desk, "new:nobody")


def test_a_yes_that_cannot_be_signed_is_not_told_as_saved(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    for words in SAID:
        answer(desk, "event", words)
    with desk.store.write() as tx:
        accounts.close(tx, "event", desk.clock.now())
    with pytest.raises(MunimError):
        answer(desk, "event", "yes")
    assert "Saved" not in talk_of(desk, "event").turns[-1].text


def test_a_draft_of_an_older_form_is_said_to_be_gone(tmp_path: Path):
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        old = {"draft": {"answers": {}}, "turns": [], "saved_at": desk.clock.now().isoformat()}
        drafts.save(tx, "intake:event", old)
    talk = talk_of(desk, "event")
    assert "older form" in talk.turns[0].text and talk.draft["answers"] == {}


def test_a_talk_that_went_on_in_another_tab_takes_nothing_from_this_one(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    for words in SAID:
        answer(desk, "event", words)
    stale = len(intake_view(desk, "event").turns)
    answer(desk, "event", "actually 20% overall", seen=stale)
    for press in (
        lambda: sign_talk(desk, "event", by="person", over=1, seen=stale),
        lambda: answer(desk, "event", "yes", seen=stale),
    ):
        with pytest.raises(Refused, match="went on in another tab"):
            press()
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").version == 1
    start_again(desk, "event")
    with pytest.raises(Refused):
        answer(desk, "event", "balanced", seen=stale)


def test_two_answers_at_the_same_moment_do_not_overwrite_each_other(tmp_path: Path):
    desk = filled_desk(tmp_path)

    class Slow(FakeModel):
        """Answers after somebody else has."""

        def fill(self, form):
            answer(desk, "event", "balanced")
            return super().fill(form)

    with pytest.raises(Refused, match="went on in another tab"):
        answer(desk, "event", "hmm, let me think", model=Slow([{"values": []}]))
    assert talk_of(desk, "event").draft["answers"] == {"objective": "balanced"}
