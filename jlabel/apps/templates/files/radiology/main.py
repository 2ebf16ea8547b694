"""A labeling app for CT, MR and other volumes. It is yours: change it.

import jlabel

app = jlabel.open_app("myapp", studies="~/scans", labels=["liver", "spleen"])
manager = jlabel.AppManager(app)
manager.labeler()
"""

import jlabel

from lib.infers.my_segmentation import MySegmentation
from lib.infers.threshold import Threshold
from lib.trainers.my_training import MyTraining

MODEL = "my_segmentation"


class MyApp(jlabel.RadiologyApp):
    """What RadiologyApp has, and in addition a model and a training of your own."""

    def init_infers(self) -> dict[str, jlabel.InferTask]:
        """The models, by the name that is shown in the labeler."""
        infers = super().init_infers()
        names = [label.name for label in self.labels]
        infers["threshold"] = Threshold(labels=names[:1], config={"at": 100})
        infers[MODEL] = MySegmentation(published=self.published(MODEL), labels=names)
        return infers

    def init_trainers(self) -> dict[str, jlabel.TrainTask]:
        """The trainings, by the name of the model that each publishes."""
        return {**super().init_trainers(), MODEL: MyTraining()}

    def init_strategies(self) -> dict[str, jlabel.Strategy]:
        """What chooses the next image to label, by name."""
        return {**super().init_strategies(), "in order": jlabel.First()}
