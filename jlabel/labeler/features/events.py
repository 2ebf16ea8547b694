"""What happens to the image that is open, told to those who listen."""

from __future__ import annotations

from jlabel.labeler.events import DraftChanged, ImageOpened, LabelSaved
from jlabel.labeler.feature import Feature
from jlabel.labeler.open_image import OpenImage


class Events(Feature):
    """Tells what every feature hears of; the versions of models are told by the training."""

    def on_image_opened(self, opened: OpenImage) -> None:
        """Another image is open."""
        self.context.happened(ImageOpened(opened.image_id, opened.version))

    def on_saved(self) -> None:
        """The draft is saved."""
        opened = self.context.open_image
        if opened is not None:
            self.context.happened(LabelSaved(opened.image_id, self.context.tag, opened.version))

    def on_draft_changed(self) -> None:
        """The draft was changed."""
        opened = self.context.open_image
        if opened is not None:
            self.context.happened(DraftChanged(opened.image_id, opened.draft.dirty))
