"""A layer brings a program of another framework along, or leads to one outside the file.

What it does:
    Reports layers that hold a pickled Torch module (`TorchModuleWrapper`), functions of JAX or Flax, operations of
    TensorFlow by name (`TFOpLambda` and its relatives of Keras 2), or that load a SavedModel from a path (`TFSMLayer`).

Why it matters:
    What such a layer holds is a program that no rule on configs can judge. To load a pickle is to run it, and a
    SavedModel at a path is whatever lies there when the file is loaded (CVE-2025-49655, CVE-2025-8747).

Example:
    import json
    from pathlib import Path

    config = {"name": "l", "filepath": "/srv/other", "call_endpoint": "serve"}
    layer = {"module": "keras.layers", "class_name": "TFSMLayer", "config": config, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [dense]}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is no fix: judge the program by its own means, or ask for the model without it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.positions import Placed, survey
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT307", __name__, Severity.ERROR)
_HELD = {
    "TorchModuleWrapper": ("a pickled Torch module", Severity.ERROR),
    "TFSMLayer": ("a SavedModel at a path outside the file", Severity.ERROR),
    "JaxLayer": ("functions of JAX", Severity.WARNING),
    "FlaxLayer": ("a module of Flax", Severity.WARNING),
    "NNXLayer": ("a module of Flax", Severity.WARNING),
}
_OPERATIONS = ("math.", "nn.", "__operators__.", "linalg.", "signal.", "strings.", "ragged.", "sparse.", "bitwise.")
_TOP_LEVEL = frozenset(
    [
        "abs",
        "add",
        "argmax",
        "argmin",
        "argsort",
        "boolean_mask",
        "broadcast_to",
        "cast",
        "clip_by_value",
        "concat",
        "cos",
        "cumsum",
        "divide",
        "einsum",
        "equal",
        "exp",
        "expand_dims",
        "eye",
        "fill",
        "floor",
        "gather",
        "gather_nd",
        "greater",
        "greater_equal",
        "identity",
        "less",
        "less_equal",
        "linspace",
        "logical_and",
        "logical_not",
        "logical_or",
        "matmul",
        "maximum",
        "meshgrid",
        "minimum",
        "multiply",
        "negative",
        "norm",
        "not_equal",
        "one_hot",
        "ones",
        "ones_like",
        "pad",
        "pow",
        "range",
        "rank",
        "reduce_all",
        "reduce_any",
        "reduce_max",
        "reduce_mean",
        "reduce_min",
        "reduce_prod",
        "reduce_sum",
        "repeat",
        "reshape",
        "reverse",
        "roll",
        "round",
        "scatter_nd",
        "sequence_mask",
        "shape",
        "sigmoid",
        "sign",
        "sin",
        "size",
        "slice",
        "sort",
        "split",
        "sqrt",
        "square",
        "squeeze",
        "stack",
        "stop_gradient",
        "strided_slice",
        "subtract",
        "tan",
        "tanh",
        "tensordot",
        "tile",
        "transpose",
        "truediv",
        "unstack",
        "where",
        "zeros",
        "zeros_like",
        "image.resize",
        "image.crop_to_bounding_box",
        "image.convert_image_dtype",
        "convert_to_tensor",
    ]
)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for placed in survey(subject).objects:
        if any(one.group == "foreign" for one in placed.known):
            name = placed.node.class_name
            held, severity = _HELD.get(name) or _operation(placed)
            yield RULE.finding(f"{name} holds {held}", where=(placed.node.path,), kind=placed.name, severity=severity)


def _operation(placed: Placed) -> tuple[str, Severity]:
    """What a layer of Keras 2 calls in TensorFlow: nothing to worry about where that is known to compute."""
    name = placed.node.config.get("function")
    if not isinstance(name, str):
        return "operations of TensorFlow", Severity.WARNING
    computes = name in _TOP_LEVEL or (name.startswith(_OPERATIONS) and name.count(".") == 1)
    return f"TensorFlow's {name}", Severity.NOTE if computes else Severity.ERROR
