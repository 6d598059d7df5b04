"""Munim's torture list: what each of the eighty scenarios is, and the tests that prove it.

`python -m tests.torture.scenarios` writes docs/torture.md; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "torture.md"
PLAYED_OVER = ("paper", "kite", "upstox")  # the dialects of tests/torture/stage.py that pass
OVER_DIALECTS = (
    "placement",
    "events",
    "stops",
    "world",
    "day_trades",
    "move",
    "spoiled",
    "annulled",
    "slices",
    "squared_off",
    "shorts",
    "short_ends",
)  # files whose tests take a dialect
HERE = {
    "p": "tests/torture/test_placement.py",
    "e": "tests/torture/test_events.py",
    "s": "tests/torture/test_stops.py",
    "w": "tests/torture/test_world.py",
    "x": "tests/torture/test_processes.py",
    "r": "tests/torture/test_restart.py",
    "c": "tests/torture/test_many_clicks.py",
    "i": "tests/torture/test_day_trades.py",
    "v": "tests/torture/test_move.py",
    "d": "tests/torture/test_spoiled.py",
    "n": "tests/torture/test_annulled.py",
    "l": "tests/torture/test_slices.py",
    "q": "tests/torture/test_squared_off.py",
    "h": "tests/torture/test_shorts.py",
    "o": "tests/torture/test_short_ends.py",
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of the list; `lacks` says what of it is not there, `only` why a dialect is out."""

    number: int
    title: str
    tests: tuple[str, ...]
    lacks: str = ""
    only: str = ""


def row(number: int, title: str, *tests: str, lacks: str = "", only: str = "") -> Scenario:
    """A scenario whose tests are named by a letter of `HERE`, or by a path."""
    named = []
    for test in tests:
        file, _, name = test.partition(":")
        named.append(f"{HERE.get(file, file)}::{name.removeprefix(':')}")
    return Scenario(number, title, tuple(named), lacks, only)


BOUNDARY = "w:test_a_death_at_any_boundary_of_a_trade_leaves_nothing_twice_and_nothing_naked"
LOST = "p:test_an_answer_that_is_lost_or_unreadable_is_looked_up_by_its_tag"
STORE = "the store alone; no broker is part of it"
OCO = "the desk rests no two plain orders over the same shares: its pair is the broker's own OCO"

PLACEMENT = (
    row(1, "Kill before the intent is committed",
        "p:test_a_click_that_dies_before_its_commit_leaves_the_card_to_be_approved"),
    row(2, "Kill after the commit, before the send",
        "p:test_an_intent_whose_send_never_began_is_called_off_and_not_sent_again",
        "r:test_an_intent_that_never_left_is_called_off_and_its_cash_is_free"),
    row(3, "Kill with the request out, and it arrived",
        "p:test_an_order_that_arrived_before_the_death_is_adopted_and_protected", BOUNDARY),
    row(4, "Kill with the request out, and it never arrived",
        "p:test_an_order_that_never_arrived_is_absent_after_two_minutes_and_not_sent_again",
        "tests/desk/test_unknown.py::"
        "test_three_clean_reads_over_two_minutes_end_it_as_absent"),
    row(5, "Kill with the answer read and not committed",
        "p:test_an_order_that_arrived_before_the_death_is_adopted_and_protected"),
    row(6, "Accepted, the answer times out", LOST),
    row(7, "Accepted, a 502 page comes back", LOST),
    row(8, "Accepted, the answer is cut in half", LOST),
    row(9, "The order shows after 90 s only",
        "p:test_an_order_that_shows_after_90_seconds_is_not_called_absent_before"),
    row(10, "Reads fail during the look-up",
        "p:test_a_look_up_that_cannot_read_waits_blocks_entries_and_lets_exits_go"),
    row(11, "429 on a placement",
        "p:test_a_throttled_order_was_not_accepted_and_makes_no_loop"),
    row(12, "A definite no", "p:test_a_definite_no_is_told_once_and_not_tried_again"),
    row(13, "Rejected by the exchange after the ack",
        "p:test_an_exchange_that_rejects_after_the_ack_leaves_no_stop"),
    row(14, "Many clicks on one card",
        "c:test_two_hundred_parallel_clicks_make_one_order", only=STORE),
    row(15, "Approved in one tab, changed in another",
        "p:test_a_click_on_a_card_that_another_tab_changed_is_refused"),
    row(16, "The broker slices an order",
        "l:test_three_parts_of_which_the_third_failed_are_one_order_and_a_protected_part",
        "l:test_a_part_that_the_exchange_turns_down_is_said_with_its_reason",
        "l:test_the_brokers_own_slicing_is_followed",
        "l:test_an_exit_in_parts_takes_every_resting_part_of_the_entry_away_first",
        "l:test_more_than_was_asked_for_is_no_slice_and_is_left_to_a_person",
        "tests/exchange/test_refusals.py::test_the_freeze_quantity_is_a_given_rule"),
    row(17, "An order id is used again",
        "e:test_an_order_id_used_again_on_another_day_is_not_ours",
        "e:test_an_order_id_that_shows_another_order_moves_nothing"),
    row(18, "The tag comes back altered, cut or empty",
        "p:test_a_tag_that_comes_back_altered_is_ours",
        "p:test_an_order_that_comes_back_without_its_tag_is_only_suggested_to_a_person"),
)  # fmt: skip

