"""What pages ask of the kernel: one class a message.

``client`` is one page's own random id. All messages but :class:`Hello`, :class:`Shown` and :class:`Pull` have a number,
``seq``, that grows by one with each: the kernel handles every one once and in order, says so (:class:`~.outgoing.Ack`),
and refuses one that comes before its time. What names an ``epoch`` is for the image of that epoch alone.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jlabel.errors import JlabelError
from jlabel.labeler.protocol.values import (
    Choice,
    ImageFilter,
    ImageOrder,
    Number,
    OperationName,
    PromptInfo,
    Window,
    WireRegion,
)


class Incoming(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    """A message from a page."""

    client: str = ""
    seq: int | None = None


class ForImage(Incoming, frozen=True, kw_only=True):
    """A message that the person meant for the image that was open on the page; without an epoch for whatever is."""

    epoch: int | None = None


class Hello(Incoming, frozen=True, kw_only=True, tag="hello"):
    """A page has appeared, or has its connection again: it wants to know everything.

    ``views``: how often it shows the labeler.
    """

    client: str
    protocol: int
    views: int = 1


class Shown(Incoming, frozen=True, kw_only=True, tag="shown"):
    """How many views of the labeler this page has now."""

    client: str
    views: int


class Pull(Incoming, frozen=True, kw_only=True, tag="pull"):
    """Ask for ``count`` more pieces of a stream; a page keeps four under way."""

    client: str
    epoch: int
    stream: int
    count: int


class Open(Incoming, frozen=True, kw_only=True, tag="open"):
    """Open an image; ``discard`` gives up changes that are not saved."""

    image: str
    discard: bool = False


class Next(ForImage, frozen=True, kw_only=True, tag="next"):
    """Open the image that the strategy chooses."""

    discard: bool = False


class Previous(ForImage, frozen=True, kw_only=True, tag="previous"):
    """Open the image that was shown before; :class:`Next` then goes forward again."""

    discard: bool = False


class Skip(ForImage, frozen=True, kw_only=True, tag="skip"):
    """Put the image last and open the next."""

    discard: bool = False


class StartReview(ForImage, frozen=True, kw_only=True, tag="review"):
    """Look through finished labels, the most suspicious first: :class:`Next` goes on among them from now on."""

    discard: bool = False


class LooksRight(ForImage, frozen=True, kw_only=True, tag="looks_right"):
    """The open label was looked at and is right; open the next one of the review."""

    discard: bool = False


class EndReview(Incoming, frozen=True, kw_only=True, tag="end_review"):
    """Look through finished labels no more."""


class Save(ForImage, frozen=True, kw_only=True, tag="save"):
    """Save the draft; ``replace`` also in the place of a saved label that could not be shown."""

    replace: bool = False


class FitLabel(ForImage, frozen=True, kw_only=True, tag="fit_label"):
    """Show the saved label that does not lie in the image's grid, fitted into it."""


class ErrorsRead(Incoming, frozen=True, kw_only=True, tag="errors_read"):
    """The person has read these errors."""

    errors: list[str]


class Undo(ForImage, frozen=True, kw_only=True, tag="undo"):
    """Take the last step back."""


class Redo(ForImage, frozen=True, kw_only=True, tag="redo"):
    """Do the last undone step again."""


class AddPrompt(Incoming, frozen=True, kw_only=True, tag="prompt"):
    """Add a prompt and run the model, unless prompts wait.

    ``axis`` is the array axis across the plane that was clicked; ``slice`` is what that plane shows, for a prompt that
    has no place.
    """

    epoch: int
    prompt: PromptInfo
    axis: int
    slice: int = 0


class ChangePrompt(Incoming, frozen=True, kw_only=True, tag="change_prompt"):
    """A prompt was moved."""

    epoch: int
    id: str
    prompt: PromptInfo


class RemovePrompt(Incoming, frozen=True, kw_only=True, tag="remove_prompt"):
    """Remove a prompt, and what came of it where none is left."""

    epoch: int
    id: str


class ClearPrompts(Incoming, frozen=True, kw_only=True, tag="clear_prompts"):
    """Forget the prompts; what they made stays."""

    epoch: int


class Run(Incoming, frozen=True, kw_only=True, tag="run"):
    """Run the chosen model: an automatic one, or an interactive one again with the present prompts."""

    epoch: int
    axis: int
    slice: int = 0


class LookFurther(ForImage, frozen=True, kw_only=True, tag="look_further"):
    """The structure goes on beyond where the model looked: ask for it again in a larger region."""


class Cancel(Incoming, frozen=True, kw_only=True, tag="cancel"):
    """Give up what the kernel is doing."""


