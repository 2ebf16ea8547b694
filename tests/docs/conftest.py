"""What the code on the pages finds: a home folder with a few small studies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.bundles.small_bundles import inference, metadata, training, unet, write_bundle
from tests.cvat.server import ContractServer
from tests.datastores.remote.conftest import bucket, s3, s3_server  # noqa: F401 - fixtures
from tests.dicomweb.small_series import slices
from tests.dicomweb.small_server import SmallServer
from tests.exchange.dicom_seg.samples import SHAPE as CT_SHAPE
from tests.exchange.dicom_seg.samples import seg, series
from tests.imaging.formats.videos import make_video
from tests.jobs.dask.clusters import Cluster

SHAPE = (28, 26, 24)
_AWS_PROFILE = "[lab]\naws_access_key_id = an-id\naws_secret_access_key = a-secret-that-nobody-sees\n"
CASES = 6
_LIVER, _SPLEEN = (9, 13, 12), (20, 12, 12)


def make_studies(folder: Path) -> None:
    """Volumes of 2 mm voxels with two balls in them, the liver (value 1 in the labels) and the spleen (value 2)."""
    for number in range(CASES):
        image, _ = _case(number)
        _write(folder / f"case_{number}.nii.gz", image)


def make_labels(folder: Path, cases: int = CASES) -> None:
    """The label files that belong to them."""
    for number in range(cases):
        _, label = _case(number)
        _write(folder / f"case_{number}.nii.gz", label)


def make_dicom(folder: Path) -> None:
    """A CT series, and a segmentation of it."""
    sources = series(folder / "ct")
    masks = np.zeros(CT_SHAPE[::-1], np.uint8)
    masks[:, 1:3, 1:5], masks[:, 4, 2:] = 1, 2
    seg(folder / "ct_seg.dcm", sources, masks, names=["Liver", "Spleen"])


def make_bundle(folder: Path) -> None:
    """A bundle with a small network that finds a spleen, and a configuration of its training."""
    network = unet(classes=2)
    about = metadata({"0": "background", "1": "spleen"})
    write_bundle(folder, inference(network_def=network), about)
    (folder / "configs" / "train.json").write_text(json.dumps(training(network_def=network)))


def _case(number: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(number)
    index = np.moveaxis(np.indices(SHAPE), 0, -1)
    label = np.zeros(SHAPE, np.uint8)
    for value, centre, radius in ((1, _LIVER, 6.0), (2, _SPLEEN, 4.0)):
        moved = np.array(centre) + rng.integers(-1, 2, 3)
        label[np.linalg.norm(index - moved, axis=-1) < radius] = value
    image = np.choose(label, (20, 120, 220)) + rng.normal(0, 5, SHAPE)
    return image.astype(np.int16), label


def _write(file: Path, array: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, np.diag([2.0, 2.0, 2.0, 1.0])), file)


@pytest.fixture
def home(tmp_path: Path, own_locks: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, also the working folder.

    ``~/scans`` has studies, ``~/old-labels`` label files of elsewhere, ``~/bundles`` a MONAI bundle,
    ``~/videos`` a video.
    """
    home = tmp_path / "home"
    home.mkdir()
    make_studies(home / "scans")
    make_labels(home / "old-labels", 3)
    make_bundle(home / "bundles" / "spleen_ct_segmentation")
    (home / "videos").mkdir()
    make_video(home / "videos" / "colonoscopy.mp4")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def bucket_of_studies(home: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a bucket with the studies."""
    client, name = request.getfixturevalue("s3"), request.getfixturevalue("bucket")
    for file in (home / "scans").glob("*.nii.gz"):
        client.upload_file(str(file), name, f"scans/{file.name}")
    (home / ".aws").mkdir()
    (home / ".aws" / "credentials").write_text(_AWS_PROFILE)
    return f"s3://{name}"


@pytest.fixture
def dask_scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a Dask scheduler that has a worker."""
    with Cluster(tmp_path) as cluster:
        cluster.have(1)
        yield cluster.address


@pytest.fixture
def dicomweb_server() -> Iterator[SmallServer]:
    """A DICOMweb server with a CT series."""
    server = SmallServer()
    server.put(*slices())
    yield server
    server.close()


@pytest.fixture
def cvat_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ContractServer]:
    """A CVAT server, and the login of ann in the environment."""
    with ContractServer() as running:
        for name, value in (("URL", running.url), ("USERNAME", "ann"), ("PASSWORD", "ann-pass")):
            monkeypatch.setenv(f"JLABEL_CVAT_{name}", value)
        yield running
