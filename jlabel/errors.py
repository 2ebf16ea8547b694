"""The errors that jlabel raises on purpose; each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path


class JlabelError(Exception):
    """Base class of all errors that jlabel raises on purpose.

    Its message says what is wrong and what to do about it.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> try:
        ...     manager.infer("click", "case_9")
        ... except jlabel.JlabelError as error:
        ...     print(type(error).__name__)
        DatastoreError
        >>> manager.close()
    """


class ImageError(JlabelError):
    """An image or label file cannot be read, or does not hold what its header promises.

    Args:
        path: The file, or the folder of a DICOM series.
        reason: What is wrong with it, as a clause that can follow the file's name.

    Attributes:
        path: The file or folder, as a :class:`pathlib.Path`.
        reason: What is wrong with it.

    Examples:
        >>> try:
        ...     jlabel.read_image(studies / "case_9.nii.gz")
        ... except jlabel.ImageError as error:
        ...     print(error.path.name, error.reason)
        case_9.nii.gz does not exist
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = Path(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


class LabelError(JlabelError):
    """A label does not fit its image, or its values cannot be stored.

    Labels have the shape of their image, the same position in space, and whole numbers as values.

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> try:
        ...     jlabel.write_label(studies / "mask.nii.gz", np.zeros((3, 3, 3), np.uint8), image)
        ... except jlabel.LabelError as error:
        ...     print(str(error).partition(": ")[2])
        the label has shape (3, 3, 3) and its image (12, 10, 8)
    """


class LabelGridError(LabelError):
    """A label's voxels do not lie where those of its image lie; it can be fitted, see ``labeler.versions.fit()``."""


class DatastoreError(JlabelError):
    """The datastore cannot do what was asked.

    Reasons are an unknown image id, a name that is not safe as a file name, or a folder that cannot be written.

    Examples:
        >>> try:
        ...     jlabel.LocalDatastore(studies).get_image_uri("case_9")
        ... except jlabel.DatastoreError as error:
        ...     print(str(error)[:26])
        there is no image 'case_9'
    """


class UnreachableError(DatastoreError):
    """What a datastore works with, such as a database or a store of images, cannot be reached at the moment.

    The same call may succeed later; nothing was saved, or it says so.

    Examples:
        >>> try:
        ...     jlabel.LocalDatastore(studies, catalogue="postgresql://mia@localhost:1/jlabel")
        ... except jlabel.UnreachableError as error:
        ...     print("cannot be reached" in str(error))
        True
    """


class PromptError(JlabelError):
    """A prompt cannot be used.

    It may lie outside of the image, have another number of axes than the image, or be of a kind that the model does not
    take.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> try:
        ...     manager.infer("click", "case_0", [jlabel.Click((60, 5, 4))], label="liver")
        ... except jlabel.PromptError as error:
        ...     print(error)
        Click at (60, 5, 4) lies outside the image of shape (12, 10, 8)
        >>> manager.close()
    """


class TaskError(JlabelError):
    """A task was set up wrongly, or failed while it ran.

    If another exception was the reason, it is the ``__cause__`` of this one.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> try:
        ...     manager.train("segmentation", max_epochs=0)
        ... except jlabel.TaskError as error:
        ...     print(error)
        max_epochs is a whole number from 1 on, not 0
        >>> manager.close()
    """


class ConfigError(JlabelError):
    """A configuration file cannot be read, or says something that cannot be done.

    Args:
        reason: What is wrong and what to do about it, as a clause that can follow the place.
        file: The file; None for what was given as an override.
        line: The line in the file, counted from 1, where it is known.
        id: The item, such as ``"infers::spleen::labels"``; empty for the file as a whole.

    Attributes:
        reason: What is wrong and what to do about it.
        file: The file, as a :class:`pathlib.Path`, or None.
        line: The line, or None.
        id: The item.

    Examples:
        >>> file = studies / "app.json"
        >>> _ = file.write_text('{"labels": ["liver"], "infers": {"click": {"_target_": "jlabel.Clack"}}}')
        >>> try:
        ...     jlabel.app_from_config(file, studies=studies)
        ... except jlabel.ConfigError as error:
        ...     print(error.file.name, error.line, error.id)
        app.json 1 infers::click
    """

    def __init__(self, reason: str, file: Path | str | None = None, line: int | None = None, id: str = "") -> None:
        self.reason = reason
        self.file = None if file is None else Path(file)
        self.line = line
        self.id = id
        line_said = "" if line is None else f", line {line}"
        place = [] if file is None else [f"{file}{line_said}"]
        super().__init__(": ".join([*place, *([id] if id else []), reason]))


class JobError(JlabelError):
    """A job cannot be started, found or resumed.

    Reasons are a device that does not exist, a job of another user, or a folder that cannot be written.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> try:
        ...     manager.resume("20260101-000000-000000-abcd")
        ... except jlabel.JobError as error:
        ...     print(str(error).partition(" in ")[0])
        there is no job '20260101-000000-000000-abcd'
        >>> manager.close()
    """


class CvatError(JlabelError):
    """A CVAT server cannot be reached, refuses what was asked, or answers what cannot be understood.

    Args:
        reason: What is wrong and what to do about it.
        status: The HTTP status of the answer; None where there was none.

    Attributes:
        status: As given.

    Examples:
        >>> try:
        ...     jlabel.Cvat("ftp://localhost", token="abc")
        ... except jlabel.CvatError as error:
        ...     print(error)
        'ftp://localhost' is no address of a CVAT server: it begins with http:// or https://
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class EditError(JlabelError):
    """An editing operation cannot do what was asked.

    The label may not be painted anywhere yet, or a size or position makes no sense.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> labeler = manager.labeler("case_0")
        >>> try:
        ...     labeler.edit("grow", radius=2)
        ... except jlabel.EditError as error:
        ...     print(error)
        liver: the label is not painted anywhere yet
        >>> labeler.close()
        >>> manager.close()
    """


class KeyMapError(JlabelError):
    """A key cannot be assigned to an action of the labeler.

    The action or the key does not exist, or one key was given to two actions.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> labeler = manager.labeler("case_0")
        >>> labeler.keymap = {"next": "space"}
        >>> try:
        ...     labeler.keymap = {"fly": "x"}
        ... except jlabel.KeyMapError as error:
        ...     print(str(error).partition(";")[0])
        there is no action 'fly' to give a key
        >>> labeler.close()
        >>> manager.close()
    """


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an exception, jlabel's own or not, says that there was no memory left, of the machine or of a GPU."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _NO_MEMORY)


_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "unable to allocate")


class Cancelled(JlabelError):
    """A request was cancelled, or replaced by a newer one, before it was answered.

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> request = jlabel.InferRequest(image, "case_0", cancelled=lambda: True)
        >>> try:
        ...     request.check_cancelled()
        ... except jlabel.Cancelled as error:
        ...     print(error)
        the request for case_0 was replaced or cancelled
    """
