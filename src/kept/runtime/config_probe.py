"""What `get_config` of one object does: raise, change the object, or return what cannot be written."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras

from ..errors import shown
from ..examination import Argument, Raised
from . import keras_seams as seams
from .class_views import raised
from .codecs import NotEncodable, encode
from .identity import DIGESTS
from .rebuilt_changes import as_lists
from .snapshot import take
from .source_origins import is_local
from .walk import Place

__all__ = ["Probe", "altered", "asked_for_tuple", "differing", "probe_all", "stand_ins", "unwritable_parts"]


@dataclass(slots=True)
class Probe:
    """What came of calling `get_config`.

    Attributes:
        config: What it returned; None when that is no dict.
        raises: What it raised.
        type: What it returned when that is no dict, shown.
        changes: Attributes and keys that the call changes.
        unwritable: Values that cannot be written.
    """

    config: dict[str, Any] | None = None
    raises: Raised | None = None
    type: str = ""
    changes: tuple[str, ...] = ()
    unwritable: tuple[Argument, ...] = field(default=())

    @property
    def fails(self) -> bool:
        """Whether the object cannot be written as it is."""
        return self.config is None or bool(self.unwritable)

    @property
    def writable(self) -> dict[str, Any]:
        """The part of the config that can be written."""
        lost = {one.name.partition("[")[0] for one in self.unwritable}
        return {key: value for key, value in (self.config or {}).items() if str(key) not in lost}


def probe_all(places: list[Place]) -> dict[int, Probe]:
    """Probes each object, innermost first: one that fails is stood in for while those that hold it are asked."""
    found: dict[int, Probe] = {}
    with ExitStack() as stack:
        for place in reversed(places):
            found[id(place.value)] = one = _probe(place)
            if one.fails:
                stack.enter_context(stand_ins([place], found))
    return found


@contextmanager
def stand_ins(places: list[Place], probes: Mapping[int, Probe]) -> Iterator[None]:
    """While it lasts, objects that cannot be written return the part of their config that can."""
    changed = []
    for place in places:
        probe = probes.get(id(place.value))
        if probe is not None and probe.fails and hasattr(place.value, "__dict__"):
            vars(place.value)["get_config"] = lambda config=probe.writable: dict(config)
            changed.append(vars(place.value))
    try:
        yield
    finally:
        for namespace in changed:
            namespace.pop("get_config", None)


def _probe(place: Place) -> Probe:
    value = place.value
    before = _attributes(place)
    try:
        config = value.get_config()
    except Exception as error:  # the user's code: what it raises is what is told
        return Probe(raises=raised(error))
    if not isinstance(config, dict):
        return Probe(type=shown(config))
    return Probe(config, None, "", _effects(place, before, config), tuple(_unwritable(config)))


def _attributes(place: Place) -> Mapping[str, Any]:
    view = take(place.value, [place]).objects.get(place.path)
    if view is None:
        return {}
    own = isinstance(place.value, keras.layers.Layer)  # an optimizer fills caches of its own
    return {name: one for name, one in view.attributes.items() if own or (name.isidentifier() and name[0] != "_")}


def _effects(place: Place, before: Mapping[str, Any], config: dict[str, Any]) -> tuple[str, ...]:
    after = _attributes(place)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    try:
        again = place.value.get_config()
    except Exception as error:
        return (*changed, f"a second call raises {type(error).__name__}")
    if not isinstance(again, dict):
        return (*changed, "a second call returns no dict")
    keys = [key for key in {**config, **again} if not _equal(config.get(key), again.get(key))]
    return tuple(dict.fromkeys([*changed, *map(str, keys)]))


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(encode(one, DIGESTS) == encode(other, DIGESTS))
    except NotEncodable:  # objects may be made anew by every call
        return type(one) is type(other)


def _unwritable(config: Mapping[Any, Any]) -> Iterator[Argument]:
    for key, value in config.items():
        if not isinstance(key, str):
            yield Argument(shown(key), f"a key that is a {type(key).__name__}")
        else:
            yield from unwritable_parts(key, value)


def unwritable_parts(name: str, value: Any) -> Iterator[Argument]:
    """The innermost parts of a value that Keras or JSON cannot write.

    Args:
        name: What the value is called.
        value: A value in a config; objects with a `get_config` of their own answer for themselves.
    """
    if isinstance(value, dict):
        if not all(key is None or type(key) in (str, int, float, bool) for key in value):
            yield Argument(name, f"a dict with keys that are {type(next(iter(value))).__name__}s")
            return
        for key, child in value.items():
            yield from unwritable_parts(f"{name}[{key!r}]", child)
    elif isinstance(value, (list, tuple)):
        for index, child in enumerate(value):
            yield from unwritable_parts(f"{name}[{index}]", child)
    elif not hasattr(type(value), "get_config"):
        try:
            with seams.lambda_free(lambda function: ({}, None, None)):
                json.dumps(seams.serialize_object(value))
        except Exception:  # whatever Keras raises of it
            yield Argument(name, shown(value), _with_article(type(value).__name__))


def altered(before: Mapping[str, Any], after: Mapping[str, Any], tuples: Collection[str]) -> tuple[Argument, ...]:
    """Values that come back as another type: an array as the config of one, integer keys as strings.

    Args:
        before: A config.
        after: The same config after its way through JSON.
        tuples: Keys under which a tuple that comes back as a list is one of them.
    """
    pairs = ((key, _form(value), _form(after[key])) for key, value in before.items() if key in after)
    pairs = ((key, one, other) for key, one, other in pairs if (one, other) != ("a tuple", "a list") or key in tuples)
    return tuple(
        Argument(key, one or "it is", other or "a dict with str keys") for key, one, other in pairs if one != other
    )


def _form(value: Any) -> str:
    """A type as far as JSON may change it."""
    kind = type(value)
    if isinstance(value, dict):
        if "class_name" in value and "config" in value:
            return "a config"
        keys = sorted({type(key).__name__ for key in value} - {"str"})
        inner = next((form for one in value.values() if (form := _form(one))), "")
        return f"a dict with {keys[0]} keys" if keys else inner
    if isinstance(value, (list, tuple)):
        inner = next((form for one in value if (form := _form(one))), "")
        if isinstance(value, tuple):
            return "a tuple"
        return "a list" if not inner else f"a list with {inner}"
    if value is None or kind in (bool, int, float, str):
        return ""
    return "bytes" if kind is bytes else _with_article(kind.__name__)


def _with_article(name: str) -> str:
    name = name.removeprefix("Tracked").lower() if name.startswith("Tracked") else name
    return f"an {name}" if name[0].lower() in "aeiou" or name == "ndarray" else f"a {name}"


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Argument, ...]:
    """Plain values of a config that the config of the rebuilt object has otherwise."""
    found = []
    for key, value in before.items():
        try:
            one, other = (_as_json(encode(each, DIGESTS)) for each in (value, after.get(key)))
        except NotEncodable:
            continue
        if one != other and '"class_name"' not in one:
            found.append(Argument(key, shown(value), shown(after[key]) if key in after else "nothing"))
    return tuple(found)


def _as_json(encoded: Any) -> str:
    """A tuple and its list are the same here: `altered` tells of types."""
    return json.dumps(as_lists(encoded), sort_keys=True)


def asked_for_tuple(kind: type) -> set[str]:
    """Names of arguments and attributes of which the code of a class asks whether they are tuples."""
    names: set[str] = set()
    for base in kind.__mro__:
        if seams.is_keras_own(base) or not is_local(base):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError):
            continue
        names |= {name for node in ast.walk(tree) if (name := _asked(node))}
    return names


def _asked(node: ast.AST) -> str:
    """`size` of `isinstance(self.size, tuple)` and of `type(size) is tuple`; empty for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
        asked, kinds = node.args[0], ast.unparse(node.args[1])
    elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Call) and node.left.args:
        asked, kinds = node.left.args[0], ast.unparse(node.comparators[0])
    else:
        return ""
    if "tuple" not in kinds or "list" in kinds:
        return ""
    return asked.attr.lstrip("_") if isinstance(asked, ast.Attribute) else getattr(asked, "id", "")
