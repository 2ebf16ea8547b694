"""Which images of a datastore wait for a label, and how many have one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection

from jlabel.datastores.base.labels import LabelStore
from jlabel.datastores.label_version import FINAL


class WaitingImages(LabelStore):
    """The images of a datastore that wait for a label; see :class:`jlabel.Datastore`."""

    def count_images(self) -> int:
        """The number of images."""
        return len(self.list_images())

    def count_labeled(self) -> int:
        """The number of images with a ``final`` label."""
        return len(self.get_labeled_images())

    def count_unlabeled(self) -> int:
        """The number of images without a ``final`` label that can be labelled."""
        return len(self.get_unlabeled_images())

    def has_labeled(self, count: int) -> bool:
        """Whether so many images have a ``final`` label; quick, also where there are many more."""
        return self.count_labeled() >= count

    def labels_by_author(self, tag: str = FINAL) -> dict[str, int]:
        """How many current labels each person has saved, by name; "" where nobody knows who it was.

        By default each is asked for.
        """
        versions = (self.current_version(image_id, tag) for image_id in self.get_labeled_images(tag))
        return dict(Counter(version.author or "" for version in versions if version is not None))

    def waiting_images(self, *, skipped: bool = False) -> list[str]:
        """The ids of the images from which :meth:`first_unlabeled` and :meth:`random_unlabeled` choose, sorted.

        Args:
            skipped: Whether skipped images are among them.
        """
        return sorted(self._turns((), skipped)[0])

    def is_waiting(self, image_id: str) -> bool:
        """Whether :meth:`waiting_images` has the image: it is there, was not skipped, and has no ``final`` label."""
        return image_id in self.waiting_images()

    def first_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        """The first image by id that has no ``final`` label.

        Args:
            exclude: Ids not to return.
            skipped: Whether skipped images take part like any other. If not, they come only after all others.
        """
        for candidates in self._turns(exclude, skipped):
            if candidates:
                return candidates[0]
        return None

    def last_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        """The last image by id without a ``final`` label; arguments as for :meth:`first_unlabeled`."""
        for candidates in self._turns(exclude, skipped):
            if candidates:
                return max(candidates)
        return None

    def random_unlabeled(
        self, rng: random.Random, exclude: Collection[str] = (), *, skipped: bool = False
    ) -> str | None:
        """A random image without a ``final`` label; arguments as for :meth:`first_unlabeled`."""
        for candidates in self._turns(exclude, skipped):
            if candidates:
                return candidates[rng.randrange(len(candidates))]
        return None

    def _turns(self, exclude: Collection[str], skipped: bool) -> list[list[str]]:
        excluded = set(exclude)
        waiting = [image_id for image_id in self.get_unlabeled_images() if image_id not in excluded]
        if skipped:
            return [waiting]
        put_off = {image_id for image_id in waiting if self.get_image_info(image_id).get("skipped")}
        return [
            [image_id for image_id in waiting if image_id not in put_off],
            [image_id for image_id in waiting if image_id in put_off],
        ]
