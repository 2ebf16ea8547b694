"""What a datastore can do that has the abstract methods alone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jlabel.datastores import FINAL, Datastore, LabelVersion
from jlabel.errors import DatastoreError
from jlabel.imaging import Image
from jlabel.progress import NO_PROGRESS, Progress


class InMemory(Datastore):
    """A datastore without files.

    Args:
        images: Ids, and the info of each image.
    """

    def __init__(self, images: Mapping[str, dict[str, Any]]) -> None:
        self.images = dict(images)
        self.versions: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def name(self) -> str:
        return "memory"

    def set_name(self, name: str) -> None:
        raise NotImplementedError

    def description(self) -> str:
        return ""

    def set_description(self, description: str) -> None:
        raise NotImplementedError

    def list_images(self) -> list[str]:
        return sorted(self.images)

    def get_labeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        return sorted(image_id for image_id, tag in self.versions if tag == (label_tag or FINAL))

    def get_label_info(self, image_id: str, tag: str = FINAL) -> dict[str, Any]:
        return self.versions[image_id, tag][-1]

    def update_label_info(self, image_id: str, tag: str, info: Mapping[str, Any]) -> None:
        self.versions[image_id, tag][-1].update(info)

    def get_image_uri(self, image_id: str) -> str:
        return f"/{image_id}.png"

    def get_image_info(self, image_id: str) -> dict[str, Any]:
        return dict(self.images[image_id])

    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        self.images[image_id].update(info)

    def get_labels_by_image_id(self, image_id: str) -> dict[str, str]:
        return {tag: image_id for one, tag in self.versions if one == image_id}

    def get_label_uri(self, image_id: str, tag: str = FINAL) -> str:
        return f"/{tag}/{image_id}.png"

    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        raise NotImplementedError

    def remove_image(self, image_id: str) -> None:
        del self.images[image_id]

    def save_label(
        self,
        image_id: str,
        label: NDArray[np.generic] | Path | str,
        tag: str = FINAL,
        info: Mapping[str, Any] | None = None,
        *,
        image: Image | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> str:
        self.versions.setdefault((image_id, tag), []).append(dict(info or {}))
        return image_id

    def remove_label(self, image_id: str, tag: str) -> None:
        del self.versions[image_id, tag]

    def label_history(self, image_id: str, tag: str = FINAL) -> list[LabelVersion]:
        infos = self.versions.get((image_id, tag), [])
        time = datetime(2024, 5, 1, tzinfo=UTC)
        return [
            LabelVersion(number, time, None, 1, None, info, number == len(infos))
            for number, info in enumerate(infos, start=1)
        ]

    def restore_label(self, image_id: str, version: int, tag: str = FINAL) -> str:
        raise NotImplementedError

    def datalist(self, full_path: bool = True, tag: str = FINAL) -> list[dict[str, str]]:
        raise NotImplementedError

    def refresh(self) -> None:
        pass

    def status(self) -> dict[str, Any]:
        return {"name": self.name(), "notes": ["one file was left out"]}


MASK = np.zeros((2, 2), np.uint8)


@pytest.fixture
def store() -> InMemory:
    return InMemory({"a": {}, "b": {"patient": "p1"}, "c": {}})


def test_a_final_label_alone_makes_an_image_labelled(store: InMemory) -> None:
    store.save_label("a", MASK)
    store.save_label("b", MASK, tag="original")
    assert (store.count_images(), store.count_labeled(), store.count_unlabeled()) == (3, 1, 2)
    assert store.get_unlabeled_images() == ["b", "c"]
    assert store.has_labeled(1)
    assert not store.has_labeled(2)


def test_skipped_images_come_last(store: InMemory) -> None:
    store.update_image_info("a", {"skipped": "now"})
    assert store.waiting_images() == ["b", "c"]
    assert store.waiting_images(skipped=True) == ["a", "b", "c"]
    assert not store.is_waiting("a")
    assert (store.first_unlabeled(), store.last_unlabeled()) == ("b", "c")
    assert store.first_unlabeled(skipped=True) == "a"
    assert store.first_unlabeled(exclude=["b", "c"]) == store.last_unlabeled(exclude=["b", "c"]) == "a"


def test_no_image_is_chosen_where_none_is_left(store: InMemory) -> None:
    everything = store.list_images()
    assert store.first_unlabeled(everything) is None
    assert store.last_unlabeled(everything) is None
    assert store.random_unlabeled(random.Random(1), everything) is None


def test_a_random_image_is_one_of_those_that_wait(store: InMemory) -> None:
    store.save_label("b", MASK)
    rng = random.Random(1)
    assert {store.random_unlabeled(rng) for _ in range(50)} == {"a", "c"}


def test_the_label_to_show_is_a_persons_where_there_is_one(store: InMemory) -> None:
    assert store.preferred_tag("a") is None
    store.save_label("a", MASK, tag="original")
    assert store.preferred_tag("a") == "original"
    store.save_label("a", MASK)
    assert store.preferred_tag("a", "mine") == "final"
    store.save_label("a", MASK, tag="mine")
    assert store.preferred_tag("a", "mine") == "mine"


def test_the_current_version_is_the_newest(store: InMemory) -> None:
    assert store.current_version("a") is None
    store.save_label("a", MASK, info={"step": 1})
    store.save_label("a", MASK, info={"step": 2})
    current = store.current_version("a")
    assert current is not None
    assert (current.number, current.info) == (2, {"step": 2})


def test_an_id_may_be_typed_in_other_letters(store: InMemory) -> None:
    assert store.canonical_id("A") == "a"
    with pytest.raises(DatastoreError, match="no image 'z'"):
        store.canonical_id("z")


def test_settings_last_as_long_as_the_object(store: InMemory) -> None:
    assert store.setting("speed") is None
    assert store.change_setting("speed", lambda now: {"was": now, "value": 1}) == {"was": None, "value": 1}
    assert store.setting("speed") == {"was": None, "value": 1}
    assert InMemory({}).setting("speed") is None
    assert store.change_label_set(lambda _: {"labels": []}) == store.label_set() == {"labels": []}


def test_images_name_their_patients(store: InMemory) -> None:
    assert store.patients() == {"b": "p1"}


def test_what_it_cannot_give_it_says(store: InMemory) -> None:
    with pytest.raises(DatastoreError, match="memory does not give the files of earlier versions"):
        store.get_version_uri("a", 1)
    assert store.notes() == ["one file was left out"]
