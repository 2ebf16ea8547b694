"""The labeler: slices, clicks and strokes in a notebook cell, and its Python side."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Self

import traitlets
from IPython.core.interactiveshell import InteractiveShell
from numpy.typing import NDArray
from PIL.Image import Image as Picture

from jlabel.annotation.snapshot import with_snapshot
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.closed import CLOSED
from jlabel.labeler.controller import LabelerController
from jlabel.labeler.protocol.image_messages import Pull
from jlabel.labeler.protocol.incoming import MessageError, parse
from jlabel.labeler.protocol.page_messages import Hello
from jlabel.manager import AppManager
from jlabel.manager.drawing import REVIEW_STRATEGY
from jlabel.widget import shown_inside
from jlabel.widget.assets import front_end, view3d_script
from jlabel.widget.comm.inbox import Inbox
from jlabel.widget.comm.subshell_comm import SubshellWidget
from jlabel.widget.former_names import FormerNames
from jlabel.widget.itk_view import itk_view
from jlabel.widget.keymap import GivenKeys, checked_keys
from jlabel.widget.labeler_choices import LabelerChoices
from jlabel.widget.labeler_events import LabelerEvents
from jlabel.widget.lifetime import forget, in_thread, register, return_memory, weak_call
from jlabel.widget.namespaces import LabelerLabels, LabelerPrompts, LabelerTeam, LabelerTraining, LabelerVersions
from jlabel.widget.observing import EventCallbacks

logger = logging.getLogger(__name__)


class Labeler(FormerNames, LabelerEvents, LabelerChoices, SubshellWidget):
    """The labeler in a notebook cell: three linked planes with clicks, brush, eraser, undo, save and next image.

    The kernel holds the mask that is being drawn, so that nothing is lost when the page is reloaded. Outside of a
    notebook it works as a plain Python object.

    Args:
        manager: The app manager.
        image_id: The image to begin with. If not given, the one whose draft you did not save last; where there is
            none, the strategy's choice.
        strategy: The strategy to begin with; the app's first if not given. ``"review"``: the labels that wait for a
            verdict, see :attr:`team`.
        model: The model to begin with; the app's first interactive one if not given.
        tag: The tag under which labels are saved.
        height: Height of the picture in pixels.
        keys: Keys for actions instead of the usual ones, such as ``{"next": "space", "redo": ["mod+y", "u"]}``;
            ``labeler.keymap = ...`` changes them later. The help in the labeler (``?``) names the actions.

    Attributes:
        image_id: The image on screen, or None. Setting it opens another one, as :meth:`open` does.
        label: The structure that clicks and strokes are for.
        tool: What the pointer does: ``"navigate"``, ``"click-add"``, ``"click-remove"``, ``"box"``, ``"scribble"``,
            ``"lasso"``, ``"brush"``, ``"eraser"``, ``"polygon"`` or ``"fill"``.
        dirty: Whether the draft has changes that are not saved; follows the labeler.
        counts: How many ``"images"`` there are, and how many of them are ``"labelled"``; follows the labeler.
        progress: How far the labeler is with what it does, 0 to 1; 1 where it does nothing; follows the labeler.
        labels: The labels, and what changes them: ``labeler.labels.add("spleen")``.
        prompts: The prompts of the present structure, and further inputs of the models.
        versions: The saved labels of the image: ``labeler.versions.compare()``.
        training: Training in the background, and first masks.
        team: Who works on the image, verdicts on its label, and notes: ``labeler.team.accept()``.

    Raises:
        DatastoreError: ``image_id`` is not in the datastore.
        ImageError: ``image_id`` was given and cannot be read.
        KeyMapError: An action or a key in ``keys`` is not known, or one key is given twice.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver", "spleen"]), device="cpu")
        >>> labeler = jlabel.Labeler(manager, "case_0")
        >>> labeler.label, labeler.model, labeler.mask.shape
        ('liver', 'click', (12, 10, 8))
        >>> changed = labeler.edit("threshold", low=70, high=200)
        >>> int(labeler.mask.sum()) == changed
        True
        >>> labeler.save()
        'case_0'
        >>> labeler
        Labeler: case_0 (1 of 3 labelled)

        The attributes from ``image_id`` to ``progress`` can be observed and linked to other widgets:

        >>> labeler.observe(lambda change: print(change.old, "->", change.new), "label")
        >>> labeler.label = "spleen"
        liver -> spleen
        >>> labeler.close()
        >>> manager.close()
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
        self._inbox = Inbox()
        send = weak_call(self._send_to_pages)
        observers = SerialWorker("jlabel-observers")
        self._callbacks = EventCallbacks(observers)
        happened, changed = weak_call(self._callbacks.happened), weak_call(self.changed_elsewhere)
        named = None if strategy == REVIEW_STRATEGY else strategy
        self._controller = LabelerController(manager, send, view3d_script, tag, named, model, happened, changed)
        self.labels = LabelerLabels(self._controller)
        self.prompts = LabelerPrompts(self._controller)
        self.versions = LabelerVersions(self._controller)
        self.training = LabelerTraining(self._controller)
        self.team = LabelerTeam(self._controller)
        super().__init__(_esm=script, _css=style, height=height, keymap=given)
        self.begin_observing(observers)
        self.on_msg(self._on_message)
        register(self)
        shown_inside.follow(self)
        if strategy == REVIEW_STRATEGY:
            self.strategy = REVIEW_STRATEGY
        if image_id is not None:
            try:
                self.open(image_id)
            except BaseException:
                self.close()
                raise
        else:
            self._controller.reporting_errors(self._controller.features.navigation.begin)
        # What was there from the beginning is no change.
        self.tell_changes()

    @traitlets.validate("keymap")  # type: ignore[untyped-decorator]
    def _check_keymap(self, proposal: Any) -> dict[str, list[str]]:
        return checked_keys(proposal["value"])

    def __repr__(self) -> str:
        return self._controller.describe()

    def _ipython_display_(self) -> None:
        bundle = self._repr_mimebundle_()
        if bundle is not None:
            InteractiveShell.instance().display_pub.publish(*bundle)
            if shown_inside.shown(self):
                self.show_picture()

    def show_picture(self) -> None:
        """Show a still picture in the cell that runs, which live pages hide; it is renewed with every save."""
        self._controller.features.static_picture.show()

    @property
    def mask(self) -> NDArray[Any]:
        """A copy of the draft: label values of shape ``(i, j, k)`` or ``(i, j)``, that of the image.

        Raises:
            JlabelError: No image is open.
        """
        return with_snapshot(self._controller.require_image().draft, self._controller.lock, lambda copy: copy)

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
            self._controller.features.navigation.open(image_id, discard)

    def next(self, discard: bool = False) -> str | None:
        """Show the image that the strategy chooses, and return its id; None when all are labelled.

        After :meth:`previous` it goes forward again first, through the images that were shown already.

        Raises:
            JlabelError: There are changes that are not saved; the present image stays.
        """
        return self._controller.features.navigation.next(discard)

    def previous(self, discard: bool = False) -> str | None:
        """Show the image that was shown before this one, and return its id; None where there was none.

        Raises:
            JlabelError: There are changes that are not saved; the present image stays.
        """
        return self._controller.features.navigation.previous(discard)

    def skip(self, discard: bool = False) -> str | None:
        """Put the present image last, and show the next."""
        return self._controller.features.navigation.skip(discard)

    def save(self, replace: bool = False, anyway: bool = False) -> str:
        """Save the draft as the image's label, and return the label's id; the version before it is kept.

        Args:
            replace: Also where the label that is saved could not be shown, so that the draft did not begin with it.
            anyway: Also where somebody else works on the image; both versions are kept.

        Raises:
            DatastoreError: It could not be written; the draft stays as it is.
            LabelError: The label that is saved could not be shown.
            JlabelError: Somebody else works on the image, see :attr:`team`.
            ImageError: The image's file was replaced by another one since it was opened; the draft stays as it is.
        """
        return self._controller.features.saving.save(replace, anyway)

    def view3d(self) -> Any:
        """Hand the image and the draft's labels to itkwidgets, and return its viewer for the cell to show.

        The labeler has a 3D view of its own (key T), which needs nothing more and works offline. itkwidgets 1.0a55 with
        ngff-zarr 0.12.2 and zarr 2 takes the image, but loads its viewer from the internet; 0.32.6 has no extension for
        JupyterLab. No release works offline in JupyterLab 4.

        Raises:
            JlabelError: itkwidgets is missing or cannot work here (the error says what to install), or the image is no
                scalar volume.
        """
        return itk_view(self._controller.require_image().image, self.mask)

    def picture(self) -> Picture:
        """A still picture of what the labeler shows: an RGB :class:`PIL.Image.Image` of the planes with the labels.

        A notebook saves such a picture (PNG) with the labeler, for readers without a kernel: exports, code hosts.

        Raises:
            JlabelError: No image is open.
        """
        return self._controller.features.static_picture.draw()

    def undo(self) -> None:
        """Take the last stroke or answer back."""
        self._controller.features.undo.undo()

    def redo(self) -> None:
        """Do it again."""
        self._controller.features.undo.redo()

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
        return self._controller.features.operations.edit(operation, label, axis, slice, parameters)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def supersede(self) -> None:
        """Its cell has run again and made another: end as soon as no page shows this one."""
        self._controller.features.presence.when_unshown(lambda: in_thread(self._end))

    def _end(self) -> None:
        self.close()
        return_memory()

    def close(self) -> None:
        """Take the widget off the page and end its threads; an unsaved draft waits on disk for the next time.

        A labeler is closed by itself once its cell has run again and no page shows it, when nothing refers to it any
        more, and when the kernel ends. It is a context manager, too: ``with manager.labeler() as labeler: ...``.
        """
        # A labeler that could not be made is closed by its end too.
        controller: LabelerController | None = getattr(self, "_controller", None)
        if controller is not None:
            controller.close()
        self.end_observing()
        forget(self)
        super().close()
        if controller is not None:
            # A notebook's history keeps what a cell showed, and must not keep images and models with it.
            self._controller = self.labels = self.prompts = self.versions = self.training = self.team = CLOSED
            self.layout.close()

    def __del__(self) -> None:
        # Garbage is collected on whatever thread, which must not wait: all that takes time is done elsewhere.
        for part in (getattr(self, "_controller", None), getattr(self, "_worker", None), self.comm):
            if part is not None:
                in_thread(part.close)

    # Messages to and from the pages. Those that come are on the thread for widgets and return at once.

    def _send_to_pages(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(content, buffers)

    def _on_message(self, _: Any, content: Any, buffers: Sequence[Any]) -> None:
        ack = self._inbox.take(content, lambda: self._take(content, buffers))
        if ack is not None:
            with self._controller.lock:
                self._controller.publish(ack)

    def _take(self, content: Any, buffers: Sequence[Any]) -> None:
        try:
            message = parse(content)
        except MessageError as error:
            logger.warning("%s", error)
            self._controller.report_error(str(error))
            return
        if isinstance(message, Hello):
            self._controller.connect(message, self._inbox.handled(message.client))
        elif isinstance(message, Pull):
            self._controller.messages.pull(message)
        else:
            self._controller.messages.handle(message, buffers)