EVENTS = (
    row(19, "Every event twice", "e:test_every_event_told_twice_books_each_fill_once"),
    row(20, "Complete before open and before the answer",
        "p:test_a_slow_answer_overtaken_by_the_fill_does_not_bring_the_order_back",
        "e:test_a_finished_order_told_as_open_again_stays_finished"),
    row(21, "A fill after the cancel",
        "e:test_a_fill_that_shows_after_the_cancel_is_held_and_protected"),
    row(22, "Partly filled, the rest cancelled",
        "e:test_the_rest_of_a_partial_fill_taken_back_leaves_a_stop_of_what_was_bought",
        "h:test_the_rest_of_a_partial_short_taken_back_leaves_a_stop_of_what_was_sold"),
    row(23, "Fifty pieces", "e:test_fifty_pieces_end_under_one_stop_of_their_sum",
        "h:test_partial_fills_enlarge_the_same_buy_stop"),
    row(24, "The stream drops fills",
        "e:test_fills_that_no_event_told_of_are_found_by_the_next_look"),
    row(25, "Fills while the connection was down",
        "e:test_fills_of_a_time_without_a_connection_are_found_when_it_is_back"),
    row(26, "Two readers race on one fill", "e:test_two_readers_of_one_fill_book_it_once"),
    row(27, "A trade without a price", "e:test_a_trade_without_a_price_waits_for_one"),
    row(28, "A status word nobody knows", "e:test_a_status_word_nobody_knows_ends_nothing"),
    row(29, "Half is sold by phone", "e:test_half_sold_by_phone_shrinks_the_stop",
        "h:test_half_bought_back_by_phone_within_the_day_makes_the_stop_smaller"),
    row(30, "More is bought by phone",
        "e:test_a_purchase_by_phone_stands_apart_and_leaves_the_stop_alone",
        "h:test_a_purchase_by_phone_for_delivery_leaves_the_short_and_its_stop_as_they_are"),
    row(31, "A trade is corrected or annulled",
        "e:test_a_trade_the_exchange_corrects_is_reversed_and_booked_anew_by_a_persons_word",
        "e:test_a_correction_after_the_shares_were_sold_goes_to_profit_and_loss",
        "tests/cli/test_orders.py::"
        "test_a_trade_is_corrected_with_both_prices_said_and_recorded",
        "tests/desk/test_reconcile.py::test_a_fill_the_broker_does_not_show_is_said",
        "n:test_a_purchase_annulled_in_part_leaves_its_plan_and_stop_of_the_rest",
        "n:test_a_purchase_annulled_whole_ends_its_plan_at_no_loss_and_its_stop",
        "n:test_a_sale_annulled_holds_again_under_a_new_stop",
        "n:test_what_cannot_be_undone_is_refused_and_nothing_moves"),
)  # fmt: skip

