from decimal import Decimal

import pytest

from core.providers.action_subject import read_subject
from tests.bench.show_actions import LETTERS, SAMPLE, labels, sample, scores, written


@pytest.mark.parametrize(
    ("subject", "face", "read"),
    [
        ("Bonus 1:1", "10", "B1:1"),
        ("Bonus issue 1:2", "", "B1:2"),
        (
            "Face Value Split (Sub-Division) - From Rs 10/- Per Share To Re 1/- Per Share",
            "1",
            "S10:1",
        ),
        ("Stock  Split From Rs.10/- to Rs.2/-", "", "S5:1"),
        ("Face Value Split From Rs 10 To Rs 4", "4", "S5:2"),
        ("FVSPLT FRM RS 10 TO RS 5", "", "S2:1"),
        ("Consolidation Of Shares From Re 1 To Rs 10", "10", "C1:10"),
        ("Consolidation of Shares", "", "C"),
        ("Rights 17:74 @ Premium Rs 55/-", "10", "R17:74@65"),
        ("RIGHTS 45:301@PRM RS 290", "10", "R45:301@300"),
        ("Rights 1:5 @ Price Rs 90", "10", "R1:5@90"),
        ("Rights 1:5 At Par", "10", "R1:5@10"),
        ("Rights 1:5 @ Premium Rs 55/-", "", "R1:5"),
        ("Right Issue of Equity Shares", "", "R"),
        ("Interim Dividend - Rs 2.50 Per Share", "2", "D2.5"),
        ("AGM/Dividend - Rs 5 Per Share/Special Dividend - Rs 3 Per Share", "2", "D5+D3"),
        ("Final Dividend Rs 5/- Plus Special Dividend Rs 2/- Per Share", "2", "D5+D2"),
        ("INTDIV-RS 974 PER SH", "10", "D974"),
        ("Dividend 50%", "10", "D5"),
        ("Dividend 50%", "", "D"),
        ("Dividend - Rs 1,250 Per Share", "10", "D1250"),
        ("Interim Dividend", "10", "D"),
        ("Annual General Meetingdividend - Re 0.50 Per Sh", "1", "D0.5"),
        ("Bonus 1:1/Dividend - Rs 2 Per Share", "10", "B1:1+D2"),
        ("Face Value Split From Rs 10 To Rs 2/Bonus 1:1", "2", "S5:1+B1:1"),
        ("Demerger", "10", "X"),
        ("Spin Off", "", "X"),
        ("Distribution - Rs 3 Per Unit Consisting Of Interest Rs 2 & Dividend Re 1", "100", "D3"),
        ("Scheme Of Arrangement - Bonus Ncrps 4:1", "2", "O"),
        ("Bonus Debentures 1:1", "2", "O"),
        ("Annual General Meeting", "10", "O"),
        ("Buy Back of Shares", "", "O"),
        ("Rights 0:5", "10", "R"),
        ("Face Value Split From Rs 10 To Rs 10", "10", "O"),
        ("", "", "O"),
    ],
)
def test_a_subject_reads_as_a_person_would_read_it(subject, face, read):
    assert written(read_subject(subject, face_value=Decimal(face) if face else None)) == read


@pytest.mark.realdata
def test_the_sample_read_by_hand_is_the_one_that_is_drawn(real_files):
    drawn = sample(real_files)
    assert len(drawn) == SAMPLE and {key for key, _, _ in drawn} == set(labels())


@pytest.mark.realdata
def test_every_kind_is_read_with_precision_and_recall(real_files):
    found = scores(real_files)
    assert set(found) == set(LETTERS)
    for kind, (right, read, there) in found.items():
        print(f"{kind}: {right} right of {read} read and {there} there")
        assert there > 0 and right >= 0.97 * max(read, there)