class AutoRun(Incoming, frozen=True, kw_only=True, tag="auto_run"):
    """Run the model after every prompt, or only when asked."""

    on: bool


class OthersAsBackground(Incoming, frozen=True, kw_only=True, tag="others_as_background"):
    """Tell models which voxels hold another label, or not."""

    on: bool


class ShowUncertainBorder(Incoming, frozen=True, kw_only=True, tag="uncertain_border"):
    """Mark what the last answer is not sure of, or not; where that is not known, the model is asked again."""

    on: bool


class ShowUncertainty(Incoming, frozen=True, kw_only=True, tag="show_uncertainty"):
    """Show over the slices how unsure a model is of each voxel, or not."""

    on: bool


class WhereNeeded(Incoming, frozen=True, kw_only=True, tag="where_needed"):
    """Go to the next place at which a model is least sure; answered by :class:`~.outgoing.GoTo`."""

    client: str
    epoch: int


class Lock(Incoming, frozen=True, kw_only=True, tag="lock"):
    """Lock a label, or unlock it."""

    value: int
    locked: bool


class PaintOverBackground(Incoming, frozen=True, kw_only=True, tag="over_background"):
    """Paint over what has no label alone, or over other labels too."""

    on: bool


class AddLabel(Incoming, frozen=True, kw_only=True, tag="add_label"):
    """Add a label. The label set is kept with the studies; labels are named by values, which never change."""

    name: str
    color: str | None = None


class RenameLabel(Incoming, frozen=True, kw_only=True, tag="rename_label"):
    """Give a label another name."""

    value: int
    name: str


class RecolorLabel(Incoming, frozen=True, kw_only=True, tag="recolor_label"):
    """Give a label another colour, ``#rrggbb``."""

    value: int
    color: str


class MoveLabel(Incoming, frozen=True, kw_only=True, tag="move_label"):
    """Put a label at another place in the list, from 0."""

    value: int
    place: int


class MergeLabel(Incoming, frozen=True, kw_only=True, tag="merge_label"):
    """Its voxels in this draft become those of the other label: one step of undo, the label included."""

    value: int
    into: int


class DeleteLabel(Incoming, frozen=True, kw_only=True, tag="delete_label"):
    """Its voxels in this draft become background: one step of undo, the label included."""

    value: int


class Stroke(Incoming, frozen=True, kw_only=True, tag="edit"):
    """A stroke that is already painted on the page.

    The voxels of ``region`` marked in the one buffer (zlib, one byte a voxel, 0 or 1) now have ``value`` (0 = erased).
    A stroke too large for a message comes in parts, all but the last with ``more``: one step of undo. The last says the
    ``length`` of the way that all of it was drawn along, in mm.
    """

    client: str
    seq: int
    epoch: int
    region: WireRegion
    value: int
    more: bool = False
    length: Number = 0


class ApplyOperation(Incoming, frozen=True, kw_only=True, tag="operate"):
    """Do something with a whole label (``value``), as one step of undo.

    ``axis`` and ``slice`` say where the person works; the parameters of each operation are those of
    ``jlabel/editing/operations.py``.
    """

    epoch: int
    operation: OperationName
    parameters: dict[str, Any]
    axis: int
    slice: int
    value: int


class Viewport(Incoming, frozen=True, kw_only=True, tag="viewport"):
    """How the image is looked at, for the still picture in the notebook; said when it has not changed for a while."""

    epoch: int
    cursor: tuple[Number, Number, Number]
    window: Window
    hidden: list[int]
    opacity: float


class WorkDone(Incoming, frozen=True, kw_only=True, tag="work"):
    """What the person has done on this page since it was said last; said every few seconds while there is any.

    ``spans``: seconds from now back to the beginning and the end of each span in which keys or the pointer were used.
    ``slices``: the array axis across each slice that was looked at, and its index.
    """

    epoch: int
    spans: list[tuple[Number, Number]]
    slices: list[tuple[int, int]]


class LoadView3d(Incoming, frozen=True, kw_only=True, tag="view3d"):
    """The script of the 3D view: see ``js/src/view3d/api.ts``."""

    client: str


class LoadSurfaces(Incoming, frozen=True, kw_only=True, tag="surfaces"):
    """The labels' surfaces as the draft is now, less those that the page has (version by label value)."""

    client: str
    epoch: int
    known: dict[int, int]


class LoadVolume3d(Incoming, frozen=True, kw_only=True, tag="volume3d"):
    """The volume, small enough to be seen as a whole, through a window."""

    client: str
    epoch: int
    window: Window


class StopView3d(Incoming, frozen=True, kw_only=True, tag="stop3d"):
    """This page wants no more of the surfaces and the volume that it asked for; what is found already is kept."""

    client: str


