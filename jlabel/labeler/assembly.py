"""All features of a labeler, each given those that it works with. A new feature is added here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature
from jlabel.labeler.features.automatic_scoring import AutomaticScoring
from jlabel.labeler.features.choices import Choices
from jlabel.labeler.features.comparison import LabelComparison
from jlabel.labeler.features.cut_off import CutOff
from jlabel.labeler.features.draft_keeping import DraftKeeping
from jlabel.labeler.features.effort import Effort
from jlabel.labeler.features.events import Events
from jlabel.labeler.features.frames import Frames
from jlabel.labeler.features.image_lease import ImageLease
from jlabel.labeler.features.image_list import ImageList
from jlabel.labeler.features.image_notes import ImageNotes
from jlabel.labeler.features.image_tags import ImageTags
from jlabel.labeler.features.label_editing import LabelEditing
from jlabel.labeler.features.label_operations import LabelOperations
from jlabel.labeler.features.label_verdicts import LabelVerdicts
from jlabel.labeler.features.label_versions import LabelVersions
from jlabel.labeler.features.label_volumes import LabelVolumes
from jlabel.labeler.features.navigation import Navigation
from jlabel.labeler.features.new_label import NewLabel
from jlabel.labeler.features.next_download import NextDownload
from jlabel.labeler.features.objects import Objects
from jlabel.labeler.features.other_labels import OthersAsBackground
from jlabel.labeler.features.page_presence import PagePresence
from jlabel.labeler.features.paint_settings import PaintSettings
from jlabel.labeler.features.painting import Painting
from jlabel.labeler.features.pre_annotation import PreAnnotation
from jlabel.labeler.features.prompting import PromptController
from jlabel.labeler.features.review import Review
from jlabel.labeler.features.saving import Saving
from jlabel.labeler.features.sending_back import SendingBack
from jlabel.labeler.features.static_picture import StaticPicture
from jlabel.labeler.features.strategy_scores import StrategyScores
from jlabel.labeler.features.studies_changes import StudiesChanges
from jlabel.labeler.features.team_status import TeamWork
from jlabel.labeler.features.thumbnails import Thumbnails
from jlabel.labeler.features.training import Training
from jlabel.labeler.features.uncertain_border import UncertainBorder
from jlabel.labeler.features.uncertainty_maps import UncertaintyMaps
from jlabel.labeler.features.uncertainty_overlay import UncertaintyOverlay
from jlabel.labeler.features.undo import Undo
from jlabel.labeler.features.unread_errors import UnreadErrors
from jlabel.labeler.features.unshown_label import UnshownLabelFitting
from jlabel.labeler.features.view3d import View3d
from jlabel.labeler.features.where_needed import WhereNeeded


class Features:
    """The features of one labeler, by name and in the order in which they hear of what happens.

    Args:
        context: The labeler.
        view3d_script: Gives the text of the 3D view's script.
    """

    def __init__(self, context: LabelerContext, view3d_script: Callable[[], str]) -> None:
        self.choices = Choices(context)
        self.errors = UnreadErrors(context)
        self.presence = PagePresence(context)
        self.paint_settings = PaintSettings(context)
        self.volumes = LabelVolumes(context)
        self.objects = Objects(context)
        self.painting = Painting(context, self.paint_settings)
        self.other_labels = OthersAsBackground(context)
        self.operations = LabelOperations(context, self.paint_settings, self.objects)
        self.prompting = PromptController(
            context, self.paint_settings, self.other_labels, self.operations, self.objects
        )
        self.uncertain_border = UncertainBorder(context, self.prompting)
        self.image_tags = ImageTags(context, self.prompting)
        self.cut_off = CutOff(context, self.prompting)
        self.label_editing = LabelEditing(context, self.paint_settings, self.volumes, self.objects)
        # Before the draft is let go of at the end.
        self.effort = Effort(context)
        self.undo = Undo(context, self.prompting, self.operations)
        self.lease = ImageLease(context)
        self.navigation = Navigation(context, self.label_editing, self.lease)
        self.next_download = NextDownload(context, self.navigation)
        self.draft_keeping = DraftKeeping(context, self.navigation)
        self.saving = Saving(context, self.navigation, self.lease)
        self.review = Review(context, self.navigation)
        self.verdicts = LabelVerdicts(context, self.navigation, self.review, self.lease)
        self.image_notes = ImageNotes(context)
        self.team = TeamWork(context)
        self.uncertainty_maps = UncertaintyMaps(context)
        self.uncertainty_overlay = UncertaintyOverlay(context, self.uncertainty_maps)
        self.where_needed = WhereNeeded(context, self.uncertainty_maps)
        self.static_picture = StaticPicture(context)
        self.frames = Frames(context)
        self.versions = LabelVersions(context, self.paint_settings)
        self.unshown_label = UnshownLabelFitting(context)
        self.sending_back = SendingBack(context, self.static_picture)
        self.comparison = LabelComparison(context, self.sending_back)
        self.training = Training(context)
        self.pre_annotation = PreAnnotation(context, self.training)
        self.strategy_scores = StrategyScores(context)
        self.automatic_scoring = AutomaticScoring(context, self.training)
        self.image_list = ImageList(context)
        self.thumbnails = Thumbnails(context)
        self.view3d = View3d(context, view3d_script)
        # Last, since it may wait for an image that is being opened.
        self.new_label = NewLabel(context, self.navigation, self.prompting)
        self.studies_changes = StudiesChanges(context, self.lease)
        self.events = Events(context)

    def __iter__(self) -> Iterator[Feature]:
        yield from vars(self).values()
