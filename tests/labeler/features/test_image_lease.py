"""Two people on one image, each with a labeler: who has it, taking it over, a lease that ran out, blind readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.datastores import LocalDatastore
from jlabel.errors import JlabelError, LabelError
from jlabel.widget import AppManager, Labeler
from jlabel.widget import labeler as labeler_module

SHAPE = (6, 5, 4)
Open = Callable[..., Labeler]


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in ("a", "b"):
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.uint8), np.eye(4)), folder / f"{name}.nii.gz")
    return folder


@pytest.fixture
def labeler_of(studies: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens an image in a labeler of that person; with what comes next in the strategy ``first`` if none is named."""
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    opened: list[Labeler] = []

    def open_one(name: str, image_id: str | None = None, seconds: float = 600.0) -> Labeler:
        datastore = LocalDatastore(studies, author=name)
        datastore.leases.seconds = seconds
        manager = AppManager(LabelApp(datastore, ["liver"]), device="cpu")
        opened.append(Labeler(manager, image_id, strategy="first"))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def state(labeler: Labeler) -> Any:
    labeler._controller.flush()
    return labeler._controller._whole_state()


def paint(labeler: Labeler, value: int = 1) -> None:
    labeler.edit("threshold", low=0, high=1)


def wait(done: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not done():
        assert time.monotonic() - begun < 60
        time.sleep(0.02)


def holders(labeler: Labeler) -> list[tuple[str, str]]:
    return [(lease.image_id, lease.holder) for lease in labeler._controller.manager.leases()]


def test_an_open_image_is_its_persons_until_the_labeler_goes_on_or_ends(labeler_of: Open) -> None:
    mia, ben = labeler_of("mia"), labeler_of("ben")
    assert (mia.image_id, ben.image_id) == ("a", "b")
    assert state(mia)["lease"].mine
    mia.close()
    assert holders(ben) == [("b", "ben")]
    ben.next()
    wait(lambda: holders(ben) == [("a", "ben")])


def test_who_opens_an_image_of_somebody_is_told_who_and_may_take_it_over(labeler_of: Open) -> None:
    mia, ben = labeler_of("mia", "a"), labeler_of("ben", "a")
    lease = state(ben)["lease"]
    assert (lease.holder, lease.mine, lease.lost) == ("mia", False, False)
    paint(ben)
    with pytest.raises(JlabelError, match=r"mia labels a since .* Take it over"):
        ben.save()
    ben.team.take_over()
    assert state(ben)["lease"].mine
    wait(lambda: state(mia)["lease"].holder == "ben")
    assert state(mia)["lease"].lost
    ben.save()
    paint(mia)
    mia.save()  # what she has painted is not lost
    history = mia._controller.manager.datastore.label_history("a")
    assert [(one.number, one.author) for one in history] == [(1, "ben"), (2, "mia")]
    assert "ben had saved this label too" in state(mia)["errors"][-1]


def test_it_can_be_saved_all_the_same_and_both_versions_are_kept(labeler_of: Open) -> None:
    mia, ben = labeler_of("mia", "a"), labeler_of("ben", "a")
    paint(ben)
    ben.save(anyway=True)
    paint(mia)
    mia.save()
    history = mia._controller.manager.datastore.label_history("a")
    assert [one.author for one in history] == ["ben", "mia"]


def test_a_lease_that_ran_out_while_its_holder_paints_takes_nothing_from_them(labeler_of: Open) -> None:
    mia = labeler_of("mia", "a", seconds=0.2)
    mia._controller.features.lease._end()  # her kernel is too busy to renew it
    paint(mia)
    wait(lambda: not mia._controller.manager.leases("a"))
    ben = labeler_of("ben", "a")
    assert state(ben)["lease"].mine
    wait(lambda: bool(state(mia)["lease"].lost))
    assert mia.dirty
    assert mia.mask.any()
    mia.save()
    assert mia._controller.manager.datastore.current_version("a").author == "mia"


def test_who_goes_on_to_paint_keeps_the_image(labeler_of: Open) -> None:
    mia = labeler_of("mia", "a", seconds=1.0)
    begun = time.monotonic()
    while time.monotonic() - begun < 2.5:
        paint(mia)
        mia.undo()
        time.sleep(0.05)
    assert holders(mia) == [("a", "mia")]


def test_who_only_looks_keeps_the_image_and_an_open_tab_does_not(labeler_of: Open) -> None:
    mia = labeler_of("mia", "a", seconds=1.0)

    def holds_while_present(epoch: int) -> bool:
        mia._on_message(mia, {"type": "person_present", "epoch": epoch}, [])
        return holders(mia) == [("a", "mia")]

    epoch, begun = state(mia)["epoch"], time.monotonic()
    while time.monotonic() - begun < 2.5:
        holds_while_present(epoch)
        time.sleep(0.05)
    wait(lambda: holds_while_present(epoch))
    wait(lambda: not holds_while_present(epoch + 1))  # said of another image
    assert not mia.dirty


def test_it_can_be_given_back_and_painting_takes_it_again(labeler_of: Open) -> None:
    mia = labeler_of("mia", "a", seconds=1.0)
    mia.team.release()
    assert (state(mia)["lease"], holders(mia)) == (None, [])
    time.sleep(0.2)
    paint(mia)
    wait(lambda: holders(mia) == [("a", "mia")])


def test_a_reader_sees_nothing_that_another_one_has_drawn(labeler_of: Open) -> None:
    mia = labeler_of("mia", "b")
    mia._controller.manager.read_by_several(readers=2, images=["a"])
    mia.next()
    assert mia.image_id == "a"
    assert state(mia)["reading"].place == 1
    paint(mia)
    mia.save()
    paint(mia)
    mia.undo()
    ben = labeler_of("ben")
    assert (ben.image_id, state(ben)["reading"].place) == ("a", 2)
    assert not ben.mask.any()
    for look in (lambda: ben.versions.compare("reader-mia"), lambda: ben.versions.take_over("reader-mia")):
        with pytest.raises(LabelError, match="shown once all have read it"):
            look()
    ben.save()
    store = ben._controller.manager.datastore
    assert set(store.get_labels_by_image_id("a")) == {"reader-mia", "reader-ben"}
    assert [one.reader for one in store.readings.of_image("a")] == ["mia", "ben"]


def test_the_draft_that_a_reader_left_behind_is_nobody_elses(labeler_of: Open) -> None:
    mia = labeler_of("mia", "b")
    mia._controller.manager.read_by_several(readers=2, images=["a"])
    mia.next()
    paint(mia)
    mia.close()
    ben = labeler_of("ben", "a")
    assert not ben.mask.any()
    again = labeler_of("mia", "a")
    assert again.mask.all()


def test_a_person_may_say_who_they_are(labeler_of: Open) -> None:
    mia = labeler_of("jovyan", "a")
    mia._controller.features.lease.set_annotator("mia")
    assert state(mia)["annotator"].name == "mia"
    assert holders(mia) == [("a", "mia")]


def test_where_nothing_can_be_written_nobody_has_an_image_and_it_can_be_looked_at(
    labeler_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jlabel.datastores.catalogue_leases.CatalogueLeases.kept", False)
    mia = labeler_of("mia", "a")
    assert (mia.image_id, state(mia)["lease"]) == ("a", None)