STOPS = (
    row(32, "Kill between fill and stop",
        "s:test_a_death_between_fill_and_stop_is_protected_at_the_restart", BOUNDARY,
        "h:test_a_death_at_any_boundary_of_a_short_sale_leaves_one_owner_of_its_shares"),
    row(33, "Kill with the stop placed and not confirmed",
        "s:test_a_stop_placed_in_the_moment_of_death_is_adopted_and_not_doubled",
        "s:test_two_plans_without_a_stop_of_their_own_never_adopt_the_same_one"),
    row(34, "The stop's answer is lost; two candidates",
        "s:test_a_stop_whose_answer_is_lost_is_found_by_its_terms",
        "s:test_of_two_pairs_over_the_same_shares_one_is_cancelled",
        "s:test_a_stop_that_never_arrived_leaves_the_shares_naked_for_no_longer_than_two_seconds",
        "s:test_a_pair_that_shows_after_its_plan_is_over_is_cancelled"),
    row(35, "The stop is refused",
        "s:test_a_refused_stop_is_alarmed_while_the_desk_stop_stands_and_sells"),
    row(36, "Both legs in one tick",
        "s:test_a_stop_and_an_exit_in_the_same_second_sell_once", only=OCO),
    row(37, "Kill between one leg's fill and its sibling",
        "s:test_a_target_half_filled_in_the_moment_of_death_frees_no_second_sale", only=OCO),
    row(38, "The sibling's cancel comes too late",
        "s:test_a_cancel_that_comes_too_late_ends_flat_and_sold_once"),
    row(39, "A fired stop's order is turned down",
        "s:test_a_fired_stop_whose_order_is_turned_down_is_alarmed_and_sold_by_the_desk"),
    row(40, "A fired stop rests behind a gap",
        "s:test_a_fired_stop_left_behind_by_a_gap_is_followed_as_one_order",
        "s:test_an_entry_that_fills_on_after_its_stop_fired_is_taken_back_and_never_naked",
        "h:test_a_buy_stop_behind_a_gap_is_followed_upwards_as_one_order"),
    row(41, "Trailing meets 25 changes and 429",
        "s:test_a_throttled_trailing_stop_keeps_the_last_good_one",
        "tests/desk/test_chase.py::"
        "test_an_order_changed_as_often_as_brokers_allow_is_taken_back_and_sold_anew"),
    row(42, "Trailing from a bad tick",
        "s:test_a_price_twenty_percent_off_neither_sells_nor_tightens"),
    row(43, "A tightening's answer is lost",
        "s:test_a_lost_answer_to_a_tightening_is_read_back_and_never_loosens",
        "h:test_a_trail_comes_down_with_the_price_and_never_goes_up_again"),
    row(44, "A manual exit with the stop active",
        "s:test_a_manual_exit_cancels_and_sees_the_stop_gone_before_it_sells",
        "s:test_a_restart_that_finds_an_exit_halfway_sells_no_more_than_is_left",
        "h:test_a_person_leaves_while_the_stop_fires_and_it_buys_back_once"),
    row(45, "The stop fires while the desk is down",
        "s:test_a_stop_that_fired_while_the_desk_was_down_is_booked_to_its_plan",
        "o:test_a_square_off_while_the_worker_is_down_is_booked_once_at_the_next_start"),
    row(46, "The closing auction begins",
        "i:test_the_auction_takes_a_kept_positions_stop_which_is_told_and_not_sent_again",
        "i:test_a_share_with_a_closing_auction_leaves_before_that",
        "s:test_nothing_is_sent_into_the_closing_auction_and_the_pair_stays",
        "tests/desk/test_look.py::test_an_intraday_stop_that_vanishes_unsaid_is_missed_within_ten_"
        "seconds"),
    row(47, "A lower circuit", "s:test_a_lower_circuit_is_told_once_and_makes_no_storm",
        "h:test_an_upper_circuit_leaves_the_short_unfillable_with_an_alarm_until_sellers_come",
        "o:test_a_short_that_nobody_sold_to_is_told_with_its_auction_and_booked_by_a_person"),
    row(48, "A split under a resting stop",
        "tests/desk/test_ex_dates.py::"
        "test_a_position_held_through_is_left_to_a_person_who_is_told_once",
        only="the paper broker alone goes ex"),
    row(49, "The broker takes no more GTTs",
        "s:test_a_gtt_over_the_brokers_most_falls_back_on_the_desk_stop_with_an_alarm",
        "tests/desk/test_can_hold.py::test_four_fifths_of_the_places_warn_once_a_day",
        only="the limit of one is set on the paper broker"),
)  # fmt: skip

