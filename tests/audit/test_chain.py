import json
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest

from core.audit.chain import Fault, every_fault, read_export, verify
from core.domain.audit import GENESIS, Anchor, AuditEntry, canonical, link_hash
from core.errors import BadInput, Tampered

AT = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)


def chain(size: int, *, actor: str = "me") -> list[AuditEntry]:
    """A true chain of `size` entries."""
    made: list[AuditEntry] = []
    for seq in range(1, size + 1):
        fields = {
            "seq": seq,
            "at": AT,
            "actor": actor,
            "verb": "did",
            "subject": f"s{seq}",
            "body": canonical({"n": seq}),
            "prev_hash": made[-1].hash if made else GENESIS,
        }
        made.append(AuditEntry(**fields, hash=link_hash(**fields)))
    return made


def linked(entry: AuditEntry) -> AuditEntry:
    """The entry with the hash that fits what it says, as a forger would write it."""
    fields = asdict(entry)
    del fields["hash"]
    return AuditEntry(**fields, hash=link_hash(**fields))


def test_a_true_chain_is_counted_and_its_head_named():
    entries = chain(5)
    found = verify(entries)
    assert found.entries == 5
    assert found.head == Anchor(seq=5, hash=entries[4].hash)
    assert every_fault(entries) == ()


def test_nothing_is_a_true_chain():
    assert verify([]).head == Anchor(seq=0, hash=GENESIS)


def test_one_changed_letter_is_found_at_its_entry():
    entries = chain(5)
    entries[2] = replace(entries[2], body='{"n":4}')
    with pytest.raises(Tampered, match="entry 3 was changed"):
        verify(entries)
    assert [one.seq for one in every_fault(entries)] == [3]


def test_a_change_with_a_fitting_hash_is_found_at_the_next_entry():
    entries = chain(5)
    entries[2] = linked(replace(entries[2], body='{"n":4}'))
    with pytest.raises(Tampered, match="entry 4 was put in or moved"):
        verify(entries)


def test_a_deleted_entry_is_missed():
    entries = chain(5)
    del entries[1]
    with pytest.raises(Tampered, match="entry 2 is missing: 3 follows 1"):
        verify(entries)


def test_an_inserted_entry_is_found():
    entries = chain(5)
    forged = linked(replace(entries[2], subject="forged"))
    entries.insert(3, forged)
    with pytest.raises(Tampered, match="entry 3 is out of place: it follows 3"):
        verify(entries)


def test_two_swapped_contents_are_found_at_the_first():
    entries = chain(5)
    one, two = entries[1], entries[2]
    entries[1] = replace(two, seq=one.seq, hash=two.hash)
    entries[2] = replace(one, seq=two.seq, hash=one.hash)
    with pytest.raises(Tampered, match="entry 2 was changed"):
        verify(entries)


def test_two_swapped_entries_are_out_of_order():
    entries = chain(5)
    entries[1], entries[2] = entries[2], entries[1]
    with pytest.raises(Tampered, match="entry 2 is missing: 3 follows 1"):
        verify(entries)


def test_a_cut_end_is_found_by_an_anchor_only():
    entries = chain(5)
    anchor = verify(entries).head
    assert verify(entries[:3]).entries == 3
    with pytest.raises(Tampered, match="the record ends at 3 and 5 was noted"):
        verify(entries[:3], anchor=anchor)


def test_a_chain_built_anew_is_found_by_an_anchor_only():
    anchor = verify(chain(3)).head
    forged = chain(5, actor="someone else")
    assert verify(forged).entries == 5
    with pytest.raises(Tampered, match="entry 3 was rewritten with all before it"):
        verify(forged, anchor=anchor)


def test_an_older_anchor_holds_for_a_longer_chain():
    entries = chain(5)
    assert verify(entries, anchor=Anchor(seq=2, hash=entries[1].hash)).entries == 5


def test_an_export_reads_back_into_the_same_chain():
    entries = chain(3)
    lines = [json.dumps(asdict(one) | {"at": one.at.isoformat()}) for one in entries]
    assert read_export([*lines, ""]) == entries


def test_a_spoiled_line_is_named():
    with pytest.raises(BadInput, match="line 1 of the exported record is no audit entry"):
        read_export(["{not json"])
    with pytest.raises(BadInput, match="'at'"):
        read_export(['{"seq": 1}'])


def test_every_fault_goes_on_after_the_first():
    entries = chain(4)
    entries[0] = replace(entries[0], actor="x")
    entries[3] = replace(entries[3], actor="y")
    assert [one.seq for one in every_fault(entries)] == [1, 4]
    assert isinstance(every_fault(entries)[0], Fault)
