"""Makes arguments that have no name fit for a config: `*args` as a list under a key, others without the `/`."""

from __future__ import annotations

from dataclasses import replace

from kept.findings import Finding
from kept.fixing import methods, signatures
from kept.fixing.arguments import plan, plans, unreturned, with_plans, with_revival
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    constructor = model.constructor
    if constructor is None:
        raise Unmendable("its constructor is that of another class")
    if constructor.node.args.posonlyargs[1:]:
        node = source.class_node(model)
        source.replace(node, methods.changed(node, "__init__", signatures.without_positional_only))
        return
    name = constructor.varargs
    if not name:
        raise Unmendable("every argument has a name")
    own = plan(source, model, name)
    found = plans(source, model, unreturned(model)) | {name: replace(own, value=f"list({own.value})")}
    node = with_plans(source, model, found)
    revived = {key: one.revived for key, one in found.items() if one.revived}
    if revived:
        node = node.with_changes(body=node.body.with_changes(body=[
            one for one in node.body.body if one is not methods.method(node, "from_config")
        ]))  # fmt: skip
    source.replace(source.class_node(model), with_revival(source, model, node, revived, star=name))
