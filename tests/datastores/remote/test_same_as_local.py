"""What a folder of images does, a bucket does as well: the same tests, with the studies elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from tests.datastores.test_label_batches import test_it_can_be_cancelled_between_labels  # noqa: F401
from tests.datastores.test_local import (  # noqa: F401
    test_datalist,
    test_info_is_merged,
    test_labeled_images_with_certain_labels,
    test_labels_by_tag,
    test_skipped_images_come_after_all_others,
    test_two_datastores_see_each_other_at_the_next_call,
    test_unknown_image_is_named,
)
from tests.datastores.test_versioned_labels import test_history_and_restore  # noqa: F401


@pytest.fixture(params=["memory", "s3"])
def studies(request: pytest.FixtureRequest, s3: Any, empty_memory: None) -> str:
    """The URL of a place for studies."""
    name = f"bucket-{secrets.token_hex(4)}"
    if request.param == "s3":
        s3.create_bucket(Bucket=name)
    return f"{request.param}://{name}"


@pytest.fixture
def add(studies: str, add: Callable[..., None], tmp_path: Path) -> Callable[..., None]:
    """Uploads image files."""

    def upload(to: str, *names: str) -> None:
        add(tmp_path / "made", *names)
        system, top = fsspec.url_to_fs(to, skip_instance_cache=True)
        for name in names:
            system.pipe_file(f"{top}/{name}", (tmp_path / "made" / name).read_bytes())

    return upload


@pytest.fixture
def open_store(studies: str, open_remote: Callable[..., Any]) -> Callable[..., Any]:
    """Opens datastores of these studies."""
    # A client of S3 takes a second to make: that of the test before is as good here.
    shared = {"skip_instance_cache": False}
    return lambda folder=studies, **options: open_remote(url=folder, storage_options=shared, **options)
