"""Images that several people read, and their consensus."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from jlabel.datastores import FINAL, ORIGINAL
from jlabel.datastores.readings import Reading, reader_tag
from jlabel.display.progress_bar import shown_progress
from jlabel.display.table import Listing
from jlabel.errors import LabelError
from jlabel.manager.images_and_labels import ImagesAndLabels
from jlabel.manager.leasing import Leasing
from jlabel.metrics.consensus import Consensus, majority, staple
from jlabel.metrics.pair_agreement import PairAgreement, pair_agreement
from jlabel.progress import Progress

Method = Literal["majority", "staple"]

_CONSENSUS_COLUMNS = ("image", "readers", "method", "voxels", "disagreed", "ties")
_METHODS = {"majority": majority, "staple": staple}


class SeveralReaders(ImagesAndLabels, Leasing):
    """Several readers of an image; see :class:`jlabel.AppManager`."""

    def read_by_several(
        self, readers: int = 2, share: float | None = None, images: Iterable[str] | None = None, seed: int = 0
    ) -> list[str]:
        """Have images read by several people, none of whom sees what the others drew.

        :meth:`next_image` gives each of these images to that many different people, before any other image. Each saves
        a label under a tag of their own (:meth:`label_tag`); :meth:`consensus` makes the final label of them.

        Args:
            readers: How many people are to read each image; 0 takes back what nobody has read yet.
            share: A part of the images without a final label, drawn at random: 0.2 is every fifth.
            images: These images instead.
            seed: Of what is drawn: the same seed draws the same images.

        Returns:
            The ids of the images.

        Raises:
            LabelError: Neither or both of ``share`` and ``images`` are given, or the share is none.
            DatastoreError: There is no such image, no such number of readers, or it cannot be written.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.annotator = "mia"
            >>> manager.read_by_several(readers=2, images=["case_1"])
            ['case_1']
            >>> image = manager.next_image()
            >>> image, manager.label_tag(image)
            ('case_1', 'reader-mia')
            >>> manager.close()
        """
        if (share is None) == (images is None):
            raise LabelError("say which images several people are to read: share=0.2, or images=[...]")
        if images is not None:
            chosen = [self.datastore.canonical_id(image_id) for image_id in images]
        else:
            chosen = self._drawn(share or 0.0, seed)
        self.datastore.readings.ask(chosen, readers)
        return chosen

    def label_tag(self, image_id: str) -> str:
        """The tag under which this person's label of an image is saved: ``"final"``, or their own as a reader of it.

        Raises:
            DatastoreError: The catalogue cannot be used.
        """
        return FINAL if self._reading(image_id) is None else reader_tag(self.who)

    def may_see(self, image_id: str, tag: str) -> bool:
        """Whether this person may see labels of a tag: who reads an image sees of it, until all have read it, only
        their own label and a model's."""
        own = self._reading(image_id)
        return own is None or tag in (ORIGINAL, reader_tag(self.who))

    def consensus(
        self,
        images: Iterable[str] | None = None,
        method: Method = "majority",
        progress: Progress | None = None,
    ) -> Listing[Consensus]:
        """Make final labels of what several people have read, and say how far they agreed.

        Args:
            images: These images, also where not all have read them yet (two must have); if not given, all that every
                reader has read and that have no final label.
            method: ``"majority"``: each voxel gets what most readers gave it, and where no value has most votes the
                background; or ``"staple"``: Simultaneous Truth And Performance Level Estimation (Warfield et al. 2004),
                which weighs readers by how well they do. It needs SimpleITK: ``pip install "jlabel[simpleitk]"``.
            progress: Told how far it is, and can cancel it between two images; a bar if not given.

        Returns:
            Of each image who read it, how many voxels they gave a label, on how many they disagreed, and how many are
            ties. A notebook shows a table. The final label's info keeps the same, under ``consensus``.

        Raises:
            LabelError: There is no such method, an image has less than two readings, SimpleITK is missing, or a label
                does not fit its image.
            DatastoreError: A label cannot be read or written; those before it are saved.

        Examples:
            >>> folder = jlabel.LocalDatastore(studies, author="mia")
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(folder, ["liver"]), device="cpu")
            >>> mask = manager.image("case_1").array > 70
            >>> _ = manager.read_by_several(images=["case_1"])
            >>> for name in ("mia", "ben"):
            ...     manager.annotator = name
            ...     _ = manager.save_label("case_1", mask, tag=manager.label_tag("case_1"))
            >>> [(one.image_id, one.readers, one.disagreed) for one in manager.consensus()]
            [('case_1', ('mia', 'ben'), 0)]
            >>> manager.datastore.get_label_info("case_1")["consensus"]["method"]
            'majority'
            >>> manager.close()
        """
        combine = _METHODS.get(method)
        if combine is None:
            raise LabelError(f"no method {method!r} for a consensus; there is {', '.join(_METHODS)}")
        wanted = None if images is None else [self.datastore.canonical_id(one) for one in images]
        read = self.datastore.readings.read(wanted)
        chosen = self._complete(read) if wanted is None else {image_id: read.get(image_id, []) for image_id in wanted}
        made: list[Consensus] = []
        with shown_progress("Making consensus labels", progress) as told:
            for number, (image_id, readings) in enumerate(chosen.items()):
                told.report(number / len(chosen))
                told.check()
                labels = self._labels_of(image_id, readings)
                if len(labels) < 2:
                    raise LabelError(f"{image_id!r} was read by {len(labels)} of those asked: a consensus needs two")
                found = combine(image_id, labels)
                self.save_label(image_id, found.values, FINAL, {"consensus": found.info()})
                made.append(found)
            told.report(1.0)
        return Listing(made, "Consensus", _consensus_row, _CONSENSUS_COLUMNS)

    def agreement(self, tolerance: float = 2.0, images: Iterable[str] | None = None) -> Listing[PairAgreement]:
        """How well the readers of an image agree, two by two and label by label.

        Args:
            tolerance: mm within which two surfaces count as one, for the NSD.
            images: Only of these images.

        Returns:
            The Dice coefficient and the normalised surface distance (NSD) of each pair; a notebook shows a table. Of
            images that you still read nothing is told.

        Raises:
            LabelError: A label does not fit its image.
            DatastoreError: A label cannot be read.
        """
        names = {label.value: label.name for label in self.label_names.current.named}
        rows: list[PairAgreement] = []
        for image_id, readings in self.datastore.readings.read(images).items():
            labels = self._labels_of(image_id, readings) if self._reading(image_id) is None else {}
            if len(labels) > 1:
                rows += pair_agreement(image_id, labels, names, self.image(image_id).spacing, tolerance)
        return Listing(rows, "Agreement of readers", PairAgreement.row)

    def _drawn(self, share: float, seed: int) -> list[str]:
        if isinstance(share, bool) or not 0 < share <= 1:
            raise LabelError(f"share is the part of the images that several people read, above 0 to 1, not {share!r}")
        waiting = self.datastore.waiting_images(skipped=True)
        return sorted(random.Random(seed).sample(waiting, round(share * len(waiting))))

    def _reading(self, image_id: str) -> list[Reading] | None:
        """The readings of an image that this person reads, or can, and that not all have read; None of any other."""
        readings = self.datastore.readings.of_image(image_id)
        if all(one.reader is not None for one in readings):
            return None
        return readings

    def _complete(self, read: Mapping[str, list[Reading]]) -> dict[str, list[Reading]]:
        complete = {key: found for key, found in read.items() if all(one.reader is not None for one in found)}
        done = set(self.datastore.get_labeled_images()) if complete else set()
        return {image_id: found for image_id, found in complete.items() if image_id not in done}

    def _labels_of(self, image_id: str, readings: Iterable[Reading]) -> dict[str, Any]:
        names = [one.reader for one in readings if one.reader is not None]
        there = self.datastore.get_labels_by_image_id(image_id)
        return {name: self.label(image_id, reader_tag(name)) for name in names if reader_tag(name) in there}


def _consensus_row(found: Consensus) -> dict[str, Any]:
    return {"image": found.image_id, **found.info()}
