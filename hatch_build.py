"""The build hook that puts the built front end into every wheel and sdist."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "scripts"))

import frontend


class FrontendBuildHook(BuildHookInterface[Any]):
    """Build js/ before packing, and refuse a wheel that lacks what was built."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the front end of the tree that is being packed, unless it is current."""
        if frontend.build(Path(self.root)):
            self.app.display_info("built the front end")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Look into the finished wheel; an editable one only points at the tree and holds no files."""
        if self.target_name != "wheel" or version == "editable":
            return
        if missing := frontend.missing_from_wheel(Path(artifact_path)):
            raise frontend.FrontendError(f"{artifact_path} lacks {', '.join(missing)}")
