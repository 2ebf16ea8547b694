"""Whether what is not saved is on disk, where a killed kernel does not lose it: said for as long as it is not."""

from __future__ import annotations

from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature
from jlabel.labeler.features.navigation import Navigation
from jlabel.labeler.protocol.state import State


class DraftKeeping(Feature):
    """Tells the pages while the draft is in memory alone.

    Args:
        context: The labeler.
        navigation: Opens the drafts, and hears how they are kept.
    """

    def __init__(self, context: LabelerContext, navigation: Navigation) -> None:
        super().__init__(context)
        navigation.drafts.listener = self.publish_state

    def state(self) -> State:
        """``notOnDisk``: why unsaved changes are in memory alone, or None."""
        opened = self.context.open_image
        return {"notOnDisk": opened.draft.not_on_disk if opened is not None else None}

    def on_draft_changed(self) -> None:
        """Whether there is anything to keep may be another now."""
        self.publish_state()

    def on_saved(self) -> None:
        """What is saved need not be kept."""
        self.publish_state()
