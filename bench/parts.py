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
    Part("cvat_masks", 14, "masks of CVAT, encoded and decoded"),
    Part("memory", 20, "memory of a kernel with a large volume"),
    Part("cli", 25, "the help of the command, and the state of 10,000 images"),
    Part("datastore", 40, "next image, save and image list at up to 100,000 images"),
    Part("discovery", 45, "finding 100,000 DICOM slices in 500 series"),
    Part("batch", 50, "first masks for many images, over a bare MONAI loop"),
    Part("labeler", 60, "the kernel's part of a stroke, a click, a save and an opening, and files opened"),
    Part("cvat", 60, "a round of pictures to CVAT and back, over bare HTTP"),
    Part("drawing", 70, "redraw, wheel, brush, undo, memory of the page, size of the front end"),
    Part("endurance", 75, "memory, threads and open files after 500 images, 100 labelers and 100 runs of a cell"),
    Part("bundles", 75, "a MONAI bundle beside its bare network, and its training beside MONAI alone"),
    Part("niivue", 80, "slice step, window and new label beside NiiVue"),
    Part("while_training", 100, "a click while a training uses the machine"),
    Part("while_scoring", 100, "a click while images are scored on the same machine"),
    Part("dask", 100, "first masks on a Dask cluster: four workers over one, and what each task costs"),
    Part("remote", 100, "a volume of 60 MB opened from a bucket, over a bare download and a local read"),
    Part("exchange", 100, "1,000 labels imported, and exported for nnU-Net, over a plain copy"),
    Part("training", 120, "how soon a training begins and is followed, what is lost, its pace"),
    Part("widget", 120, "from Next and from a click to what is on the screen"),
    Part("clicks", 150, "200 clicks in 20 seconds"),
    Part("next_image", 150, "the next image by scores at up to 100,000 images"),
    Part("training_memory", 150, "memory of a training job on large volumes"),
    Part("team", 150, "twenty people who are given images at once, of 100,000 on PostgreSQL"),
    Part("catalogue_postgresql", 150, "a catalogue of 100,000 images on PostgreSQL: moved there, next image and save"),
    Part("curves", 180, "learning curves of a few strategies, quickly; --help of bench.bench_curves: all of them"),
    Part("scoring", 180, "scoring an image beside a bare forward, passes with dropout, memory of a large volume"),
    Part("interactive", 200, "seconds a click, and Dice after five clicks on the shared sets"),
    Part("dask_kills", 300, "kernel, workers and scheduler of a Dask cluster killed: what is lost, and done twice"),
    Part("review", 300, "labels with an error that a review puts first, alone and with a model"),
    Part("click_training", 570, "Dice after clicks with what click, deepgrow and deepedit learn in one or two minutes"),
    Part("segmentation", 800, "Dice of what segmentation learns in three and in ten minutes"),
    Part("click_quality", 900, "Dice after clicks of two simulated annotators, from nothing, first masks and boxes"),
    Part("pictures", 1000, "Dice of polyps and AJI of nuclei that segmentation learns in ten and in five minutes"),
    Part("cvat_kills", 1200, "the loop with CVAT killed a thousand times: what is uploaded twice, and lost"),
    Part("cvat_loop", 2500, "Dice of polyps after five rounds through CVAT, chosen by the model and at random"),
    Part("project", 3900, "clicks of a whole project, with and without a model that learns along"),
)


def in_words(seconds: float) -> str:
    """Such as ``40 s`` or ``13 min``."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
