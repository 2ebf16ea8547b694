"""How much memory it takes to score a volume with many labels: in a process of its own, whose most is looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SHAPE, LABELS = (256, 256, 96), 20
# Beside what the libraries take: the volume four times in float32 (as its file, read, and prepared), and a part of it.
MOST_MB = 4 * 4 * 256 * 256 * 96 / 1e6 + 200
# All the probabilities in float32 alone would take this much.
ALL_MB = 4 * (LABELS + 1) * 256 * 256 * 96 / 1e6

PROGRAM = """
import resource, sys
import numpy as np, torch
from monai.inferers import SlidingWindowInferer
from monai.transforms import AsDiscreted, EnsureChannelFirstd, LoadImaged
from jlabel.datastores.scores import Score
from jlabel.imaging import Image
from jlabel.selection.scoring import EntropyScoring
from jlabel.selection.scoring import image_scores
from jlabel.tasks import InferTask

class Task(InferTask):
    def pre_transforms(self, data):
        return [LoadImaged("image"), EnsureChannelFirstd("image")]
    def inferer(self, data):
        return SlidingWindowInferer((64, 64, 64), overlap=0.25)
    def post_transforms(self, data):
        return [AsDiscreted("pred", argmax=True)]

shape, labels = eval(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(1)
network = torch.nn.Conv3d(1, labels + 1, 1)
task = Task(network=network, labels=[f"label {n}" for n in range(1, labels + 1)])

class One:
    def __init__(self): self.saved = []
    def is_there(self, image_id): return True
    def get_image_uri(self, image_id): return __file__ if "__file__" in globals() else sys.executable
    def get_unlabeled_images(self, *_): return ["one"]
    def get_labels_by_image_id(self, image_id): return {}
    @property
    def scores(self): return self
    def table(self, *_):
        from jlabel.datastores.scores import ScoreTable
        return ScoreTable((), np.zeros(0), (), np.zeros((0, 0)), ())
    def of_image(self, image_id): return []
    def save(self, scores, features): self.saved += scores

def volume(shape):
    ramp = np.linspace(0, 3, shape[0], dtype=np.float32)[:, None, None]
    return np.broadcast_to(ramp, shape).astype(np.int16)

def run(shape):
    image_scores.read_image = lambda uri: Image(volume(shape), np.eye(4))
    store = One()
    found = EntropyScoring({"task": task})({}, store)
    assert found["done"] == 1, found
    assert np.isfinite(store.saved[0].value)

def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
run((64, 64, 64))
before = most()
run(shape)
print(before, most())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="ru_maxrss is in other units elsewhere")
def test_the_probabilities_of_a_volume_are_never_held_at_once():
    command = [sys.executable, "-c", PROGRAM, repr(SHAPE), str(LABELS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr
    before, most = map(float, done.stdout.split()[-2:])
    assert most - before < MOST_MB < ALL_MB
