"""Several people on one studies folder: leases, verdicts, readers, and the team at a glance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jlabel.app import LabelApp
from jlabel.datastores import LocalDatastore
from jlabel.errors import DatastoreError, LabelError
from jlabel.manager import AppManager

SHAPE = (4, 5)
Person = Callable[[str], AppManager]


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in "abcd":
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def person(studies: Path) -> Iterator[Person]:
    """Gives a person of that name a manager of their own."""
    opened: list[AppManager] = []

    def manager(name: str) -> AppManager:
        app = LabelApp(LocalDatastore(studies, author=name), ["polyp"])
        opened.append(AppManager(app, device="cpu"))
        return opened[-1]

    yield manager
    for one in opened:
        one.close()
        one.datastore.close()


def mask(*rows: int) -> np.ndarray:
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[list(rows)] = 1
    return drawn


def test_nobody_is_given_what_another_one_has(person: Person) -> None:
    mia, ben = person("mia"), person("ben")
    assert (mia.next_image("first"), ben.next_image("first")) == ("a", "b")
    assert mia.next_image("first") == "a"  # still hers
    mia.skip("a")
    assert (mia.next_image("first"), ben.next_image("first")) == ("c", "b")
    assert [choice.image_id for choice in ben.next_images("first", k=9)] == ["b", "d", "a"]
    assert {lease.image_id: lease.holder for lease in mia.leases()} == {"c": "mia", "b": "ben"}


def test_the_image_before_is_given_back_with_the_next_one(person: Person) -> None:
    mia, ben = person("mia"), person("ben")
    mia.next_image("first")
    mia.save_label("a", mask(1))
    assert mia.next_image("first") == "b"
    assert [lease.image_id for lease in mia.leases()] == ["b"]
    assert ben.next_image("review") == "a"


def test_the_strategys_candidates_that_others_have_are_passed_by_until_none_is_left(person: Person) -> None:
    people = [person(f"p{number}") for number in range(5)]
    assert [one.next_image("first") for one in people] == ["a", "b", "c", "d", None]


def test_a_label_that_is_sent_back_comes_first_to_who_made_it(person: Person) -> None:
    mia, ben = person("mia"), person("ben")
    mia.save_label("c", mask(1))
    ben.send_back("c", "the left part is missing", place=(2, 1))
    choice = mia.choose_next("first")
    assert choice is not None
    assert choice.image_id == "c"
    assert choice.reason.startswith("sent back by ben, ")
    assert choice.reason.endswith(": the left part is missing")
    assert ben.next_image("first") == "a"
    mia.save_label("c", mask(1, 2))
    assert mia.next_image("first") == "b"
    assert next(iter(mia.verdicts("c"))).place == (2, 1, 0)


def test_what_was_judged_counts_as_looked_at_and_waits_no_more(person: Person) -> None:
    mia, ben = person("mia"), person("ben")
    for image in "ab":
        mia.save_label(image, mask(1))
    assert ben.next_image("review") == "a"
    ben.accept("a")
    assert ben.next_image("review") == "b"
    ben.accept("b")
    assert ben.next_image("review") is None
    assert all(one.looked_at for one in ben.review())
    assert [one.image_id for one in ben.datastore.browse(state="accepted").entries] == ["a", "b"]


def test_a_label_is_sent_back_with_words_and_at_a_voxel_of_the_image(person: Person) -> None:
    mia = person("mia")
    mia.save_label("a", mask(1))
    with pytest.raises(DatastoreError, match="say what is to be corrected"):
        mia.send_back("a", "  ")
    for place in ((9, 0), (0,), (0, 0, 1)):
        with pytest.raises(DatastoreError, match="is no voxel of 'a', whose shape is"):
            mia.send_back("a", "here", place=place)


def test_readers_are_blind_to_each_other_and_their_consensus_is_the_final_label(person: Person) -> None:
    mia, ben, ada = person("mia"), person("ben"), person("ada")
    assert mia.read_by_several(readers=2, images=["b"]) == ["b"]
    for one, rows in ((mia, (1, 2)), (ben, (2, 3))):
        assert one.next_image("first") == "b"
        tag = one.label_tag("b")
        assert not one.may_see("b", "final")
        one.save_label("b", mask(*rows), tag=tag)
        if one is mia:
            assert one.next_image("first") == "a"
            assert not ben.may_see("b", tag)
    assert ada.next_image("first") == "c"
    assert ben.may_see("b", "reader-mia")
    [made] = ada.consensus()
    assert (made.readers, made.voxels, made.disagreed, made.ties) == (("mia", "ben"), 15, 10, 10)
    np.testing.assert_array_equal(ada.label("b"), mask(2))
    assert ada.datastore.get_label_info("b")["consensus"]["readers"] == ["mia", "ben"]
    assert ada.consensus() == []
    [pair] = ada.agreement()
    assert (pair.first, pair.second, pair.label, pair.dice) == ("mia", "ben", "polyp", 0.5)


def test_a_consensus_by_staple_weighs_readers(person: Person) -> None:
    pytest.importorskip("SimpleITK")
    people = [person(name) for name in ("mia", "ben", "ada")]
    people[0].read_by_several(readers=3, images=["a"])
    for one, rows in zip(people, ((1, 2), (1, 2), (3,)), strict=True):
        one.save_label("a", mask(*rows), tag=one.label_tag("a"))
    people[0].consensus(method="staple")
    np.testing.assert_array_equal(people[0].label("a"), mask(1, 2))


def test_a_consensus_that_cannot_be_made_says_why(person: Person) -> None:
    mia = person("mia")
    mia.read_by_several(images=["a"])
    mia.save_label("a", mask(1), tag=mia.label_tag("a"))
    with pytest.raises(LabelError, match="was read by 1 of those asked: a consensus needs two"):
        mia.consensus(["a"])
    with pytest.raises(LabelError, match="no method 'mean' for a consensus; there is majority, staple"):
        mia.consensus(method="mean")  # type: ignore[arg-type]
    for wrong in ({}, {"share": 0.5, "images": ["a"]}, {"share": 0.0}, {"share": 1.5}):
        with pytest.raises(LabelError, match="share"):
            mia.read_by_several(**wrong)  # type: ignore[arg-type]


def test_a_share_of_the_images_is_drawn_the_same_for_the_same_seed(person: Person) -> None:
    mia = person("mia")
    drawn = mia.read_by_several(share=0.5, seed=3)
    assert len(drawn) == 2
    assert sorted(set("abcd") - set(drawn)) == mia.datastore.waiting_images()


def test_the_team_at_a_glance(person: Person) -> None:
    mia, ben = person("mia"), person("ben")
    for image in "ab":
        mia.save_label(image, mask(1))
    ben.accept("a")
    ben.next_image("first")
    mia.note_image("b", "<b>dark</b>")
    team = ben.team()
    assert [(one.name, one.images, one.labelled, one.accepted) for one in team.members] == [
        ("ben", ("c",), 0, 0),
        ("mia", (), 2, 1),
    ]
    assert (team.to_do, team.waiting, team.accepted, team.sent_back) == (2, 1, 1, 0)
    assert "wait for a review" in team._repr_html_()
    assert [(one.author, one.text) for one in ben.image_notes()] == [("mia", "<b>dark</b>")]
    assert "&lt;b&gt;dark" in ben.image_notes()._repr_html_()


def test_a_thousand_people_are_given_an_image_each(studies: Path, person: Person) -> None:
    manager = person("p")
    store = manager.datastore
    for number in range(2000):
        (studies / f"n{number:04}.png").write_bytes(b"not read here")
    store.refresh()
    given: dict[str, str] = {}
    rng = random.Random(7)
    for number in rng.sample(range(1000), 1000):
        name = f"p{number}"
        manager.session = name  # each has a kernel of their own
        manager.annotator = name
        choice = manager.choose_next("random")
        assert choice is not None
        assert choice.image_id not in given
        given[choice.image_id] = name
    assert {lease.image_id: lease.holder for lease in manager.leases()} == given
