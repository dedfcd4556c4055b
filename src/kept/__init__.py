"""kept saves any Keras model and proves that it loads.

import kept

kept.save(model, "model.keras")      # returns once a fresh process has loaded it and found it equal
model = kept.load("model.keras")
kept.verify("model.keras")           # later, elsewhere: is it still the model that was saved?
kept.check(model)                    # before training: what would plain Keras lose?
kept.fix("src", unsafe=True)         # and mend the source of it
kept.inspect("model.keras")          # what is in a file: no Keras, nothing of it is run
kept.scan("downloads")               # is it safe to load, and whole?
kept.diff("a.keras", "b.keras")      # what differs between two files, of any formats
kept.install()                       # model.save and the rest do the same from now on
"""

from .version import __version__  # noqa: F401  the version of a package is not listed

__all__ = [
    "Checkpoint",
    "Comparison",
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
    "Scan",
    "SerializationError",
    "UnknownFormatError",
    "UnsafeContentError",
    "UnsupportedVersionError",
    "UntrustedCodeError",
    "VerificationError",
    "WriteError",
    "check",
    "diff",
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
    "scan",
    "serializable",
    "uninstall",
    "verify",
]

TYPE_CHECKING = False  # as in `typing`, which takes longer to import than all of this
if TYPE_CHECKING:
    from ._api import (
        check,
        diff,
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
        scan,
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
    from .report import Comparison, Inspection, Scan
    from .runtime.checkpoint import Checkpoint
else:

    def __getattr__(name: str) -> object:
        """A public name is imported when it is first asked for: `import kept` costs a script nothing."""
        from importlib import import_module

        for home in ("_api", "errors", "position", "proof", "report", "runtime.checkpoint") if name in __all__ else ():
            found = vars(import_module(f"{__name__}.{home}")).get(name)
            if found is not None:
                globals()[name] = found
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__
