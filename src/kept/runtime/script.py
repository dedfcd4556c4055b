"""Running a script as `python script.py` would, in a process that has more to do before and after it.

The script's module is a real `__main__`. Its text is kept as it is now, so that what it defines has its source even
when somebody edits the file while it runs. An exception leaves through the caller untouched, so that the interpreter
itself prints it, runs what was registered with `atexit`, and ends the process with its own exit code or signal; only
the frames above the script are cut off.
"""

from __future__ import annotations

import builtins
import importlib.util
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType, TracebackType

from kept.errors import KeptError
from kept.runtime.source_files import remember

__all__ = ["keep_interrupt", "module", "script"]


def script(path: str, arguments: Sequence[str] = ()) -> Callable[[], None]:
    """Prepares a file, or a folder or zip with a `__main__.py`, to run as `python path arguments...` would.

    Returns:
        What runs it; it raises whatever the script ends with, `SystemExit` and `KeyboardInterrupt` included.

    Raises:
        KeptError: There is nothing to run at `path`.
    """
    if os.path.isdir(path) or zipfile.is_zipfile(path):
        spec = PathFinder.find_spec("__main__", [os.path.abspath(path)])
        if spec is None:
            raise KeptError("there is no __main__.py in it", path=path)
        _lead_path_with(os.path.abspath(path))
        return _prepared(spec, [path, *arguments])
    absolute = os.path.abspath(path)
    try:
        with open(absolute, "rb") as file:
            source = file.read()
    except OSError as error:
        raise KeptError(f"cannot open the script: {error.strerror}", path=path) from None
    remember(absolute)
    _lead_path_with(os.path.dirname(os.path.realpath(path)))
    main = _main_module(absolute, SourceFileLoader("__main__", absolute))
    return lambda: _run(main, [path, *arguments], lambda: compile(source, absolute, "exec", dont_inherit=True))


def module(name: str, arguments: Sequence[str] = ()) -> Callable[[], None]:
    """Prepares a module, or the `__main__` of a package, to run as `python -m name arguments...` would.

    Returns:
        What runs it; it raises whatever the module ends with.

    Raises:
        KeptError: There is no such module.
    """
    _lead_path_with(os.getcwd())
    sys.argv = ["-m", *arguments]  # what a package sees that is imported on the way
    spec = _find(name)
    return _prepared(spec, [spec.origin or name, *arguments])


def keep_interrupt() -> None:
    """Lets a process that ends with `KeyboardInterrupt` still die of it, whatever has run since.

    The interpreter remembers an interrupt that nobody caught until the next time it runs source text, as the import of
    many a module does. Call it last in an `atexit` function.
    """
    if isinstance(getattr(sys, "last_value", None), KeyboardInterrupt):
        with suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")


def _find(name: str) -> ModuleSpec:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        raise KeptError(f"no module named {error.name or name}") from None
    if spec is None:
        raise KeptError(f"no module named {name}")
    return _find(f"{name}.__main__") if spec.submodule_search_locations is not None else spec


def _prepared(spec: ModuleSpec, argv: list[str]) -> Callable[[], None]:
    code: Callable[[str], CodeType | None] | None = getattr(spec.loader, "get_code", None)
    if code is None:
        raise KeptError(f"{spec.name} holds no Python code to run")
    if spec.origin:
        remember(spec.origin)
    main = _main_module(spec.origin, spec.loader)
    main.__spec__ = spec
    main.__package__ = spec.parent
    main.__dict__["__cached__"] = spec.cached
    return lambda: _run(main, argv, lambda: code(spec.name))


def _lead_path_with(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path[0] = folder


def _main_module(file: str | None, loader: object) -> ModuleType:
    main = ModuleType("__main__")
    main.__dict__.update(__file__=file, __cached__=None, __loader__=loader, __builtins__=builtins, __annotations__={})
    return main


def _run(main: ModuleType, argv: list[str], code: Callable[[], CodeType | None]) -> None:
    """Runs what `code()` returns inside `main`; a traceback will begin with the first frame of the script."""
    _replaced.append(sys.modules.get("__main__"))
    sys.modules["__main__"] = main
    sys.argv = argv
    try:
        exec(code() or "", main.__dict__)
    except BaseException:
        hook = sys.excepthook

        def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            own = _from_script_on(trace, main)
            hook(kind, error.with_traceback(own), own)

        sys.excepthook = show
        raise


def _from_script_on(trace: TracebackType | None, main: ModuleType) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_globals is not main.__dict__:
        trace = trace.tb_next
    return trace


# A module that was `__main__` stays alive: what it holds may be needed until the process ends.
_replaced: list[ModuleType | None] = []
