from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.datastores import Datastore, ImageEntry, LocalDatastore
from jlabel.errors import DatastoreError

SESSION = "0123456789abcdef"


@pytest.fixture
def store(open_store, studies, add, label_file):
    """Five images: one a person's, one a model's, one both, one with a draft, one with nothing."""
    add(studies, "Anna/b_100%.nii.gz", "Anna/c.nii.gz", "d.nii.gz", "Übung/e.nii.gz", "a.nii.gz")
    store = open_store(author="Ben")
    store.save_label("a", label_file("a"))
    store.save_label("Anna/b_100%", label_file("b"), "original")
    store.save_label("Anna/c", label_file("c"), "original")
    store.save_label("Anna/c", label_file("c2"))
    draft = store.workspace.draft_file("d", SESSION)
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(b"strokes")
    return store


def ids(store: Datastore, **which) -> list[str]:
    return [entry.image_id for entry in store.browse(**which).entries]


def listed(store: Datastore, **which):
    """The same page by the way of a datastore that can only list its images."""
    return Datastore.browse(store, **which)


def test_entries_say_how_far_each_image_is(store):
    page = store.browse()
    assert page.total == 5
    states = {entry.image_id: (entry.state, entry.draft, entry.author) for entry in page.entries}
    assert states == {
        "Anna/b_100%": ("model", False, "Ben"),
        "Anna/c": ("final", False, "Ben"),
        "a": ("final", False, "Ben"),
        "d": ("unlabelled", True, None),
        "Übung/e": ("unlabelled", False, None),
    }
    saved = page.entries[0].time
    assert saved is not None
    assert abs((datetime.now(UTC) - saved).total_seconds()) < 60
    assert page.entries[-1] == ImageEntry("Übung/e", "unlabelled")


def test_states_divide_the_list_and_drafts_come_from_their_folder(store):
    assert ids(store, state="final") == ["Anna/c", "a"]
    assert ids(store, state="model") == ["Anna/b_100%"]
    assert ids(store, state="unlabelled") == ["d", "Übung/e"]
    assert ids(store, state="draft") == ["d"]
    assert ids(store, state="draft", search="a") == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ANNA", ["Anna/b_100%", "Anna/c"]),
        ("%", ["Anna/b_100%"]),
        ("_1", ["Anna/b_100%"]),
        ("~", []),
        ("übung", ["Übung/e"]),
        ("ÜBUNG/E", ["Übung/e"]),
        ("nothing", []),
        ("\ud800", []),
        ("\0", []),
        ("x" * 100_000, []),
    ],
)
def test_search_finds_the_text_as_it_is_in_any_case(store, search, found):
    assert ids(store, search=search) == found


@pytest.mark.parametrize("tag", ["final", "mine"])
def test_the_catalogue_answers_as_listing_everything_does(store, label_file, tag):
    store.save_label("d", label_file("m"), "mine")
    for state in (None, "unlabelled", "model", "final", "draft"):
        for search in ("", "a", "Ü", "_"):
            for offset, limit in ((0, 2), (1, 3), (2, 1), (3, 1), (3, 2), (4, 50), (9, 2)):
                which = {"search": search, "state": state, "offset": offset, "limit": limit, "tag": tag}
                assert store.browse(**which) == listed(store, **which)


@pytest.mark.parametrize("which", [{"state": "lost"}, {"offset": -1}, {"limit": 0}, {"limit": 501}])
def test_what_is_no_page_is_refused(store, which):
    with pytest.raises(DatastoreError, match=r"no state|a page"):
        store.browse(**which)
    with pytest.raises(DatastoreError, match=r"no state|a page"):
        listed(store, **which)


def test_removed_and_gone_images_are_not_listed(store, studies):
    store.remove_image("a")
    (studies / "d.nii.gz").unlink()
    store.refresh()
    assert ids(store) == ["Anna/b_100%", "Anna/c", "Übung/e"]
    assert ids(store, state="draft") == []


def test_labels_of_images_that_are_gone_are_not_counted(store, studies):
    for gone in ("a.nii.gz", "Anna/b_100%.nii.gz"):
        (studies / gone).unlink()
    store.refresh()
    totals = {state: store.browse(state=state).total for state in ("final", "model", "unlabelled")}
    assert totals == {"final": 1, "model": 0, "unlabelled": 2}
    assert store.browse(state="final", search="a").total == 1


@pytest.mark.sqlite
def test_a_catalogue_without_the_lists_indexes_gets_them(store, studies, open_store):
    with store._catalogue.write() as connection:
        connection.exec_driver_sql("DROP INDEX image_state_id_queue")
    store.close()
    again: LocalDatastore = open_store()
    with again._catalogue.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'index'").scalars().all()
    assert "image_state_id_queue" in names


NAMES = st.text("ab.~é_0123456789", min_size=1, max_size=12).filter(lambda name: not name.startswith("."))


@settings(max_examples=40)
@given(images=st.lists(NAMES, min_size=1, max_size=5, unique=True), folder=st.sampled_from(["", "sub/"]))
def test_no_two_images_or_sessions_share_a_draft(tmp_path_factory, images, folder):
    store = LocalDatastore(tmp_path_factory.mktemp("studies"))
    sessions = (SESSION, "fedcba9876543210")
    files = {
        (name, session): store.workspace.draft_file(folder + name, session) for name in images for session in sessions
    }
    assert len(set(files.values())) == len(files)
    for file in files.values():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    for name in images:
        assert set(store.workspace.draft_files(folder + name)) == {files[name, session] for session in sessions}
    assert store.workspace.drafted_images() == {folder + name for name in images}
    store.close()


def test_a_draft_of_before_sessions_is_found(store, studies):
    (studies / ".jlabel" / "drafts" / "Anna").mkdir()
    (studies / ".jlabel" / "drafts" / "Anna" / "c.draft").write_bytes(b"strokes")
    assert [file.name for file in store.workspace.draft_files("Anna/c")] == ["c.draft"]
    assert store.workspace.drafted_images() == {"d", "Anna/c"}
