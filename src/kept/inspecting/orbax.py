"""Checkpoints of Orbax, those of Keras's `OrbaxCheckpoint` brought into the form of a weights file."""

from __future__ import annotations

from kept.formats.artifact import Artifact

from ..tree.groups import BESIDE, OPTIMIZER, Group, natural

__all__ = ["orbax_groups"]

_STATE = "pytree/"
_OF_LAYERS = ("trainable_variables", "non_trainable_variables")
_OF_KERAS = tuple(f"{_STATE}{kind}/" for kind in _OF_LAYERS)
_OPTIMIZER, _STEP = "optimizer_variables", "iteration"


def orbax_groups(artifact: Artifact) -> Group:
    """Each variable of Keras in the groups of the layers that its name is made of; other arrays in one list."""
    root, optimizer, beside = Group(is_object=True), Group(OPTIMIZER, is_object=True), Group(BESIDE, is_object=True)
    model = (artifact.config or {}).get("config", {})
    name = model.get("name") if isinstance(model, dict) else None
    every = sorted(artifact, key=lambda one: (not one.path.endswith(f"/{_STEP}"), natural(one.path)))
    if not any(one.path.startswith(_OF_KERAS) for one in every):
        root.tensors = sorted(every, key=lambda one: natural(one.path))
        return root
    for tensor in every:
        kind, *names = tensor.path.removeprefix(_STATE).split("/")
        if kind == _OPTIMIZER:
            optimizer.name = names[0]
            optimizer.tensors.append(tensor)
        elif kind in _OF_LAYERS:
            group = root
            for key in names[1:-1] if names[0] == name else names[:-1]:
                group = group.inner("layers").inner(key)
                group.name, group.is_object = key, True
            group.tensors.append(tensor)
        else:
            beside.tensors.append(tensor)
    root.groups |= {key: group for key, group in ((OPTIMIZER, optimizer), (BESIDE, beside)) if group.tensors}
    return root
