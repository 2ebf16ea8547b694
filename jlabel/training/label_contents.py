"""Whether the labels hold what is to be learnt, looked at before a training begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jlabel.errors import ImageError, LabelError, TaskError
from jlabel.imaging.label_files import read_label_values
from jlabel.imaging.label_values import present_values
from jlabel.training.labelled_images import LabelledImage


def check_structures(images: Sequence[LabelledImage], labels: Mapping[str, int]) -> None:
    """Read labels until one has a voxel of a structure: usually that is the first.

    Args:
        images: Those to learn from.
        labels: The structures to learn, name to class.

    Raises:
        TaskError: None of the labels that can be read has one; says what they hold instead, and what to do.
    """
    unnamed: dict[int, str] = {}
    other: set[int] = set()
    read = 0
    for image in images:
        try:
            values = present_values(read_label_values(image.label, {})[0]) - {0}
        except (ImageError, LabelError):
            continue  # named and left out where the training meets it
        if any(image.class_of(value) > 0 for value in values):
            return
        read += 1
        for value in sorted(values):
            if value not in image.named and not image.is_object(value):
                unnamed.setdefault(value, image.id)
            other.add(value)
    if read:
        raise TaskError(_nothing_to_learn(labels, read, unnamed, other))


class UnnamedValues:
    """Notes values of labels that no structure has, each value once for all images.

    Args:
        note: Told of them.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._said: set[int] = set()

    def __call__(self, image: LabelledImage, values: set[int]) -> None:
        """Look at the values of a label."""
        new = sorted(v for v in values - image.named - self._said - {0} if not image.is_object(v))
        if new:
            self._said.update(new)
            self._note(_unnamed(image.id, new))


def _unnamed(image_id: str, values: Sequence[int]) -> str:
    listed = ", ".join(map(str, values[:5])) + (", …" if len(values) > 5 else "")
    one = len(values) == 1
    return (
        f"the label of {image_id!r} holds {'the value' if one else 'the values'} {listed}, which no structure has: "
        f"learnt as background. Name {'it' if one else 'them'} in the labeler, or map {'it' if one else 'them'}: "
        f"manager.map_label_values({{{values[0]}: 'name of the structure'}})"
    )


def _nothing_to_learn(labels: Mapping[str, int], read: int, unnamed: Mapping[int, str], other: set[int]) -> str:
    wanted = ", ".join(labels)
    begin = f"no label has a voxel of what is to be learnt ({wanted}), so nothing was trained"
    if unnamed:
        listed = ", ".join(map(str, list(unnamed)[:5])) + (", …" if len(unnamed) > 5 else "")
        value, image_id = next(iter(unnamed.items()))
        name = next(iter(labels), "name of the structure")
        return (
            f"{begin}: the labels hold {listed} (that of {image_id!r}), which no structure has. If {value} is {name}: "
            f"manager.map_label_values({{{value}: {name!r}}})"
        )
    if other:
        return f"{begin}: the labels hold other structures alone ({', '.join(map(str, sorted(other)[:5]))})"
    return f"{begin}: {'the label is' if read == 1 else f'all {read} labels are'} empty"
