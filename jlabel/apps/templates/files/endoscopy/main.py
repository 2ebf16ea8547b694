"""A labeling app for colour pictures: what an endoscope saw, photographs, frames of a video. It is yours: change it.

import jlabel

app = jlabel.open_app("myapp", studies="~/pictures", labels=["polyp"])
manager = jlabel.AppManager(app)
manager.labeler()
"""

import jlabel

from lib.infers.my_segmentation import MySegmentation
from lib.trainers.my_training import MyTraining

MODEL = "my_segmentation"


class MyApp(jlabel.EndoscopyApp):
    """What EndoscopyApp has, and in addition a model and a training of your own.

    Pictures have the tag ``in_body``. For others, give them to the constructor:
    ``tags={"in_body": ["in body", "out of body"], "quality": ["good", "blurred"]}``.
    """

    def init_infers(self) -> dict[str, jlabel.InferTask]:
        """The models, by the name that is shown in the labeler."""
        names = [label.name for label in self.labels]
        return {**super().init_infers(), MODEL: MySegmentation(published=self.published(MODEL), labels=names)}

    def init_trainers(self) -> dict[str, jlabel.TrainTask]:
        """The trainings, by the name of the model that each publishes."""
        return {**super().init_trainers(), MODEL: MyTraining()}
