"""Prepared images on disk: only what this user's own processes wrote is read back, since loading runs code."""

from __future__ import annotations

import contextlib
import io
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from monai.data import PersistentDataset

from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.plain_files import is_plain, read_plain
from jlabel.files.sealing import sealed, unsealed

_MOST_BYTES = 64 * 1024**3


class PreparedImages(PersistentDataset):  # type: ignore[misc]
    """MONAI's dataset with a cache on disk, each file of it sealed (:mod:`jlabel.files.sealing`).

    The folder of a job may lie where others write, or where every file seems to be everybody's. MONAI's meta data are
    no plain tensors, so its files cannot be read without running what is in them. A file that is not this user's own
    is made anew; where one cannot be written, its image is prepared in every epoch.
    """

    def _cachecheck(self, item_transformed: Any) -> Any:
        file = Path(self.cache_dir) / f"{self.hash_func(item_transformed).decode()}.pt"
        about = f"prepared image {file.name} of {file.parent.parent.parent.name}"
        if is_plain(file):
            with contextlib.suppress(OSError):
                content = unsealed(read_plain(file, _MOST_BYTES), about)
                if content is not None:
                    return torch.load(io.BytesIO(content), weights_only=False)
        prepared = self._pre_transform(deepcopy(item_transformed))
        buffer = io.BytesIO()
        torch.save(prepared, buffer)
        content = sealed(buffer.getvalue(), about)
        with contextlib.suppress(DatastoreError):
            atomic_write(file, lambda out: out.write(content))
        return prepared
