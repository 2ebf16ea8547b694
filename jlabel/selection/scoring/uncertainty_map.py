"""How unsure a model is of each voxel of an image, in the image's own grid."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from jlabel.selection.scoring.maps import NoProbabilitiesError, make_maps
from jlabel.selection.scoring.measures import predictive_entropy
from jlabel.selection.scoring.passes import OnePass
from jlabel.tasks import pipeline
from jlabel.tasks.infer import InferTask
from jlabel.tasks.keys import IMAGE
from jlabel.tasks.request import InferRequest
from jlabel.tasks.transforms import restore_space


def uncertainty_map(task: InferTask, request: InferRequest) -> NDArray[np.float16] | None:
    """The entropy of the model's answer, from 0 (sure) to 1 (all classes equally likely).

    Args:
        task: An infer task that needs no prompts.
        request: The image, and where the model is to run.

    Returns:
        The image's shape; None where the model has no probabilities.

    Raises:
        TaskError: The model failed or was not trained yet.
        Cancelled: Nobody wants to know any more.
    """
    version = task.version_in_use()
    network = task.load_network(request.device) if version is None else task.load_version(request.device, version)
    if network is None:
        return None
    given = pipeline.prepare(task, request, version)
    request.check_cancelled()
    try:
        maps = make_maps(
            task, given, OnePass(network), predictive_entropy, request.device, check=request.check_cancelled
        )
    except NoProbabilitiesError:
        return None
    unsure = torch.from_numpy(maps.uncertainty)[None].float()
    back = restore_space(unsure, given.reference, given.steps, request.image, IMAGE, nearest=False)
    unsure_here: NDArray[np.float16] = np.clip(np.asarray(back)[0], 0, 1).astype(np.float16)
    return unsure_here
