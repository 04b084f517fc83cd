"""A step of the build: the manual pages go into the wheel, made of the commands as they are.

An editable install has none: its files are read from the clone.
"""

import os
import sys
import tempfile

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPages(BuildHookInterface):
    """Puts each page where `pip` installs shared files: share/man/man1 and man7 below the environment."""

    def initialize(self, version, build_data):
        """Called by hatchling before the files of a wheel are collected."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        from vaultindex.cli import manual

        self.folder = tempfile.TemporaryDirectory()
        for path in manual.write(self.folder.name):
            name = os.path.relpath(path, self.folder.name).replace(os.sep, "/")
            build_data["shared_data"][path] = f"share/man/{name}"

    def finalize(self, version, build_data, artifact_path):
        """The pages are in the wheel now."""
        if hasattr(self, "folder"):
            self.folder.cleanup()