WORLD = (
    row(50, "kill -9 every second during trades",
        "x:test_a_worker_killed_again_and_again_loses_and_doubles_nothing", BOUNDARY,
        only="a process of its own, on paper"),
    row(51, "Two workers; one stopped and continued",
        "x:test_a_worker_stopped_past_its_lease_is_fenced_off_when_it_goes_on",
        "w:test_a_worker_whose_lease_was_taken_writes_nothing_more",
        "tests/desk/test_floor.py::test_a_second_worker_finds_the_floor_taken"),
    row(52, "The worker starts after two hours",
        "p:test_a_worker_that_starts_hours_later_sends_no_stale_entry",
        "tests/torture/test_list.py::test_a_backlog_of_one_job_is_one_run"),
    row(53, "The store is locked for ten seconds",
        "w:test_no_order_leaves_while_another_process_holds_the_store",
        "tests/store/test_engine.py::test_a_held_lock_is_waited_for_and_then_named"),
    row(54, "The disk is full",
        "w:test_a_full_disk_sends_nothing_and_leaves_the_stop_alone",
        "tests/jobs/test_full_disk.py::"
        "test_a_full_disk_pauses_by_the_file_and_is_alarmed_once_there_is_room",
        "tests/jobs/test_full_disk.py::"
        "test_a_disk_that_takes_no_file_either_holds_the_level_until_it_does"),
    row(55, "Power fails with the request out",
        "w:test_what_lies_on_the_disk_while_a_request_is_out_says_that_it_was_sent",
        "w:test_a_durable_store_waits_for_the_disk_at_each_commit"),
    row(56, "Kill within the record", BOUNDARY,
        "tests/store/test_audit.py::test_an_entry_goes_with_the_change_it_records", only=STORE),
    row(57, "Kill within a migration",
        "x:test_a_migration_cut_off_in_the_middle_leaves_the_old_tables_and_goes_through_again",
        only=STORE),
    row(58, "A page of the store is spoiled",
        "x:test_a_spoiled_page_is_found_by_the_integrity_check",
        "d:test_a_spoiled_store_pauses_the_desk_and_the_brokers_own_rows_are_read",
        "d:test_a_broker_that_cannot_be_read_keeps_the_rows_it_told_last",
        "d:test_the_page_comes_up_read_only_with_the_sentence_and_the_brokers_rows",
        "d:test_the_doctor_says_the_same_in_a_terminal",
        "d:test_the_worker_itself_looks_on_and_starts_anew_once_the_store_is_restored"),
    row(59, "Yesterday's backup is restored",
        "w:test_yesterdays_backup_takes_todays_orders_as_done_elsewhere_and_sends_nothing",
        "w:test_a_backup_of_the_intent_adopts_its_order_by_the_tag"),
    row(60, "SQLite to PostgreSQL",
        "v:test_a_store_moved_in_mid_week_goes_on_trading_on_postgresql",
        "v:test_an_order_prepared_before_the_move_is_sent_once_or_never_after_it",
        "v:test_a_move_cut_off_leaves_an_empty_database_and_the_old_store_in_use",
        "v:test_a_target_with_a_table_is_refused",
        "v:test_the_old_store_takes_nothing_more",
        "c:test_two_hundred_parallel_clicks_make_one_order"),
    row(61, "The page dies within a click",
        "w:test_a_click_cut_off_in_the_middle_has_no_effect_and_the_next_one_makes_one_order"),
    row(62, "The risk loop is held up",
        "tests/desk/test_floor.py::test_the_desk_stands_still_when_its_worker_fell_silent",
        "w:test_a_feed_that_stands_still_lets_no_entry_through",
        "tests/desk/test_second_look.py::"
        "test_three_missed_beats_pause_once_and_a_person_resumes",
        "tests/desk/test_second_look.py::test_a_worker_that_stops_as_told_pauses_nothing"),
    row(63, "The token dies", "w:test_a_token_that_dies_stops_writes_until_a_person_logs_in"),
    row(64, "Writes are refused for the address",
        "w:test_writes_refused_for_the_address_while_reads_go_on_are_not_tried_again"),
    row(65, "A log-in elsewhere ends the session",
        "w:test_a_token_that_dies_stops_writes_until_a_person_logs_in"),
    row(66, "Ticks stop while sockets answer",
        "w:test_a_feed_that_stands_still_lets_no_entry_through",
        "w:test_prices_that_stand_still_are_told_within_fifteen_seconds_and_once"),
    row(67, "A tick of another share",
        "s:test_another_shares_price_does_not_set_off_a_desk_stop"),
    row(68, "A stale price at two in the morning",
        "w:test_a_last_price_at_two_in_the_morning_fills_nothing"),
    row(69, "Loss and latency", "p:test_a_lossy_and_slow_line_doubles_nothing",
        "x:test_ten_seeds_of_the_soak_break_nothing"),
    row(70, "Forty approvals in one second",
        "p:test_forty_approvals_in_one_second_keep_the_cap_the_order_and_their_age",
        "p:test_approvals_that_waited_over_two_minutes_behind_the_cap_are_dropped_with_the_reason"),
    row(71, "The order book is wiped over an unknown order",
        "w:test_a_wipe_of_the_order_book_over_an_unknown_order_is_a_persons_to_judge"),
    row(72, "Halt with intents on their way, and a kill",
        "w:test_a_halt_with_intents_on_their_way_stands_after_a_death_and_sends_none",
        "h:test_a_halt_takes_the_rest_of_a_short_entry_back_and_keeps_its_stop"),
    row(73, "Fat fingers", "p:test_a_fat_finger_between_click_and_send_never_leaves",
        "tests/desk/test_approve.py::test_an_ask_above_the_band_is_refused_with_the_last_trade_inside"),
    row(74, "Clocks jump, holidays, other sessions",
        "w:test_a_clock_that_jumps_lets_no_old_approval_through",
        "tests/desk/test_floor.py::test_a_day_outside_the_calendar_is_closed",
        "tests/desk/test_logins.py::"
        "test_a_brokers_clock_apart_is_alarmed_over_two_seconds_and_pauses_over_ten"),
    row(75, "Several buckets on one login",
        "s:test_two_buckets_of_one_login_add_up_while_one_enters_and_the_other_leaves",
        "s:test_partial_fills_of_two_buckets_go_each_to_its_own_order",
        "h:test_a_share_is_held_one_way_on_a_login"),
    row(76, "One broker down, one account stopped",
        "w:test_one_login_that_cannot_be_reached_holds_up_no_other",
        "w:test_a_stop_on_one_account_lets_another_on_the_same_login_trade"),
    row(77, "The broker squares off while we leave",
        "i:test_the_broker_squares_off_what_our_exit_could_not_sell_and_takes_its_fee",
        "i:test_an_intraday_position_leaves_ten_minutes_before_its_broker_closes_it",
        "s:test_the_brokers_own_square_off_and_our_exit_sell_once",
        "q:test_one_square_off_of_three_accounts_is_shared_out_to_the_share_and_paisa",
        "q:test_what_a_square_off_cannot_sell_stays_with_each_plan_and_is_told",
        "q:test_shares_of_no_plan_in_a_square_off_go_to_the_external_bucket",
        "q:test_a_death_at_any_boundary_of_a_square_off_books_each_trade_once",
        "o:test_the_broker_buys_back_what_our_exit_could_not_and_takes_its_fee",
        "o:test_one_square_off_of_two_short_accounts_is_shared_out_to_the_share"),
    row(78, "An absent order surfaces after a new one",
        "w:test_an_order_that_surfaces_after_a_new_one_was_sent_is_adopted_and_told"),
    row(79, "Another desk on the login",
        "w:test_another_desks_tag_in_the_book_stops_entries_and_neither_stops_nor_exits"),
    row(80, "A restored store would lift a halt",
        "w:test_a_restored_store_does_not_lift_a_halt",
        "tests/desk/test_kill.py::test_a_restored_backup_does_not_lift_the_level"),
)  # fmt: skip
SCENARIOS = (*PLACEMENT, *EVENTS, *STOPS, *WORLD)


