"""``python -m litmus`` is the command ``litmus``."""

from litmus.cli.main import entry

if __name__ == "__main__":
    entry()
