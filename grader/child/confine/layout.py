"""What is made on a run's own root before anything is mounted there: worked out once, in the warm process."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath


@dataclass
class Layout:
    """Absolute paths, the same on the new root as on the old one; a folder comes before what is in it."""

    folders: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    """Where each leads."""
    shown: list[str] = field(default_factory=list)
    """Of the folders and files those that are mounted from the old root."""

    def make(self, root: str) -> None:
        """Make it all below ``root``, which is empty. Raises OSError."""
        for path in self.folders:
            os.mkdir(root + path)  # noqa: PTH102 - texts, which are joined in a moment
        for path in self.files:
            os.close(os.open(root + path, os.O_CREAT | os.O_WRONLY, 0o644))
        for path, target in self.links.items():
            os.symlink(target, root + path)  # noqa: PTH211 - as above

    def show(self, path: str) -> None:
        """Add one path; what is not on this machine is passed over."""
        if not os.path.lexists(path) or self._holds(path):
            return
        for parent in reversed(PurePosixPath(path).parents[:-1]):
            if not self._holds(str(parent)):
                self.folders.append(str(parent))
        source = os.path.realpath(path)
        if source != path:
            self.links[path] = source
            self.show(source)
            return
        (self.folders if os.path.isdir(path) else self.files).append(path)  # noqa: PTH112 - as above
        self.shown.append(path)

    def _holds(self, path: str) -> bool:
        through = {*self.shown, *self.links}
        made = through.union(self.folders, self.files)
        return path in made or any(str(parent) in through for parent in PurePosixPath(path).parents)


@cache
def layout(shown: tuple[str, ...]) -> Layout:
    """Of a root where there is ``shown``, each with what its links lead to."""
    found = Layout()
    for path in shown:
        found.show(path)
    return found
