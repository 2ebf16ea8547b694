"""The work at the labeler: what is open, what was chosen, and what a person does to the draft."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import JlabelError
from jlabel.imaging import Region
from jlabel.manager import AppManager
from jlabel.tasks import InferTask, Label, label_values
from jlabel.widget.asking import Asking
from jlabel.widget.comparing import Comparing
from jlabel.widget.doing import UnderWay
from jlabel.widget.first_masks import FirstMasks
from jlabel.widget.frames import Frames
from jlabel.widget.gallery import Gallery
from jlabel.widget.history import Patch
from jlabel.widget.label_set import LabelEditing
from jlabel.widget.opened import OpenedImage
from jlabel.widget.operating import Operating
from jlabel.widget.other_labels import OthersAsBackground
from jlabel.widget.part import Handler, Part
from jlabel.widget.picture import Picture
from jlabel.widget.protocol import region_to_wire
from jlabel.widget.rules import Rules
from jlabel.widget.shelf import Shelf
from jlabel.widget.strokes import Strokes
from jlabel.widget.thumbnails import Thumbnails
from jlabel.widget.training import Training
from jlabel.widget.uncertain import Uncertain
from jlabel.widget.versions import Versions
from jlabel.widget.view3d import View3d
from jlabel.widget.volumes import Volumes

if TYPE_CHECKING:
    from jlabel.widget.labeler import Labeler


class Desk:
    """The state of one labeler and all that changes it. The labeler's lock guards it; nothing slow happens under it.

    Args:
        manager: The app manager.
        labeler: Where to show things.
        tag: Under which tag labels are saved.
        strategy: Chosen at the start.
        model: Chosen at the start.
    """

    def __init__(
        self, manager: AppManager, labeler: Labeler, tag: str, strategy: str | None, model: str | None
    ) -> None:
        app = manager.app
        self.manager = manager
        self.tag = tag
        self.labels: tuple[Label, ...] = manager.labels
        self.opened: OpenedImage | None = None
        self.label = self.labels[0].name
        interactive = [name for name, task in app.infers.items() if task.interactive and task.is_valid()]
        self.model = model or next(iter(interactive), next(iter(app.infers), None))
        self.strategy = strategy or next(iter(app.strategies), "")
        self.labeler = labeler
        self.lock = labeler.lock
        self.under_way = UnderWay(self)
        #: Grows with every change of the draft or the label set.
        self.revision = 0
        self.notice: str | None = None
        self.rules = Rules(self)
        self.label_set = LabelEditing(self)
        self.volumes = Volumes(self)
        self.asking = Asking(self)
        self.others_as_background = OthersAsBackground(self)
        self.uncertain = Uncertain(self)
        self.operating = Operating(self)
        self.shelf = Shelf(self)
        self.picture = Picture(self)
        self.frames = Frames(self)
        self.versions = Versions(self)
        self.comparing = Comparing(self)
        self.used_models: list[str] = []
        self.training = Training(self)
        self.first_masks = FirstMasks(self)
        self.parts: tuple[Part, ...] = (
            self.rules,
            self.label_set,
            self.volumes,
            Strokes(self),
            self.asking,
            self.others_as_background,
            self.uncertain,
            self.operating,
            self.shelf,
            self.frames,
            self.versions,
            self.comparing,
            Gallery(self),
            Thumbnails(self),
            self.picture,
            View3d(self),
            self.training,
            self.first_masks,
        )
        self.counts = (0, 0)
        if model is not None:
            self.choose("model", model)
        if strategy is not None:
            self.choose("strategy", strategy)

    @property
    def values(self) -> dict[str, int]:
        """The labels' names and values."""
        return label_values(self.labels)

    def name_of(self, value: int, unknown: str) -> str:
        """The name of the label of that value; ``unknown`` where there is none any more."""
        return next((label.name for label in self.labels if label.value == value), unknown)

    def asks(self) -> dict[str, Handler]:
        """All messages that the parts take."""
        return {name: handler for part in self.parts for name, handler in part.asks().items()}

    def need(self) -> OpenedImage:
        """What is open.

        Raises:
            JlabelError: Nothing is.
        """
        if self.opened is None:
            raise JlabelError("no image is open; press Next, or call labeler.open(image_id)")
        return self.opened

    def state(self) -> dict[str, Any]:
        """Everything small that the front end shows."""
        app, opened = self.manager.app, self.opened
        draft = opened.draft if opened is not None else None
        return {
            "type": "state",
            "state": {
                "imageId": opened.image_id if opened is not None else None,
                "epoch": opened.epoch if opened is not None else 0,
                "labels": [{"name": one.name, "value": one.value, "color": one.color} for one in self.labels],
                "label": self.label,
                "models": [_model_info(name, task) for name, task in app.infers.items()],
                "model": self.model,
                "strategies": [{"name": k, "description": v.description} for k, v in app.strategies.items()],
                "strategy": self.strategy,
                "canUndo": draft is not None and draft.history.next_undo is not None,
                "canRedo": draft is not None and draft.history.next_redo is not None,
                "dirty": draft is not None and draft.dirty,
                **self.under_way.state(),
                "notice": self.notice,
                "images": self.counts[0],
                "labelled": self.counts[1],
                **{key: value for part in self.parts for key, value in part.state().items()},
            },
        }

    def fail(self, text: str) -> None:
        """Show an error under the picture."""
        with self.lock:
            self.labeler.tell({"type": "error", "text": text})
            self.show_state()

    def choose(self, what: str, value: str) -> None:
        """Choose a model, a strategy or a label.

        Raises:
            JlabelError: There is none of that name.
        """
        app = self.manager.app
        names = {"model": list(app.infers), "strategy": list(app.strategies), "label": list(self.values)}.get(what, [])
        if value not in names:
            raise JlabelError(f"no {what} {value!r}; there is {', '.join(names) or 'none'}")
        with self.lock:
            setattr(self, what, value)
            self.show_state()

    def cancel(self) -> None:
        """Give up what takes time."""
        self.under_way.cancel()
        self.asking.cancel()

    def close(self) -> None:
        """Give up what is asked, and finish what is being written."""
        for part in self.parts:
            part.close()

    # Strokes and steps: under the lock, and quick.

    def paint(self, region: Region, touched: NDArray[np.bool_], value: int, page: str = "", more: bool = False) -> bool:
        """A stroke, with the lock held; see :meth:`jlabel.widget.draft.Draft.paint`.

        Raises:
            JlabelError: No label has that value.
            LabelError: The label is locked.
        """
        opened = self.need()
        if value not in {0, *self.values.values()}:
            raise JlabelError(f"a stroke has the value {value}, and the labels are {self.values}")
        self.rules.check_unlocked(value)
        waited = self.asking.cancel()
        whole = opened.draft.paint(region, touched, value, page, more)
        self.draft_changed()
        if waited:
            self.say("The prompt without an answer yet was given up when you painted; point again")
        return whole

    def draft_changed(self) -> None:
        """Tell the parts and the pages; with the lock held."""
        self.notice = None
        self.revision += 1
        for part in self.parts:
            part.changed()
        self.show_state()

    def step(self, which: str) -> None:
        """Undo or redo."""
        with self.lock:
            opened = self.need()
            # What has no result yet, an operation or a prompt, is the newest thing done.
            stopped = self.operating.cancel()
            if which == "undo" and (self.asking.take_back() or stopped):
                return
            self.asking.cancel()
            history = opened.draft.history
            step = history.next_undo if which == "undo" else history.next_redo
            region = opened.draft.undo() if which == "undo" else opened.draft.redo()
            patches = step.patches if step is not None else ()
            self.show_patches(opened, [(one, one.before if which == "undo" else one.after) for one in patches])
            if region is not None and region.size > 0:
                self.labeler.tell({"type": "look", "epoch": opened.epoch, "region": region_to_wire(region)})
            self.draft_changed()

    def show_patches(self, opened: OpenedImage, patches: Iterable[tuple[Patch, bytes]]) -> None:
        """Show what is in the draft by now, packed as it is kept; with the lock held."""
        for patch, voxels in patches:
            self.labeler.show_parts(opened, [(region_to_wire(patch.region), voxels)], dtype=patch.dtype)

    def show_state(self) -> None:
        """Send the state to the pages."""
        with self.lock:
            self.asking.show()
            self.labeler.tell(self.state())

    def say(self, notice: str) -> None:
        """Show what was done."""
        with self.lock:
            self.notice = notice
            self.show_state()

    def count(self) -> None:
        """Look how many images there are, and how many are labelled."""
        self.counts = (self.manager.datastore.count_images(), self.manager.datastore.count_labeled())


def _model_info(name: str, task: InferTask) -> dict[str, Any]:
    return {
        "name": name,
        "description": task.description,
        "interactive": task.interactive,
        "dimension": task.dimension,
        "valid": task.is_valid(),
        "takesMask": task.interactive and task.takes_mask,
    }
