"""What a plain class whose objects are used as a loss needs to be saved."""

from __future__ import annotations

from kept.fixing import configs, methods
from kept.fixing.arguments import plans, with_revival
from kept.fixing.registration import decorator, registered
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel

__all__ = ["make_serialisable"]


def make_serialisable(source: Source, model: ClassModel) -> None:
    """Gives the class a `get_config` and a `from_config`, and registers it."""
    constructor = model.constructor
    if model.kind is not None or (constructor is None and model.bases):
        raise Unmendable("it is more than a plain class")
    names = list(constructor.named) if constructor else []
    if constructor is not None and (constructor.varargs or constructor.varkw):
        raise Unmendable("its constructor takes arguments without a name")
    found = plans(source, model, names)
    if any(one.store or one.converted for one in found.values()):
        raise Unmendable("no attribute holds what its constructor is given")
    node = source.class_node(model)
    if "get_config" not in model.methods:
        text = configs.get_config_text({key: one.value for key, one in found.items()}, base=False)
        node = methods.with_method(node, text, source.style)
    if "from_config" not in model.methods:
        revived = {key: one.revived for key, one in found.items() if one.revived}
        if revived:
            node = with_revival(source, model, node, revived)
        else:
            plain = "@classmethod\ndef from_config(cls, config):\n    return cls(**config)\n"
            node = methods.with_method(node, plain, source.style)
    if model.registration is None:
        node = registered(node, decorator(source.module, source.imports), source.style)
    source.replace(source.class_node(model), node)
