import time

import numpy as np
from skimage.draw import polygon2mask

from jlabel.app import LabelApp
from jlabel.prompts import Box, InitialMask, Lasso, Scribble
from jlabel.tasks import InteractiveTask


class Ball(InteractiveTask):
    """Answers with a ball of radius 3 around every positive click, less one around every negative."""

    takes_mask = True
    pause = 0.0
    extent_mm = 20.0
    margin_mm = 6.0

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        time.sleep(self.pause)
        inside = np.zeros(crop.shape, bool)
        index = np.moveaxis(np.indices(crop.shape), 0, -1)
        for prompt in crop.prompts:
            if isinstance(prompt, InitialMask):
                inside |= prompt.mask != 0
            else:
                ball = np.linalg.norm(index - np.array(prompt.position), axis=-1) < 3.5
                inside = inside | ball if prompt.positive else inside & ~ball
        return inside


class Broken(Ball):
    def segment(self, crop, request, watch):
        raise RuntimeError("<img src=x onerror=alert(1)> the weights are gone")


class Shapes(Ball):
    """Answers with the voxels that were pointed at themselves."""

    takes_mask = False

    def segment(self, crop, request, watch):
        time.sleep(self.pause)
        inside = np.zeros(crop.shape, bool)
        for prompt in crop.prompts:
            if isinstance(prompt, Box):
                inside[tuple(slice(low, up + 1) for low, up in zip(prompt.lower, prompt.upper, strict=True))] = True
            elif isinstance(prompt, Lasso):
                points, plane = np.array(prompt.points), prompt.plane
                if inside.ndim == 2:
                    inside[polygon2mask(inside.shape, points)] = prompt.positive
                else:
                    within = np.moveaxis(inside, plane, 0)[points[0, plane]]
                    within[polygon2mask(within.shape, np.delete(points, plane, axis=1))] = prompt.positive
            else:
                positions = prompt.positions if isinstance(prompt, Scribble) else [prompt.position]
                inside[tuple(np.array(positions).T)] = prompt.positive
        return inside


class App(LabelApp):
    def init_infers(self):
        return {
            "ball": Ball(),
            "ball_2d": Ball(dimension=2),
            "broken": Broken(),
            "shapes": Shapes(),
            "shapes_2d": Shapes(dimension=2),
        }
