"""The benchmarks, the quick ones first, and how long each takes on two processor cores."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """One benchmark.

    Attributes:
        name: ``bench_<name>`` is its module.
        seconds: What it takes on two idle cores, about.
        what: For people.
    """

    name: str
    seconds: int
    what: str


PARTS = (
    Part("memory", 20, "memory of a kernel with a large volume"),
    Part("datastore", 40, "next image, save and image list at up to 100,000 images"),
    Part("batch", 50, "first masks for many images, over a bare MONAI loop"),
    Part("drawing", 70, "redraw, wheel, brush, undo, memory of the page, size of the front end"),
    Part("niivue", 80, "slice step, window and new label beside NiiVue"),
    Part("while_training", 100, "a click while a training uses the machine"),
    Part("training", 120, "how soon a training begins and is followed, what is lost, its pace"),
    Part("widget", 120, "from Next and from a click to what is on the screen"),
    Part("clicks", 150, "200 clicks in 20 seconds"),
    Part("training_memory", 150, "memory of a training job on large volumes"),
    Part("interactive", 200, "seconds a click, and Dice after five clicks on the shared sets"),
    Part("click_training", 570, "Dice after clicks with what click, deepgrow and deepedit learn in one or two minutes"),
    Part("segmentation", 800, "Dice of what segmentation learns in three and in ten minutes"),
    Part("click_quality", 900, "Dice after clicks of two simulated annotators, from nothing, first masks and boxes"),
    Part("project", 3900, "clicks of a whole project, with and without a model that learns along"),
)


def in_words(seconds: float) -> str:
    """Such as ``40 s`` or ``13 min``."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
