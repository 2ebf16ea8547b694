"""A labeling app for nuclei and cells. It is yours: change it.

import jlabel

app = jlabel.open_app("myapp", studies="~/pictures")
manager = jlabel.AppManager(app)
manager.labeler()
"""

import jlabel

from lib.infers.bright_objects import BrightObjects
from lib.trainers.my_training import MyTraining


class MyApp(jlabel.PathologyApp):
    """What PathologyApp has, a model of your own, and the training with your own options."""

    def init_infers(self) -> dict[str, jlabel.InferTask]:
        """The models, by the name that is shown in the labeler."""
        return {**super().init_infers(), "bright_objects": BrightObjects(labels=[self.objects])}

    def init_trainers(self) -> dict[str, jlabel.TrainTask]:
        """The trainings, by the name of the model that each publishes."""
        return {**super().init_trainers(), "segmentation": MyTraining(dimension=2, instances=self.objects)}
