"""The folder that ``python -m monai.bundle init_bundle`` makes, which an author fills."""

from __future__ import annotations

import json
from pathlib import Path

import monai.bundle
import nibabel as nib
import numpy as np
import pytest
from monai.networks.nets import UNet

import jlabel
from tests.bundles.small_bundles import unet, volume


def test_it_is_a_model_once_its_network_is_written_and_says_what_is_missing_before(tmp_path: Path) -> None:
    bundle = tmp_path / "ib"
    network = unet(classes=2)
    monai.bundle.init_bundle(str(bundle), network=UNet(**{key: network[key] for key in network if key != "_target_"}))
    nib.save(nib.Nifti1Image(volume(), np.eye(4)), tmp_path / "case.nii.gz")
    image = jlabel.read_image(tmp_path / "case.nii.gz")
    request = jlabel.InferRequest(image, "case", labels={"organ": 1})

    with pytest.raises(jlabel.TaskError, match=r"does not say what it finds .* give labels="):
        jlabel.BundleInferTask(bundle)
    with pytest.raises(jlabel.TaskError, match=r"bundle 'ib', inference.json, .*network.*'\?\?\?'"):
        jlabel.BundleInferTask(bundle, labels=["organ"])(request)

    file = bundle / "configs" / "inference.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "network_def": network}))
    found = jlabel.BundleInferTask(bundle, labels=["organ"])(request)
    assert found.mask.shape == image.shape
    assert found.labels == {"organ": 1}
