"""A saved label that cannot be shown: said until it is dealt with, and fitted into the image's grid where it can be."""

from __future__ import annotations

from jlabel.annotation.mask_change import MaskChange
from jlabel.errors import JlabelError
from jlabel.imaging import FittedLabel
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.label_versions import put_label
from jlabel.labeler.open_image import OpenImage, UnshownLabel
from jlabel.labeler.protocol import draft_messages
from jlabel.labeler.protocol.draft_messages import UnshownLabelInfo
from jlabel.labeler.protocol.state import State

_SAID = {
    "cropped": "It was cut to the image, without any change within it",
    "padded": "It was padded to the image, without any change",
    "shifted": "It was cut and padded to the image, without any change within it",
    "resampled": "It was resampled to the image's voxels: look it over before you save it",
}


class UnshownLabelFitting(Feature):
    """Says why a saved label is not shown, and shows it fitted on request, as one step of undo."""

    def message_handlers(self) -> Handlers:
        """Fitting the label."""
        return {draft_messages.FitLabel: lambda _, __: self.context.in_background(self.fit)}

    def state(self) -> State:
        """``unshownLabel``: why the saved label is not shown."""
        opened = self.context.open_image
        unshown = opened.unshown if opened is not None else None
        info = UnshownLabelInfo(problem=unshown.problem, fits=unshown.fits) if unshown is not None else None
        return {"unshownLabel": info}

    def on_saved(self) -> None:
        """There is another saved label, which is shown."""
        if self.context.open_image is not None:
            self.context.open_image.unshown = None
        self.publish_state()

    def fit(self) -> FittedLabel:
        """See :meth:`jlabel.Labeler.versions.fit`."""
        context = self.context
        with context.lock:
            opened = context.require_image()
            unshown = opened.unshown
        if unshown is None:
            raise JlabelError(f"there is no saved label of {opened.image_id} that needs to be fitted")
        with context.tasks.running("Fitting the saved label") as task:
            fitted: FittedLabel = task.wait_for(lambda: context.manager.fitted_label(opened.image_id, unshown.tag))

            def then(_: MaskChange) -> None:
                self._shown(opened, unshown, fitted)

            put_label(context, opened, task, fitted.mask, "the saved label", then)
        return fitted

    def _shown(self, opened: OpenImage, unshown: UnshownLabel, fitted: FittedLabel) -> None:
        opened.unshown = None
        lost = f"; {fitted.left_out:,} of its voxels lie outside and were left out" if fitted.left_out else ""
        self.context.notify(f"The saved label {unshown.tag!r} is shown. {_SAID[fitted.how]}{lost}")
        self.publish_state()
