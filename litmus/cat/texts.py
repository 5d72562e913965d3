"""The texts that a model is made of, each read once, and which there were not."""

from collections.abc import Callable

from litmus import resources
from litmus.dataclass import dataclass, field
from litmus.errors import UsageError
from litmus.source import Source

ReadFile = Callable[[str], str | None]
"""Returns the text of a file of the user's, None where there is none."""


@dataclass(slots=True)
class Texts:
    """What was read, by the paths that were asked for; what is read again is what it was before."""

    read_file: ReadFile
    own: dict[str, str | None] = field(default_factory=dict)
    """Files of the user's."""
    ours: dict[str, str] = field(default_factory=dict)
    """Files that ship."""

    def read(self, path: str) -> str | None:
        """Return the text of a file of the user's, None where there is none."""
        if path not in self.own:
            self.own[path] = self.read_file(path)
        return self.own[path]

    def shipped(self, name: str) -> Source:
        """Return a file that ships.

        Raises:
            UsageError: where there is none of that name.
        """
        if name not in self.ours:
            self.ours[name] = resources.model_source(name).text
        return Source(f"models/{name}", self.ours[name])

    def unchanged(self) -> bool:
        """Whether reading everything again would give the same."""
        try:
            return all(self.read_file(path) == text for path, text in self.own.items()) and all(
                resources.model_source(name).text == text for name, text in self.ours.items()
            )
        except UsageError:
            return False
