"""The list of images with scores, by score: in the catalogue, and by the way of a datastore that can only list."""

from __future__ import annotations

import contextlib
import math
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.datastores import Datastore, LocalDatastore, Score, ScoreKey, browse_rows
from jlabel.errors import DatastoreError

BY_ENTROPY = ScoreKey("entropy", "segmentation", 3)
VALUES = {"a": 0.2, "Anna/b": 0.9, "Anna/c": 0.5, "d": math.nan, "e": 0.5}


@pytest.fixture
def store(open_store, studies, add, label_file):
    """Six images: a is a person's, Anna/b a model's, e is skipped; d has no value and f no score."""
    add(studies, *(f"{image_id}.nii.gz" for image_id in (*VALUES, "f")))
    store = open_store()
    store.save_label("a", label_file("a"))
    store.save_label("Anna/b", label_file("b"), "original")
    store.update_image_info("e", {"skipped": "2026-01-01"})
    store.scores.save([Score(image_id, "entropy", value, "segmentation", 3) for image_id, value in VALUES.items()])
    store.scores.save([Score("f", "entropy", 0.7, "segmentation", 2), Score("f", "other", 1.0)])
    return store


def listed(store: Datastore, **which):
    return Datastore.browse(store, **which)


def both(store, **which):
    """A page by score, which is the same by both ways."""
    page = store.browse(scores=BY_ENTROPY, order="score", **which)
    assert page == listed(store, scores=BY_ENTROPY, order="score", **which)
    return [entry.image_id for entry in page.entries], page.total


def test_the_highest_score_comes_first_and_what_has_none_last(store):
    assert both(store) == (["Anna/b", "Anna/c", "e", "a", "d", "f"], 6)
    scores = {entry.image_id: entry.score for entry in store.browse(scores=BY_ENTROPY, order="score").entries}
    assert scores == {"Anna/b": 0.9, "Anna/c": 0.5, "e": 0.5, "a": 0.2, "d": None, "f": None}


def test_by_id_each_entry_has_its_score_too(store):
    page = store.browse(scores=BY_ENTROPY)
    assert [(entry.image_id, entry.score) for entry in page.entries] == [
        ("Anna/b", 0.9),
        ("Anna/c", 0.5),
        ("a", 0.2),
        ("d", None),
        ("e", 0.5),
        ("f", None),
    ]
    assert page == listed(store, scores=BY_ENTROPY)
    assert {entry.score for entry in store.browse().entries} == {None}


def test_search_and_states_hold_by_score_too(store):
    assert both(store, search="anna") == (["Anna/b", "Anna/c"], 2)
    assert both(store, state="final") == (["a"], 1)
    assert both(store, state="model") == (["Anna/b"], 1)
    assert both(store, state="unlabelled") == (["Anna/c", "e", "d", "f"], 4)
    assert both(store, state="unlabelled", search="d") == (["d"], 1)
    assert both(store, state="draft") == ([], 0)


@pytest.mark.parametrize("order", ["id", "score"])
@pytest.mark.parametrize("state", [None, "final", "model", "unlabelled", "draft", "unreadable"])
@pytest.mark.parametrize("least", [-math.inf, 0.0, 0.5, 0.51, 7.0])
def test_only_images_with_a_score_that_is_not_less_are_listed(store, order, state, least):
    draft = store.workspace.draft_file("Anna/c", "0123456789abcdef")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(b"strokes")
    page = store.browse(state=state, scores=BY_ENTROPY, order=order, least_score=least)
    whole = store.browse(state=state, scores=BY_ENTROPY, order=order)
    kept = tuple(entry for entry in whole.entries if entry.score is not None and entry.score >= least)
    assert (page.entries, page.total) == (kept, len(kept))
    second = store.browse(state=state, scores=BY_ENTROPY, order=order, least_score=least, offset=1, limit=1)
    assert second.entries == kept[1:2]
    if state != "unreadable":
        assert page == listed(store, state=state, scores=BY_ENTROPY, order=order, least_score=least)


def test_a_least_score_of_scores_that_are_not_there_lists_nothing(store):
    assert store.browse(scores=ScoreKey("entropy", "segmentation", 7), least_score=0.0).total == 0
    with pytest.raises(DatastoreError, match="a least score needs the scores"):
        store.browse(least_score=0.0)
    with pytest.raises(DatastoreError, match="not NaN"):
        store.browse(scores=BY_ENTROPY, least_score=math.nan)


