"""Images and labels as a raw data set of nnU-Net, which its own integrity check takes.

Isensee et al., "nnU-Net: a self-configuring method for deep learning-based biomedical image segmentation", Nature
Methods 18 (2021). The layout is that of version 2: ``dataset.json`` with ``channel_names``, ``labels``, ``numTraining``
and ``file_ending``.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from jlabel.errors import DatastoreError
from jlabel.exchange.export.item import ExportSet, Written
from jlabel.exchange.export.training_sets import TrainingSet, channel_names
from jlabel.exchange.export.volume_files import PICTURE

_VALIDATION = "validation"
_BACKGROUND, _IGNORE = "background", "ignore"
_RGB = ["R", "G", "B"]


class NnUNet(TrainingSet):
    """``imagesTr`` with a file for each channel, ``labelsTr``, ``dataset.json`` and ``splits_final.json``.

    nnU-Net wants the values 1, 2, 3, … without gaps: where the studies have others, they are changed in the files. What
    is called ``ignore`` gets the highest one: there nnU-Net learns nothing.

    Args:
        given: What is exported.
        folder: Where to.

    Raises:
        DatastoreError: A structure is called ``background``.
    """

    name: ClassVar[str] = "nnunet"
    numbered: ClassVar[bool] = True

    def __init__(self, given: ExportSet, folder: Path) -> None:
        if any(one.name == _BACKGROUND for one in given.labels):
            raise DatastoreError(f"in nnU-Net {_BACKGROUND!r} is the name of the value 0: give that label another name")
        super().__init__(given, folder)

    def settings(self) -> dict[str, Any]:
        """What decides what is written; ``channels`` is new in what each image's record says of a picture."""
        return {**super().settings(), "channels": "colors of pictures too"}

    def other_values(self) -> dict[int, int]:
        """Values without gaps, in the order of those of the studies."""
        ordered = sorted(self.given.labels, key=lambda one: one.name == _IGNORE)
        return {one.value: n for n, one in enumerate(ordered, 1) if one.value != n}

    def misfits(self, written: dict[str, Written]) -> dict[str, str]:
        """Images with other channels than most: in nnU-Net all have the same."""
        counts = Counter(one.data["channels"] for one in written.values())
        if len(counts) < 2:
            return {}
        usual = counts.most_common(1)[0][0]
        return {
            image_id: f"has {_channels(one.data['channels'])} and most images have {usual}, and nnU-Net wants the same "
            "of all: export it with those that are like it (images=[…])"
            for image_id, one in written.items()
            if one.data["channels"] != usual
        }

    def finish(self, written: dict[str, Written]) -> None:
        """Write ``dataset.json``, and the split where it is decided."""
        channels = next((one.data["channels"] for one in written.values()), 1)
        names = _RGB if self.ending == PICTURE and channels == len(_RGB) else channel_names(channels)
        about = {
            "channel_names": {str(n): name for n, name in enumerate(names)},
            "labels": {_BACKGROUND: 0, **{one.name: self.value(one.value) for one in self.given.labels}},
            "numTraining": len(written),
            "file_ending": self.ending,
            "name": self.given.name,
            "description": self.given.description,
        }
        self.write_json("dataset.json", about)
        items = [item for item in self.given.items if item.image_id in written]
        if any(item.split == _VALIDATION for item in items):
            train = [item.case for item in items if item.split != _VALIDATION]
            held = [item.case for item in items if item.split == _VALIDATION]
            self.write_json("splits_final.json", [{"train": train, "val": held}])


def _channels(count: int) -> str:
    return f"{count} channel{'' if count == 1 else 's'}"
