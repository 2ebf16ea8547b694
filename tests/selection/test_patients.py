from __future__ import annotations

import pytest

from jlabel.selection.patients import patient_groups, slice_place


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("patient_003_slice_12", "patient_003_slice_90"),
        ("case1-1", "case1-2"),
        ("sub-01/ses-1/t1", "sub-01/ses-2/t2"),
        ("site/Patient 7/a", "site/Patient 7/b"),
        ("p03_1", "p03_2"),
        ("scan 12/flair", "scan 12/t1"),
        ("volumeA_slice_1", "volumeA_slice_7"),
    ],
)
def test_images_of_one_patient_by_their_names(one, other):
    first, second = patient_groups([one, other])
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("patient_003_slice_12", "patient_004_slice_12"),
        ("case1-1", "case2-1"),
        ("case_1", "case_11"),
        ("hippocampus_001", "hippocampus_002"),
        ("liver/a", "liver/b"),
        ("site1/sub-01", "site2/sub-01"),
        ("a", "b"),
        ("suitcase", "casework"),
    ],
)
def test_images_of_different_patients_by_their_names(one, other):
    first, second = patient_groups([one, other])
    assert first != second


def test_what_the_datastore_knows_counts_before_a_name():
    assert len(set(patient_groups(["a", "b", "case_1"], {"a": "P1", "case_1": "P1"}))) == 2


def test_slices_have_a_volume_and_a_number():
    assert slice_place("patient_003_slice_12") == ("patient_003_slice_", 12)
    assert slice_place("p1/z007") == ("p1/z", 7)
    assert slice_place("frame-3") == ("frame-", 3)
    for name in ("case_12", "image_4", "hippocampus_001", "slice_2_of_9", "size 3", "a"):
        assert slice_place(name) is None, name
