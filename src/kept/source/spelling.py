"""One name for Keras 3, which people import under many."""

from __future__ import annotations

__all__ = ["keras_name"]

# The longer of two that begin alike comes first.
_ROOTS = (
    "tensorflow.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.python.keras",
    "tf.keras",
    "keras_core",
    "keras._tf_keras.keras",
    "keras.api._v2.keras",
    "keras.api",
)


def keras_name(dotted: str) -> str:
    """The dotted name as it begins with `keras`, such as `keras.layers.Dense` for `tensorflow.keras.layers.Dense`.

    Any other name is given back; so is that of `tf_keras`, which is Keras 2.
    """
    while dotted.startswith(_ROOTS):
        root = next((one for one in _ROOTS if f"{dotted}.".startswith(f"{one}.")), None)
        if root is None:
            break
        dotted = f"keras{dotted[len(root) :]}"
    return dotted
