"""The labeler: slices, clicks and strokes in a notebook cell, and its Python side."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import traitlets
from numpy.typing import NDArray
from PIL.Image import Image as Picture

from jlabel.errors import Cancelled, JlabelError
from jlabel.imaging import Region
from jlabel.manager import AppManager
from jlabel.tasks import Prompt
from jlabel.widget.assets import front_end
from jlabel.widget.channel import QuickWidget
from jlabel.widget.copying import with_copy
from jlabel.widget.desk import Desk
from jlabel.widget.inbox import Inbox
from jlabel.widget.itk import itk_view
from jlabel.widget.keys import GivenKeys, checked_keys
from jlabel.widget.label_methods import LabelMethods
from jlabel.widget.opened import Message, OpenedImage
from jlabel.widget.part import Handler
from jlabel.widget.prompt_methods import PromptMethods
from jlabel.widget.protocol import Parts, mask_parts
from jlabel.widget.saved_label_methods import SavedLabelMethods
from jlabel.widget.training_methods import TrainingMethods
from jlabel.widget.worker import SerialWorker

logger = logging.getLogger(__name__)
_MOST_PAGES = 16
_FOR_ONE_IMAGE = {
    "edit": "a stroke",
    "prompt": "a prompt",
    "change_prompt": "a moved prompt",
    "remove_prompt": "a removed prompt",
    "clear_prompts": "clearing the prompts",
    **{kind: kind for kind in ("undo", "redo", "save", "next", "previous", "skip", "run")},
}


class Labeler(LabelMethods, SavedLabelMethods, TrainingMethods, PromptMethods, QuickWidget):
    """Label images in a notebook cell: three linked planes, clicks, brush and eraser, undo, save, next image.

    The kernel holds the draft mask, so a reloaded page goes on where it was.

    Args:
        manager: The app manager.
        image_id: The image to begin with; the strategy's choice if not given.
        strategy: The strategy to begin with; the app's first if not given.
        model: The model to begin with; the app's first interactive one if not given.
        tag: Under which tag labels are saved.
        height: Height of the picture in pixels.
        keys: Keys for actions in the place of the usual ones, such as ``{"next": "space", "redo": ["mod+y", "u"]}``;
            ``labeler.keymap = ...`` changes them later. The help in the labeler (``?``) names the actions.

    Raises:
        DatastoreError: ``image_id`` is not in the datastore.
        ImageError: ``image_id`` was given and cannot be read.
        KeyMapError: An action or a key in ``keys`` is not known, or one key is given twice.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(560, help="Height of the picture in pixels").tag(sync=True)
    # ipywidgets has a `keys` of its own.
    keymap = traitlets.Dict(help="Keys that were given to actions, by the action's id").tag(sync=True)

    def __init__(
        self,
        manager: AppManager,
        image_id: str | None = None,
        strategy: str | None = None,
        model: str | None = None,
        tag: str = "final",
        height: int = 560,
        keys: GivenKeys | None = None,
    ) -> None:
        given = checked_keys(keys or {})
        script, style = front_end()
        self.lock = threading.RLock()
        self._pages: list[str] = []
        self._inbox = Inbox()
        self.worker = SerialWorker("jlabel-labeler")
        self._desk = Desk(manager, self, tag, strategy, model)
        super().__init__(_esm=script, _css=style, height=height, keymap=given)
        self._asks: dict[str, Handler] = {
            "hello": self._on_hello,
            "pull": self._on_pull,
            "undo": lambda ask, _: self.undo(),
            "redo": lambda ask, _: self.redo(),
            "choose": lambda ask, _: self._desk.choose(ask["what"], ask["value"]),
            **self._desk.asks(),
        }
        self.on_msg(self._on_browser)
        if image_id is not None:
            self.open(image_id)
        else:
            self.in_words(self.next)

    @traitlets.validate("keymap")  # type: ignore[untyped-decorator]
    def _check_keymap(self, proposal: Any) -> dict[str, list[str]]:
        return checked_keys(proposal["value"])

    def __repr__(self) -> str:
        labelled, images = self._desk.counts[1], self._desk.counts[0]
        return f"Labeler: {self.image_id or 'no image'} ({labelled} of {images} labelled)"

    def _ipython_display_(self) -> None:
        bundle = self._repr_mimebundle_()
        if bundle is not None:
            self._desk.picture.show(*bundle)

    @property
    def image_id(self) -> str | None:
        """The image on screen, or None."""
        opened = self._desk.opened
        return opened.image_id if opened is not None else None

    @property
    def mask(self) -> NDArray[Any]:
        """A copy of the draft: label values in the image's grid.

        Raises:
            JlabelError: No image is open.
        """
        return with_copy(self._desk.need().draft, self.lock, lambda copy: copy)

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts that the present mask of the structure comes from."""
        opened = self._desk.opened
        return opened.draft.stack.prompts if opened is not None else ()

    @property
    def label(self) -> str:
        """The structure that clicks and strokes are for."""
        return self._desk.label

    @label.setter
    def label(self, name: str) -> None:
        self._desk.choose("label", name)

    @property
    def model(self) -> str | None:
        """The model that clicks run."""
        return self._desk.model

    @model.setter
    def model(self, name: str) -> None:
        self._desk.choose("model", name)

    @property
    def strategy(self) -> str:
        """The strategy that chooses the next image."""
        return self._desk.strategy

    @strategy.setter
    def strategy(self, name: str) -> None:
        self._desk.choose("strategy", name)

    @property
    def frame(self) -> int:
        """The frame of a 4D image that is shown and that models see; the label is one for all frames."""
        opened = self._desk.opened
        return opened.image.frame if opened is not None else 0

    @frame.setter
    def frame(self, frame: int) -> None:
        self._desk.frames.show(frame)

    @property
    def dirty(self) -> bool:
        """Whether the draft has changes that are not saved."""
        opened = self._desk.opened
        return opened is not None and opened.draft.dirty

    def open(self, image_id: str | None = None, discard: bool = False) -> None:
        """Show an image, with the label that was saved for it.

        Args:
            image_id: The image. Without one this is the call by which every widget opens its connection.
            discard: Give up changes of the present draft that are not saved.

        Raises:
            JlabelError: There are changes that are not saved; the present image stays.
            DatastoreError: There is no such image.
            ImageError: It cannot be read.
        """
        if image_id is None:
            super().open()
        else:
            self._desk.shelf.open(image_id, discard)

    def next(self, discard: bool = False) -> str | None:
        """Show the image that the strategy chooses, and return its id; None when all are labelled.

        After :meth:`previous` it goes forward again first, through the images that were shown already.

        Raises:
            JlabelError: There are changes that are not saved; the present image stays.
        """
        return self._desk.shelf.next(discard)

    def previous(self, discard: bool = False) -> str | None:
        """Show the image that was shown before this one, and return its id; None where there was none.

        Raises:
            JlabelError: There are changes that are not saved; the present image stays.
        """
        return self._desk.shelf.previous(discard)

    def skip(self, discard: bool = False) -> str | None:
        """Put the present image last, and show the next."""
        return self._desk.shelf.skip(discard)

    def save(self) -> str:
        """Save the draft as the image's label, and return the label's id; the version before it is kept.

        Raises:
            DatastoreError: It could not be written; the draft stays as it is.
        """
        return self._desk.shelf.save()

    def view3d(self) -> Any:
        """Hand the image and the draft's labels to itkwidgets, and return its viewer for the cell to show.

        The labeler has a 3D view of its own (key T), which needs nothing more and works offline. itkwidgets 1.0a55 with
        ngff-zarr 0.12.2 and zarr 2 takes the image, but loads its viewer from the internet; 0.32.6 has no extension for
        JupyterLab. No release works offline in JupyterLab 4.

        Raises:
            JlabelError: itkwidgets is missing or cannot work here (the error says what to install), or the image is no
                scalar volume.
        """
        return itk_view(self._desk.need().image, self.mask)

    def picture(self) -> Picture:
        """A still picture of what the labeler shows: an RGB :class:`PIL.Image.Image` of the planes with the labels.

        Beside the live labeler a notebook keeps such a picture (PNG) for readers without a kernel: exports, code hosts.

        Raises:
            JlabelError: No image is open.
        """
        return self._desk.picture.draw()

    def undo(self) -> None:
        """Take the last stroke or answer back."""
        self._desk.step("undo")

    def redo(self) -> None:
        """Do it again."""
        self._desk.step("redo")

    def edit(
        self,
        operation: str,
        label: str | None = None,
        axis: int | None = None,
        slice: int | None = None,
        **parameters: Any,
    ) -> int:
        """Do something with a whole label, as one step of undo; locked labels stay as they are.

        Most operations take ``extent``: ``"volume"`` (3D, the default), ``"slice"`` (the given one) or ``"slices"``
        (each slice along ``axis`` on its own).

        - ``grow``, ``shrink`` and ``smooth`` by ``radius`` mm, ``fill_holes``, ``keep_largest``, ``erase``;
        - ``remove_islands`` smaller than ``smallest`` mm³ (mm² in slices);
        - ``interpolate`` between the painted slices along ``axis``;
        - ``copy_slice``: into the slice, from ``step`` slices further (1 or -1); ``all=True`` for all labels;
        - ``threshold``: voxels with an intensity from ``low`` to ``high``;
        - ``fill`` from a ``seed`` voxel: the connected voxels of the same label, or, with ``tolerance``, those of about
          the same intensity, at most ``radius`` mm away.

        Args:
            operation: Its name.
            label: The label; the chosen one if not given.
            axis: The array axis across the slices.
            slice: The slice along that axis.
            **parameters: As above.

        Returns:
            How many voxels changed.

        Raises:
            EditError: It cannot be done, or a parameter makes no sense.
            LabelError: The label is locked.
            Cancelled: The person cancelled it.
            JlabelError: No image is open.
        """
        return self._desk.operating.edit(operation, label, axis, slice, parameters)

    def close(self) -> None:
        """Take the widget off the page and end its threads; an unsaved draft waits on disk for the next time."""
        self._desk.close()
        self.worker.close()
        super().close()

    # What the desk calls, with self.lock held.

    def tell(self, content: dict[str, Any], *buffers: bytes) -> None:
        """Send a message to the pages that show the labeler."""
        if self._pages:
            self.send(content, list(buffers))

    def show_image(self, opened: OpenedImage) -> None:
        """Begin an image on all pages."""
        for content, buffers in opened.opening():
            self.tell(content, *buffers)
        for page in self._pages:
            self.tell(opened.stream_to(page))

    def show_frame(self, opened: OpenedImage) -> None:
        """Begin another frame of the same image on all pages."""
        self.tell({"type": "frame", "epoch": opened.epoch, "frame": opened.image.frame})
        for content, buffers in opened.slices():
            self.tell(content, *buffers)
        for page in self._pages:
            self.tell(opened.stream_to(page))

    def show_mask(self, opened: OpenedImage, region: Region | None, page: str | None = None) -> None:
        """Send the mask in a region."""
        if region is not None and self._pages:
            self.show_parts(opened, mask_parts(opened.draft.mask, region), page)

    def show_parts(self, opened: OpenedImage, parts: Parts, page: str | None = None, dtype: str | None = None) -> None:
        """Send parts of the mask that are packed already; ``dtype`` is theirs, where it is not the mask's."""
        to = {"client": page} if page is not None else {}
        for part, data in parts:
            content = {"type": "mask", **to, "epoch": opened.epoch, "region": part, "acked": dict(opened.acked)}
            self.tell({**content, "dtype": dtype or opened.draft.mask.dtype.name}, data)

    def in_words(self, work: Callable[[], Any]) -> None:
        """Do something, and show what goes wrong under the picture."""
        try:
            work()
        except Cancelled as error:
            self._desk.say(str(error))
        except JlabelError as error:
            self._desk.fail(str(error))
        except Exception as error:
            logger.exception("the labeler failed")
            self._desk.fail(f"something went wrong that should not: {type(error).__name__}: {error}")

    # Messages from the browser. They come on the thread for widgets and return at once.

    def _on_browser(self, _: Any, ask: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(ask, dict):
            logger.warning("unknown message from the browser: %r", ask)
            return
        heard = self._inbox.take(ask, lambda: self.in_words(lambda: self._handle(ask, buffers)))
        if heard is not None:
            self.tell(heard)

    def _handle(self, ask: dict[str, Any], buffers: Sequence[Any]) -> None:
        kind = str(ask.get("type"))
        handler = self._asks.get(kind)
        if handler is None:
            logger.warning("unknown message from the browser: %r", ask)
            return
        opened = self._desk.opened
        # What a page kept during a lost connection, and does for another image than it was meant for.
        if kind in _FOR_ONE_IMAGE and opened is not None and ask.get("epoch", opened.epoch) != opened.epoch:
            raise JlabelError(f"{_FOR_ONE_IMAGE[kind]} came after another image was opened; it was not kept")
        handler(ask, buffers)

    def _on_hello(self, ask: dict[str, Any], _: Sequence[Any]) -> None:
        page = str(ask["client"])
        with self.lock:
            if page in self._pages:
                self._pages.remove(page)
            self._pages = [*self._pages[-_MOST_PAGES + 1 :], page]
            self.tell(self._inbox.heard(page))
            self._desk.show_state()
            opened = self._desk.opened
            if opened is None:
                return
            for content, buffers in opened.opening():
                self.tell({**content, "client": page}, *buffers)
            self.show_mask(opened, opened.draft.occupied(), page)
            self.tell(opened.stream_to(page))
            for part in self._desk.parts:
                part.greet(page)

    def _on_pull(self, ask: dict[str, Any], _: Sequence[Any]) -> None:
        opened = self._desk.opened
        if opened is None or opened.epoch != ask["epoch"]:
            return
        pieces: list[Message] = list(opened.pull(str(ask["client"]), int(ask["stream"]), min(16, int(ask["count"]))))
        for content, buffers in pieces:
            self.tell(content, *buffers)
