"""kept saves any Keras model and proves that it loads.

import kept

kept.save(model, "model.keras")      # returns once a fresh process has loaded it and found it equal
model = kept.load("model.keras")
kept.verify("model.keras")           # later, elsewhere: is it still the model that was saved?
kept.check(model)                    # before training: what would plain Keras lose?
kept.fix("src", unsafe=True)         # and mend the source of it
kept.inspect("model.keras")          # what is in a file: no Keras, nothing of it is run
kept.install()                       # model.save and the rest do the same from now on
"""

import typing as _typing

from ._api import (
    check,
    fix,
    inspect,
    install,
    load,
    load_weights,
    register_codec,
    restore,
    save,
    save_saved_model,
    save_weights,
    serializable,
    uninstall,
    verify,
)
from .errors import (
    CorruptFileError,
    FormatError,
    KeptError,
    KeptWarning,
    LimitExceededError,
    MismatchError,
    MissingDependencyError,
    Problem,
    SerializationError,
    UnknownFormatError,
    UnsafeContentError,
    UnsupportedVersionError,
    UntrustedCodeError,
    VerificationError,
    WriteError,
)
from .position import Position
from .proof import Level, Outcome, Proof, Repair
from .report import Inspection
from .version import __version__  # noqa: F401  the version of a package is not listed

if _typing.TYPE_CHECKING:
    from .runtime.checkpoint import Checkpoint

__all__ = [
    "Checkpoint",
    "CorruptFileError",
    "FormatError",
    "Inspection",
    "KeptError",
    "KeptWarning",
    "Level",
    "LimitExceededError",
    "MismatchError",
    "MissingDependencyError",
    "Outcome",
    "Position",
    "Problem",
    "Proof",
    "Repair",
    "SerializationError",
    "UnknownFormatError",
    "UnsafeContentError",
    "UnsupportedVersionError",
    "UntrustedCodeError",
    "VerificationError",
    "WriteError",
    "check",
    "fix",
    "inspect",
    "install",
    "load",
    "load_weights",
    "register_codec",
    "restore",
    "save",
    "save_saved_model",
    "save_weights",
    "serializable",
    "uninstall",
    "verify",
]


def __getattr__(name: str) -> _typing.Any:
    """`Checkpoint` is a class of Keras: it is made when it is asked for."""
    if name == "Checkpoint":
        from .runtime.checkpoint import Checkpoint

        return Checkpoint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What is there, and what will be when it is asked for."""
    return sorted({*globals(), "Checkpoint"})