class BrowseImages(Incoming, frozen=True, kw_only=True, tag="browse"):
    """A page of the list of images; answered by :class:`~.outgoing.Images` with the same ``request``.

    With ``again`` it renews what is shown: the folder is not looked through for new files then.
    """

    client: str
    request: int
    search: str
    state: ImageFilter | None
    offset: int
    limit: int
    again: bool = False
    order: ImageOrder = "id"


class LoadThumbnails(Incoming, frozen=True, kw_only=True, tag="thumbnails"):
    """Small pictures of these images, in the place of those that the page has asked for before."""

    client: str
    images: list[str]


class ShowFrame(Incoming, frozen=True, kw_only=True, tag="frame"):
    """Show another frame of a 4D image."""

    epoch: int
    frame: int


class ListVersions(Incoming, frozen=True, kw_only=True, tag="versions"):
    """All saved labels of the image; answered by :class:`~.outgoing.Versions`."""

    client: str
    epoch: int


class TakeOver(Incoming, frozen=True, kw_only=True, tag="take_over"):
    """Put a saved label, or one ``value`` of it, in the place of the draft. ``version`` None is the current one."""

    epoch: int
    tag: str
    version: int | None
    value: int | None


class Compare(Incoming, frozen=True, kw_only=True, tag="compare"):
    """Show a saved label beside the draft; ``tag`` None leaves the choice to the kernel."""

    epoch: int
    tag: str | None
    version: int | None


class StopComparing(Incoming, frozen=True, kw_only=True, tag="stop_comparing"):
    """Show the draft alone."""


class Train(Incoming, frozen=True, kw_only=True, tag="train"):
    """Begin a training in the background; refused while one runs or waits."""

    name: str


class CancelTraining(Incoming, frozen=True, kw_only=True, tag="cancel_training"):
    """Stop the training; what it has learnt is kept."""


class ResumeTraining(Incoming, frozen=True, kw_only=True, tag="resume_training"):
    """Go on with the training that is shown, which failed or was cancelled."""


class AutoTrain(Incoming, frozen=True, kw_only=True, tag="auto_train"):
    """Begin trainings by themselves, or not."""

    on: bool


class ChooseTrainer(Incoming, frozen=True, kw_only=True, tag="choose_trainer"):
    """Choose what is trained."""

    name: str


class MakeFirstMasks(Incoming, frozen=True, kw_only=True, tag="first_masks"):
    """Run a model over all images without a label, in the background; refused while that is done already."""


class CancelFirstMasks(Incoming, frozen=True, kw_only=True, tag="cancel_first_masks"):
    """Stop making first masks; those that are made are kept."""


class ResumeFirstMasks(Incoming, frozen=True, kw_only=True, tag="resume_first_masks"):
    """Go on making first masks, where that failed or was cancelled."""


class LookAtStrategies(Incoming, frozen=True, kw_only=True, tag="strategies"):
    """The person is about to choose a strategy: whether what each goes by is there is to be told as it is now."""


class ScoreImages(Incoming, frozen=True, kw_only=True, tag="score"):
    """Begin to score the images by this method, in the background."""

    method: str


class CancelScoring(Incoming, frozen=True, kw_only=True, tag="cancel_scoring"):
    """Stop scoring images; the scores that are there are kept."""


class ResumeScoring(Incoming, frozen=True, kw_only=True, tag="resume_scoring"):
    """Go on scoring images, where that failed or was cancelled."""


class Choose(Incoming, frozen=True, kw_only=True, tag="choose"):
    """Choose a model, a strategy, a label or a tool by its name."""

    what: Choice
    value: str


def message_types() -> dict[str, type[Incoming]]:
    """Every message that a page can send, by the text of its ``type``."""
    found: dict[str, type[Incoming]] = {}
    waiting = list(Incoming.__subclasses__())
    while waiting:
        one = waiting.pop(0)
        waiting += one.__subclasses__()
        tag = one.__struct_config__.tag
        if isinstance(tag, str) and not one.__subclasses__():
            found[tag] = one
    return found


_TYPES = message_types()


def parse(content: Any) -> Incoming:
    """The message that a page sent.

    Args:
        content: As it came: plain values.

    Raises:
        MessageError: It is of no known type, lacks a field or has one of another type; the text says which.
    """
    kind = content.get("type") if isinstance(content, dict) else None
    known = _TYPES.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise MessageError(f"the page sent a message of an unknown type ({str(kind)[:80]!r}): reload the page")
    try:
        return msgspec.convert(content, known, str_keys=True)
    except msgspec.ValidationError as error:
        raise MessageError(f"the page sent a {kind!r} message that makes no sense: {error}") from error


class MessageError(JlabelError):
    """A page sent something that is no message of the protocol."""
