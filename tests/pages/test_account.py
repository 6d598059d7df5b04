"""Every button of Accounts, Intake, Reports and Settings, clicked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.desk.access import check_password, has_password
from core.desk.account import clone_account
from core.desk.desk import Desk
from core.desk.mandate import sign
from core.domain.card import CardStatus
from core.domain.money import Money
from core.store import audit, cards, funding, hypotheses, jobs, ledger, mandates, reports
from tests.desk.morning import a_belief
from tests.pages.desk_page import clean, click, open_page, words
from tests.pages.test_research import press
from tests.views.history import with_bars
from tests.views.shelf import empty_desk, event_card, filled_desk
from tests.views.test_intake import SAID
from ui.markup import plain


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def test_a_changed_mandate_is_shown_before_it_is_signed_and_a_contradiction_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    app.number_input(key="rule_position_weight_max_event_1").set_value(40.0)
    assert "one position may be 40.0% but its sector only 25.0%" in words(
        press(app, "See what changes")
    )
    assert app.button(key="sign_event").disabled
    click(app, "unsee_event")
    assert app.number_input(key="rule_position_weight_max_event_1").value == 40.0
    app.number_input(key="rule_position_weight_max_event_1").set_value(8.0)
    shown = words(press(app, "See what changes"))
    assert "What version 2 changes" in shown and "1 rule differs" in shown
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").version == 1
    app.text_input(key="why_event").set_value("calmer").run()
    click(app, "sign_event")
    with desk.store.read() as tx:
        signed = mandates.current(tx, "event")
    assert (signed.version, signed.position_weight_max) == (2, 0.08)
    assert "mandate version 2 is signed" in words(app)
    assert "calmer" in words(app.run())


def test_a_mandate_signed_in_another_tab_is_not_signed_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    app.number_input(key="rule_positions_max_event_1").set_value(7)
    press(app, "See what changes")
    with desk.store.read() as tx:
        stands = mandates.current(tx, "event")
    sign(desk, replace(stands, positions_max=5), by="another tab")
    click(app, "sign_event")
    assert "version 2 was signed since version 1 was read" in words(app)
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").positions_max == 5


def test_two_accounts_are_compared_and_one_is_cloned_paused_resumed_and_closed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    assert "Both have the same rules." in words(app)
    app.text_input(key="clone_name_event").set_value("Twin")
    press(app, "Open it")
    assert "Twin is open under the rules of Event tactical" in words(app)
    with desk.store.write() as tx:
        rules = mandates.current(tx, "twin")
    sign(desk, replace(rules, positions_max=2), by="me")
    app.run()
    app.selectbox(key="other_event").set_value("twin").run()
    assert "1 rule differs" in words(clean(app))
    app.button_group(key="account").set_value("twin").run()
    assert "needs a reason" in words(press(app, "Pause Twin"))
    app.text_input(key="pause_why_twin").set_value("on holiday")
    assert "Pause since" in words(press(app, "Pause Twin"))
    app.text_input(key="pause_why_twin").set_value("back")
    assert "Twin trades again" in words(press(app, "Resume Twin"))
    app.text_input(key="close_why_twin").set_value("a trial")
    assert "Twin is closed" in words(press(app, "Close Twin"))
    assert "its books and its record stay" in words(app)


def test_an_account_that_holds_shares_says_what_is_left_and_has_no_button_to_close(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    assert "320 BEL at a cost of" in words(app) and "munim exit BEL" in words(app)
    assert next(one for one in app.button if one.label == "Close Event tactical").disabled


def test_the_overview_lists_accounts_and_opens_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "accounts")
    assert "Event tactical" in words(app) and "12 positions, 0.75 % a trade" in words(app)
    row = '<a class="m-b" href="/account?account=event" target="_self">Event tactical</a>'
    assert words(app).count(row) == 1 and not app.get("page_link")
    press(app, "Open account")
    assert "a name of 0 characters" in words(app)
    app.text_input(key="new_account_name").set_value("Family core")
    app.selectbox(key="new_account_aim").set_value("risk minimized")
    assert "Family core is open under the usual rules for risk minimized" in words(
        press(app, "Open account")
    )
    with desk.store.read() as tx:
        assert mandates.current(tx, "family-core").positions_max == 20


def test_money_comes_in_and_no_more_than_is_free_goes_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    with desk.store.read() as tx:
        before = ledger.balance(tx, "event", "cash")
    app.text_input(key="amount_event").set_value("50000.5")
    app.text_input(key="reference_event").set_value("NEFT 7")
    press(app, "Add to Event tactical")
    with desk.store.read() as tx:
        assert ledger.balance(tx, "event", "cash") - before == Money(50_000_50)
    assert app.text_input(key="amount_event").value == ""
    assert app.text_input(key="reference_event").value == ""
    app.text_input(key="amount_event").set_value("99999999")
    app.text_input(key="reference_event").set_value("NEFT 8")
    assert "free and ₹9,99,99,999.00 was asked for" in words(
        press(app, "Take out of Event tactical")
    )
    app.text_input(key="amount_event").set_value("0")
    assert "moves nothing" in words(press(app, "Add to Event tactical"))


def test_money_is_typed_in_lakh_and_the_same_once_more_takes_a_second_press(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    with desk.store.read() as tx:
        before = ledger.balance(tx, "event", "cash")
    app.text_input(key="amount_event").set_value("1.5 lakhs of it").run()
    assert "is no amount of rupees" in words(press(app, "Add to Event tactical"))
    app.text_input(key="amount_event").set_value("1.5 lakh").run()
    assert plain("Read as ₹1,50,000.00.") in [one.value for one in app.caption]
    press(app, "Add to Event tactical")
    app.text_input(key="amount_event").set_value("1,50,000")
    assert "is this the same or more?" in words(press(app, "Add to Event tactical"))
    press(app, "Add to Event tactical once more")
    with desk.store.read() as tx:
        assert ledger.balance(tx, "event", "cash") - before == Money.rupees(300_000)
    assert "Add to Event tactical" in [one.label for one in app.button]


LOOK = "See what the plan changes"


def test_a_funding_plan_is_shown_saved_and_brought_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    app.selectbox(key="kind_event").set_value("SIP")
    assert "needs an instalment above ₹0" in words(press(app, LOOK))
    assert app.button(key="save_plan_event").disabled
    click(app, "unsee_plan_event")
    app.text_input(key="instalment_event").set_value("25000")
    shown = words(press(app, LOOK))
    assert "What version 1 of the plan changes" in shown and "₹25,000.00" in shown
    with desk.store.read() as tx:
        assert funding.current(tx, "event") is None
    app.text_input(key="plan_why_event").set_value("from the salary").run()
    click(app, "save_plan_event")
    with desk.store.read() as tx:
        assert funding.current(tx, "event").instalment == Money.rupees(25000)
    assert "from the salary" in words(app)
    app.text_input(key="instalment_event").set_value("50000")
    shown = words(press(app, LOOK))
    assert "What came and what was missed so far stays as it is" in shown
    click(app, "save_plan_event")
    app.text_input(key="back_why_event").set_value("a slip")
    assert "version 1 stand again as version 3" in words(press(app, "Bring it back"))
    with desk.store.read() as tx:
        assert funding.current(tx, "event").instalment == Money.rupees(25000)


def test_a_press_that_overtakes_the_choice_of_an_account_does_nothing_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone_account(desk, "event", name="Twin", by="me")
    app = open_page(monkeypatch, desk, "account")
    with desk.store.read() as tx:
        before = audit.head(tx)
    for label, typed in (
        ("Add to Event tactical", "reference_event"),
        ("Pause Event tactical", "pause_why_event"),
        ("Open it", "clone_name_event"),
    ):
        app.text_input(key=typed).set_value("as I meant")
        if label.startswith("Add"):
            app.text_input(key="amount_event").set_value("50000")
        app.button_group(key="account").set_value("twin")  # both reach the desk at once
        assert "stood for Event tactical" in words(press(app, label)), label
        app.button_group(key="account").set_value("event").run()
    with desk.store.read() as tx:
        assert audit.head(tx) == before


def test_tranches_are_typed_one_a_line_and_a_person_lets_one_go(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    app.text_input(key="lump_event").set_value("900000")
    app.text_area(key="tranches_event").set_value("3L now\n6L whenever")
    assert "tranche 2" in words(press(app, LOOK))
    click(app, "unsee_plan_event")
    app.text_area(key="tranches_event").set_value("3L now\n6L by hand")
    shown = words(press(app, LOOK))
    # 1871398.40 less the floor of 50000; 600000 of it will wait
    assert "Tranche 1 is let go at once." in shown
    assert "Deployable cash goes from ₹18,21,398.40 to ₹12,21,398.40." in shown
    shown = words(click(app, "save_plan_event"))
    assert "funding plan version 1 is saved" in shown and "Waiting tranches" in shown
    assert "needs a reason" in words(press(app, "Let it go"))
    app.text_input(key="release_why_event").set_value("cheap enough")
    shown = words(press(app, "Let it go"))
    assert "of tranche 2 is let go" in shown and "cheap enough" in shown
    assert "Waiting tranches" not in shown


def test_a_talk_is_answered_signed_and_started_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_bars(desk)
    app = open_page(monkeypatch, desk, "intake")
    assert app.button(key="sign_talk").disabled
    app.chat_input(key="intake_said").set_value("balanced").run()
    assert "1 of 8 questions answered" in words(clean(app))
    click(app, "start_again")
    assert "0 of 8 questions answered" in words(app)
    for said in SAID:
        app.chat_input(key="intake_said").set_value(said).run()
        clean(app)
    click(app, "sign_talk")
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").version == 2


def test_a_report_is_shown_and_asked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk.store.write() as tx:
        reports.put(tx, "eod", date(2026, 11, 19), desk.clock.now(), "# The day\n\nQuiet.")
    app = open_page(monkeypatch, desk, "reports")
    assert any("The day" in one.value for one in app.markdown)
    click(app, "make_report")
    with desk.store.read() as tx:
        assert jobs.recent(tx)[0].kind == "report"
    assert app.button(key="make_report").disabled


def test_what_became_of_a_rejected_card_stands_under_the_report(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = replace(event_card(), status=CardStatus.REJECTED)
    with desk.store.write() as tx:
        cards.save(tx, card)
        hypotheses.put(tx, a_belief(card))
    seen = words(open_page(monkeypatch, desk, "reports"))
    assert "1 rejected: none is over yet." in seen and "not over yet" in seen
    with desk.store.write() as tx:
        hypotheses.save(tx, replace(a_belief(card), outcome="stop", pnl=Money(-123_456)))
    seen = words(open_page(monkeypatch, desk, "reports"))
    assert "not trading them saved ₹1,234.56" in seen and "No case yet" in seen
    assert "the stop came first" in seen and "would be" in seen


def test_a_password_is_set_and_changed_only_with_the_old_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "settings")
    app.text_input(key="password_new").set_value("too short")
    app.text_input(key="password_again").set_value("too short")
    assert "9 characters and needs 10" in words(press(app, "Set password"))
    for key in ("password_new", "password_again"):
        app.text_input(key=key).set_value("a short sentence")
    press(app, "Set password")
    assert check_password(desk.home, "a short sentence")
    app.text_input(key="password_now").set_value("wrong one")
    for key in ("password_new", "password_again"):
        app.text_input(key=key).set_value("another sentence")
    assert "the password now in use is another one" in words(press(app, "Change password"))
    app.text_input(key="password_now").set_value("a short sentence")
    app.text_input(key="password_new").set_value("another sentence")
    app.text_input(key="password_again").set_value("another sentense")
    assert "the two new passwords differ" in words(press(app, "Change password"))
    assert check_password(desk.home, "a short sentence")


def test_health_shows_the_packages_still_coming(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"state": "installing", "done": 3, "of": 12, "now": "torch", "sentence": "Now torch."}
    (desk.home / "install.json").write_text(json.dumps(told))
    shown = words(open_page(monkeypatch, desk, "settings"))
    assert "3 of 12 packages" in shown and "Now torch." in shown and "fence 3" in shown
    assert not has_password(desk.home)


def test_account_pages_of_an_empty_desk_say_what_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = empty_desk(tmp_path / "bare")
    for name, sentence in (
        ("accounts", "No account is open yet"),
        ("account", "No account is open yet"),
        ("intake", "No account is open yet"),
        ("reports", "No report yet"),
        ("settings", "has never started"),
    ):
        assert sentence in words(open_page(monkeypatch, bare, name)), name


def test_what_was_said_goes_without_moving_the_tabs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit knows tabs by their place; one that moves opens on its first tab again."""
    app = open_page(monkeypatch, desk, "account")
    quiet = list(app.main.children)
    app.text_input(key="amount_event").set_value("0")
    assert "moves nothing" in words(press(app, "Add to Event tactical"))
    assert list(app.main.children) == quiet
    assert "moves nothing" not in words(app.run())
    assert list(app.main.children) == quiet


def test_a_reloaded_page_shows_the_account_it_showed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "account")
    twin = clone_account(desk, "event", name="Twin", by="me")
    app.run().segmented_control(key="account").set_value(twin.id).run()
    assert app.query_params["account"] == twin.id
    assert app.run().segmented_control(key="account").value == twin.id
    app.segmented_control(key="account").set_value("event").run()
    assert app.run().query_params["account"] == "event"
