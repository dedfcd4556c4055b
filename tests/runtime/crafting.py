"""Changing a file of kept as somebody could who wants it to do harm."""

import copy

from kept.formats import keras_archive
from kept.formats.base import open_artifact


def craft(file, change):
    """Gives config and metadata of a `.keras` to `change`, and writes back what it made of them."""
    with open_artifact(file) as artifact:
        config, metadata = copy.deepcopy(artifact.config), copy.deepcopy(artifact.metadata)
    change(config, metadata)
    keras_archive.rewrite_tail(str(file), config=config, metadata=metadata, assets={})