def test_drafts_are_listed_by_score(store):
    for image_id in ("a", "Anna/c", "f"):
        draft = store.workspace.draft_file(image_id, "0123456789abcdef")
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(b"strokes")
    assert both(store, state="draft") == (["Anna/c", "a", "f"], 3)


def test_without_such_scores_the_order_is_that_of_ids(store):
    page = store.browse(scores=ScoreKey("entropy", "segmentation", 7), order="score")
    assert [entry.image_id for entry in page.entries] == ["Anna/b", "Anna/c", "a", "d", "e", "f"]


@pytest.mark.parametrize("key", ["'x'", "'1,2,3'", "x'00'", "2.5", "-1", "9223372036854775807"])
def test_a_score_whose_key_is_none_changes_no_page(store, studies, key):
    before = both(store, offset=1)
    with contextlib.closing(sqlite3.connect(studies / ".jlabel" / "catalogue.sqlite")) as raw, raw:
        raw.execute(
            "INSERT INTO score (set_pk, image_pk, image_id, queue, value, by_label, seconds, time, info) "
            f"SELECT pk, {key}, 'a', NULL, 0.6, '{{}}', 0, 0, '{{}}' FROM score_set WHERE version = 3"
        )
    page = store.browse(scores=BY_ENTROPY, order="score", offset=1)
    assert ([entry.image_id for entry in page.entries], page.total) == before


def test_an_image_that_is_gone_is_not_listed(store):
    store.remove_image("Anna/b")
    assert both(store)[0] == ["Anna/c", "e", "a", "d", "f"]


def test_an_unknown_order_and_one_without_scores_are_refused(store):
    with pytest.raises(DatastoreError, match="no order 'size'; there is id, score"):
        store.browse(order="size")
    with pytest.raises(DatastoreError, match="needs the scores"):
        store.browse(order="score")
    with pytest.raises(DatastoreError, match="needs the scores"):
        listed(store, order="score")


@settings(max_examples=100, deadline=None)
@given(
    offset=st.integers(0, 25),
    limit=st.integers(1, 25),
    state=st.sampled_from([None, "unlabelled", "model", "final"]),
    tag=st.sampled_from(["final", "hers"]),
    search=st.sampled_from(["", "1", "nothing"]),
    merged=st.sampled_from([-1, 500]),
)
def test_pages_together_are_the_whole_list(many, offset, limit, state, tag, search, merged):
    which = {"state": state, "tag": tag, "search": search, "scores": BY_ENTROPY, "order": "score"}
    whole = listed(many, **which, limit=500).entries
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browse_rows, "_FIRST", merged)  # how far the list is merged from its queues
        page = many.browse(**which, offset=offset, limit=limit)
    assert page.entries == whole[offset : offset + limit]
    assert page.total == len(whole)


def test_the_order_of_scores_is_read_from_one_index(many):
    """So a page in the middle of a hundred thousand takes no longer than the first."""
    query = (
        "EXPLAIN QUERY PLAN SELECT image_pk FROM score WHERE set_pk = 1 AND value <= 1e308 "
        "ORDER BY value DESC, image_id"
    )
    keys = "EXPLAIN QUERY PLAN SELECT image_pk, value FROM score WHERE set_pk = 1 AND image_pk IN (1, 2)"
    with many._catalogue.read() as connection:
        (plan,) = [row.detail for row in connection.exec_driver_sql(query)]
        assert "COVERING INDEX score_order" in plan
        (plan,) = [row.detail for row in connection.exec_driver_sql(keys)]
        assert "image_pk=?" in plan


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Twenty images; most have a score, several the same, some a label."""
    import nibabel as nib
    import numpy as np

    studies = tmp_path_factory.mktemp("many")
    label = studies / "label.nii.gz"
    nib.save(nib.Nifti1Image(np.ones((2, 2, 2), np.uint8), np.eye(4)), label)
    folder = studies / "studies"
    folder.mkdir()
    for n in range(20):
        (folder / f"case_{n:02}.nii.gz").write_bytes(label.read_bytes())
    store = LocalDatastore(folder)
    for n in (1, 4, 5, 16):
        store.save_label(f"case_{n:02}", label)
    for n in (2, 4, 9, 18):
        store.save_label(f"case_{n:02}", label, "original")
    for n in (3, 9, 12):
        store.save_label(f"case_{n:02}", label, "hers")
    store.update_image_info("case_07", {"skipped": "2026-01-01"})
    rows = [Score(f"case_{n:02}", "entropy", (n * 7 % 5) / 4, "segmentation", 3) for n in range(20) if n % 6]
    store.scores.save(rows)
    return store
