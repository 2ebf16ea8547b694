# What the browser's tests of choosing put into a cell: an app whose model is quick and knows how unsure it is, without
# a network library, and a scoring method of a person's own.
import numpy as np

from jlabel import InferResult, InferTask, LabelApp, ScoringMethod
from jlabel.datastores import Score
from jlabel.imaging import Region
from jlabel.selection import First, ScoreStrategy


class Finder(InferTask):
    """Calls everything above 60 the first label."""

    cpu_only = True

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        values = (request.image.array > 60).astype(np.uint8)
        return InferResult(Region.whole(values.shape), values, values.shape, {"first": 1})


class Brightness(ScoringMethod):
    """How bright an image is."""

    def __call__(self, request, datastore):
        import jlabel

        for image_id in datastore.get_unlabeled_images():
            value = float(jlabel.read_image(datastore.get_image_uri(image_id)).array.mean()) / 100
            score = Score(image_id, "brightness", value, by_label={"first": value})
            datastore.scores.save([score])
        return {"scored": True}


class Brightest(ScoreStrategy):
    high = "brightest <b>{}</b>"


class App(LabelApp):
    def init_infers(self):
        return {"finder": Finder(labels=["first"])}

    def init_strategies(self):
        return {
            "first": First(),
            "brightest": Brightest("brightness", description="The brightest <i>image</i>"),
        }

    def init_scoring_methods(self):
        return {"brightness": Brightness("Mean intensity")}


def unsure_near(image, places):
    """Unsure within 3 voxels of each of these."""
    index = np.moveaxis(np.indices(image.shape), 0, -1)
    unsure = np.zeros(image.shape, np.float16)
    for position, value in places.items():
        unsure[np.linalg.norm(index - np.array(position), axis=-1) <= 3] = value
    return unsure


def know_how_unsure(manager, places):
    """Let the model be unsure at these places, by position."""

    def submit_uncertainty(image_id, model=None, image=None):
        return manager._queue("cpu").submit(lambda queued: unsure_near(image or manager.image(image_id), places))

    manager.submit_uncertainty = submit_uncertainty