def takes_a_dialect(scenario: Scenario) -> bool:
    """Whether one of its tests is played over every dialect."""
    return not scenario.only and any(
        f"test_{name}.py" in test for test in scenario.tests for name in OVER_DIALECTS
    )


def page() -> str:
    """The whole of docs/torture.md."""
    over = [one for one in SCENARIOS if takes_a_dialect(one)]
    part = [one for one in SCENARIOS if one.lacks]
    lines = [
        "# The torture list",
        "",
        "What the desk has to survive, and the test that proves each line. The oracle of",
        "`tests/torture/oracle.py` judges invariants I1 to I14 after every scenario on the stage,",
        "from the broker's journal, the store's rows and the record alone.",
        "",
        "- `make torture` runs all of it, over every dialect; the fast suite plays paper and a",
        "  part of the others.",
        "- `tests/torture/test_model.py` lets Hypothesis drive two accounts and two shares on",
        "  one login: approvals, whole and partial exits, fills, stops and targets, orders by",
        "  phone, cancels, faults, kill levels, deaths and restarts in any order. It plays four",
        "  scripts of 20 rules in the fast suite and 20 of 40 in `make torture`;",
        "  `--hypothesis-seed` plays one run again.",
        "- `python -m tests.torture.soak --seeds 200` plays random scripts, `--seed N` one alone;",
        "  `--intraday yes` within the day, and `--shorts yes` with short sales among them.",
        "- `python -m tools.mutations` takes out one safety at a time.",
        "",
        f"{len(over)} of {len(SCENARIOS)} scenarios are played over {' and '.join(PLAYED_OVER)};",
        f"{len(SCENARIOS) - len(over)} need no protocol or cannot be had there, which the table "
        "says.",
        f"{len(part)} are there in part: {', '.join(str(one.number) for one in part)}."
        if part
        else "None is there in part.",
        "",
        "| # | Scenario | Brokers | Tests | Not there |",
        "|---|---|---|---|---|",
    ]
    lines += [_line(one) for one in SCENARIOS]
    return "\n".join(lines) + "\n"


def _line(one: Scenario) -> str:
    brokers = (
        ", ".join(PLAYED_OVER)
        if takes_a_dialect(one)
        else f"paper: {one.only or 'by its own tests'}"
    )
    tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in one.tests)
    return f"| {one.number} | {one.title} | {brokers} | {tests} | {one.lacks} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
