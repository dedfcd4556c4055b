"""What `build` must do so that every layer that `call` uses is built, with the shapes that flow through `call`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from kept.fixing.source import Unmendable
from kept.source.classes import ClassModel
from kept.source.kinds import Kind
from kept.source.module import Function, Module
from kept.source.names import last_part

__all__ = ["build_lines"]

_SAME_SHAPE = frozenset(
    {
        "relu", "relu6", "sigmoid", "tanh", "gelu", "silu", "swish", "elu", "selu", "softplus", "softsign", "softmax",
        "leaky_relu", "mish", "exp", "log", "abs", "absolute", "square", "sqrt", "rsqrt", "negative", "cast", "clip",
        "add", "multiply", "subtract", "divide", "maximum", "minimum", "power", "stop_gradient", "log_softmax", "sin",
        "cos", "where", "dropout", "nan_to_num", "normalize", "convert_to_tensor", "hard_sigmoid", "hard_swish",
    }
)  # fmt: skip


def build_lines(model: ClassModel, method: Function, start: str, built: frozenset[str] = frozenset()) -> list[str]:
    """Statements that build the layers which a method calls.

    Args:
        model: The class.
        method: Its `call`.
        start: What the shape of the first argument is called.
        built: Attributes whose layers are built already.

    Raises:
        Unmendable: What becomes of the shapes cannot be told.
    """
    arguments = [*method.args.posonlyargs, *method.args.args]
    if len(arguments) < 2:
        raise Unmendable("call takes no input")
    flow = _Flow(model.module, arguments[0].arg, _layers(model), built)
    flow.shapes[arguments[1].arg] = start
    flow.block(method.body, "")
    return flow.written()


def _layers(model: ClassModel) -> dict[str, bool]:
    """Attributes that hold layers: True for a list of them."""
    found: dict[str, bool] = {}
    for _, constructor in model.constructors:
        for stored in constructor.stored:
            value = stored.value
            if isinstance(value, ast.Call) and _is_layer(model.module, value):
                found[stored.attribute] = False
            elif isinstance(value, (ast.List, ast.ListComp)):
                parts = value.elts if isinstance(value, ast.List) else [value.elt]
                if parts and all(isinstance(one, ast.Call) and _is_layer(model.module, one) for one in parts):
                    found[stored.attribute] = True
    return found


def _is_layer(module: Module, call: ast.Call) -> bool:
    known = module.class_of(call.func)
    return known is not None and known.kind in (Kind.LAYER, Kind.MODEL)


@dataclass(slots=True)
class _Flow:
    """Follows shapes through statements.

    Attributes:
        module: The file.
        own_name: What the object is called.
        layers: Attributes that hold a layer, or a list of them.
        built: Attributes that are done.
        shapes: Variable -> expression of its shape.
        loops: Variable of a loop -> the list that it goes over.
        variables: Expression of a shape -> the variable that holds it.
        lines: What is to be done, each with the name that it sets, if any.
        seen: Layers that have been called.
    """

    module: Module
    own_name: str
    layers: dict[str, bool]
    built: frozenset[str]
    shapes: dict[str, str] = field(default_factory=dict)
    loops: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def block(self, body: list[ast.stmt], indent: str) -> None:
        for one in body:
            self.statement(one, indent)

    def statement(self, one: ast.stmt, indent: str) -> None:
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            shape = self.shape(one.value, indent)
            if shape is not None:
                self.shapes[one.targets[0].id] = shape
        elif isinstance(one, ast.Return) and one.value is not None:
            self.shape(one.value, indent)
        elif isinstance(one, ast.If):
            self.block(one.body, indent)
            self.block(one.orelse, indent)
        elif isinstance(one, ast.For) and not indent:
            self.loop(one)
        elif not isinstance(one, (ast.Expr, ast.Pass)):
            raise Unmendable("what call does with its shapes cannot be told")

    def loop(self, one: ast.For) -> None:
        """`for block in self.blocks: x = block(x)`."""
        attribute = self.attribute(one.iter)
        if attribute is None or not self.layers.get(attribute) or not isinstance(one.target, ast.Name):
            raise Unmendable("what call does with its shapes cannot be told")
        carried = [
            node.id for node in ast.walk(one) if isinstance(node, ast.Name) and node.id in self.shapes
        ]  # fmt: skip
        changing = carried[0] if carried else ""
        if changing and self.shapes[changing] != "shape":
            self.lines.append(("shape", f"shape = {self.shapes[changing]}"))
            self.shapes[changing] = "shape"
        self.lines.append(("", f"for {one.target.id} in {self.own_name}.{attribute}:"))
        self.loops[one.target.id] = attribute
        self.block(one.body, "    ")
        if changing and self.shapes[changing] != "shape":
            self.lines.append(("shape", f"    shape = {self.shapes[changing]}"))
            self.shapes[changing] = "shape"

    def attribute(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == self.own_name:
            return node.attr
        return None

    def shape(self, node: ast.expr, indent: str) -> str | None:
        """The expression of a value's shape; None for what has none that matters."""
        if isinstance(node, ast.Name):
            return self.shapes.get(node.id)
        if isinstance(node, ast.BinOp):
            left = self.shape(node.left, indent)
            right = self.shape(node.right, indent)
            return left or right
        if isinstance(node, ast.UnaryOp):
            return self.shape(node.operand, indent)
        if isinstance(node, ast.Call):
            return self.called(node, indent)
        if isinstance(node, (ast.Constant, ast.Attribute)):
            return None
        raise Unmendable("what call does with its shapes cannot be told")

    def called(self, node: ast.Call, indent: str) -> str | None:
        attribute = self.attribute(node.func)
        looped = isinstance(node.func, ast.Name) and node.func.id in self.loops
        if looped or (attribute in self.layers and not self.layers[attribute or ""]):
            layer = node.func.id if isinstance(node.func, ast.Name) else f"{self.own_name}.{attribute}"
            given = self.shape(node.args[0], indent) if node.args else None
            if given is None:
                raise Unmendable("what call does with its shapes cannot be told")
            if layer not in self.seen and attribute not in self.built:
                given = self.named(given, indent)
                self.lines.append(("", f"{indent}{layer}.build({given})"))
            self.seen.add(layer)
            return f"{layer}.compute_output_shape({self.variables.get(given, given)})"
        name = last_part(node.func)
        shapes = [self.shape(one, indent) for one in node.args]
        if name in _SAME_SHAPE or not any(shapes):
            return next((one for one in shapes if one), None)
        raise Unmendable("what call does with its shapes cannot be told")

    def named(self, shape: str, indent: str) -> str:
        """A variable that holds a shape, where it takes more than a name to say it."""
        if shape.isidentifier() or indent:
            return shape
        if shape not in self.variables:
            number = len(self.variables) + 1
            self.variables[shape] = "shape" if number == 1 else f"shape_{number}"
            self.lines.append(("shape", f"{self.variables[shape]} = {shape}"))
        return self.variables[shape]

    def written(self) -> list[str]:
        """The statements, a loop with its body as one."""
        if not self.seen:
            raise Unmendable("call uses no layer that is to be built")
        made: list[str] = []
        for _, line in self.lines:
            if line.startswith("    ") and made:
                made[-1] += f"\n{line}"
            else:
                made.append(line)
        return made
