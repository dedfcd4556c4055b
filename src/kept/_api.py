"""The public verbs: thin, documented, and the one lazy hop into `kept.runtime`, which imports Keras."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from .limits import DEFAULT_LIMITS, Limits
from .position import Position
from .proof import Level, Proof

if TYPE_CHECKING:
    from .fixing.run import Fixes
    from .report import Check, Comparison, Inspection, Scan

__all__ = [
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

PathLike = str | os.PathLike[str]


def save(
    model: Any,
    filepath: PathLike | BinaryIO,
    overwrite: bool = True,
    *,
    verify: Level | str | bool = Level.OUTPUTS,
    inputs: Any = None,
    targets: Any = None,
    embed_source: bool = True,
    include_optimizer: bool = True,
    zipped: bool = True,
    max_shard_size: float | None = None,
    weights_dtype: Any = None,
    timeout: float = 300.0,
    accelerator: bool = False,
) -> Proof:
    """Saves a model, loads it in a fresh process, compares, and only then replaces the file.

    Args:
        model: A `keras.Model`. It is left exactly as it was: variables, random streams, optimizer, attributes.
        filepath: Ends in `.keras` (or `.h5`); or a binary file object, which takes the archive once it is proven.
        overwrite: False refuses to replace an existing file.
        verify: How much is compared: "structure", "weights", "outputs" (the default) or "resume", each including those
            before it; False writes without proving.
        inputs: First argument of the call whose outputs are compared; an array, or nested lists and dicts of arrays.
            Made from the model's input spec or build shapes when None.
        targets: Targets of the training step of "resume"; made from the shapes of the outputs when None.
        embed_source: Whether the source of custom classes and functions that no installed package holds goes into the
            file, so that it is self-contained.
        include_optimizer: False leaves out what `compile` gave the model: it comes back as one that was not compiled.
        zipped: False writes what a `.keras` holds into a folder, whose path has no extension.
        max_shard_size: Refused unless None: Keras loads no whole model whose weights are in shards; `save_weights`
            writes shards.
        weights_dtype: "float16" or "bfloat16" stores the weights of layers that are float32 or float64 rounded to it;
            loading gives them back in their own type. Integers, the optimizer, random streams, metrics and whatever
            Keras itself does not save are stored as they are. The proof compares what was loaded with the rounded
            values, and no outputs and no step.
        timeout: Seconds the verifying process may take.
        accelerator: Whether the verifying process may use an accelerator. Without, it computes on the CPU; outputs of
            a model on an accelerator are then compared within 16 roundings of the type in which it computes: 8e-3 of
            the largest value for float32 (which accelerators multiply as TF32) and float16, 6e-2 for bfloat16.

    Returns:
        What was proven. Outputs on the same kind of device are equal to the bit, or the proof says by how much they
        differ (at most 1e-6 of the largest value).

    Raises:
        SerializationError: Something of the model cannot be written, or would become infinite in `weights_dtype`.
        VerificationError: What came back differs, or the verifying process died or took too long.
        WriteError: The target cannot be written.
        In each case the file that was there is untouched. `error.rescue` names a file with the model's weights.
    """
    from .runtime.save import save as run

    return run(
        model, filepath, overwrite, verify=verify, inputs=inputs, targets=targets, embed_source=embed_source,
        include_optimizer=include_optimizer, zipped=zipped, max_shard_size=max_shard_size,
        weights_dtype=weights_dtype, timeout=timeout, accelerator=accelerator,
    )  # fmt: skip


def load(
    filepath: PathLike | BinaryIO,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002  Keras's name
    safe_mode: bool = True,
    *,
    trusted: Collection[str] = (),
    renamed: Mapping[str, Any] | None = None,
    check: bool = True,
    inference: bool = False,
    mmap: bool = False,
) -> Any:
    """Loads a model that kept or Keras saved: `.keras`, `.h5`, an unzipped folder, a SavedModel.

    Args:
        filepath: The file or folder, its URL (`s3://bucket/model.keras`, docs/formats.md), or a binary file object;
            its format is recognised by content.
        custom_objects: Classes and functions by bare name, registered name or import path; they win
            over every registration.
        compile: Whether the model is compiled as it was.
        safe_mode: False lets Keras unmarshal lambdas that plain Keras wrote; only for files you trust.
        trusted: Modules that may be imported for the file (`"acme.act"`), and `"sha256:..."` of embedded sources that
            may be run; beside those of `[tool.kept] trusted` in pyproject.toml and of `KEPT_TRUSTED`.
        renamed: What has another name or place than when saved: import path (`"old.module:Old"`), registered or bare
            name then -> the class or function, or its import path now; also module -> module. `[tool.kept.renamed]`
            says the same. The weights follow.
        check: Whether a model with custom code must still give the outputs that its file records: within 1e-5 of the
            largest on the stack that made it, within 1e-3 on another, and on accelerators as in `kept.save`.
        inference: Whether a SavedModel that kept did not write may be loaded as a model that can only predict
            (TensorFlow backend).
        mmap: Whether weights lie in memory that all processes which load the file so share, for many workers that
            predict. Training copies what it changes. The file must not be written into while the model lives; to
            replace it, as `kept.save` does, is safe. Weights in files that kept did not write are copied where they
            do not lie as the backend needs them.

    Returns:
        The model, every tensor of the file in it, every variable assigned.

    Raises:
        UntrustedCodeError: It needs code that is neither here nor allowed; `kept.load(path, trusted=error.required)`
            allows exactly that.
        UnsafeContentError: It asks for something that no model needs; `error.findings` say what and where, as
            `kept.scan` does. `keras.config.enable_unsafe_deserialization()` is of no matter to `safe_mode=True`.
        MismatchError: Tensors and variables do not fit (lists all of them), or the code computes something else.
        FormatError: The bytes are not what they claim to be.
    """
    from .runtime.load import load as run

    return run(
        filepath, custom_objects, compile, safe_mode, trusted=trusted, renamed=renamed, check=check,
        inference=inference, mmap=mmap,
    )  # fmt: skip


def verify(
    path_or_model: Any,
    level: Level | str = Level.OUTPUTS,
    *,
    inputs: Any = None,
    trusted: Collection[str] = (),
    timeout: float = 300.0,
    accelerator: bool = False,
) -> Proof:
    """Answers whether a file is still the model that was saved, or whether a live model would survive a save.

    Args:
        path_or_model: A file that kept saved is compared with its fingerprint (outputs within 1e-5 of the largest on
            the stack that made it, 1e-3 on another, and on accelerators as in `kept.save`); a file of plain Keras with
            its own config and tensors. One behind a URL is copied first. A live model is saved to a temporary folder,
            proven and thrown away.
        level: "structure", "weights", "outputs" or "resume" ("resume" for live models only).
        inputs: As for `save`; only for live models.
        trusted: As for `load`.
        timeout: Seconds the verifying process may take.
        accelerator: Whether it may use an accelerator.

    Returns:
        The proof; `proof.holds` is False and `proof.problems` lists every difference where there is one.

    Raises:
        UntrustedCodeError: The file needs code that is not allowed.
        FormatError: The bytes are not what they claim to be.
        VerificationError: The file cannot be loaded, or the verifying process died or took too long.
    """
    from .runtime.verify import verify as run

    return run(path_or_model, level, inputs=inputs, trusted=trusted, timeout=timeout, accelerator=accelerator)


def check(model_or_source: Any, *, select: Collection[str] = (), ignore: Collection[str] = ()) -> Check:
    """Tells, before anything is trained, what plain Keras would fail on or lose, and what kept does about it.

    Args:
        model_or_source: A live model, which is left exactly as it was; or the name of one, `package.module:name` or
            `train.py:name`, where the name is a model or a function without arguments that returns one. Or source,
            which is read and never run: the path of a file, a notebook or a folder, a list of paths, or a text of
            several lines. For paths, what `[tool.kept]` of their project says holds too.
        select: Names of rules, codes or beginnings of codes (`"KPT2"`); all rules when empty.
        ignore: The same, for rules that are left out.

    Returns:
        The findings, one per cause; false when there are none. `print` shows them as the command line does.

    Raises:
        KeptError: It is neither a model nor source, it cannot be built, or a rule has no such name.
    """
    from .checking.targets import check_paths, check_text, source_paths

    if isinstance(model_or_source, str) and "\n" in model_or_source:
        return check_text(model_or_source, select, ignore)
    paths = source_paths(model_or_source)
    if paths is not None:
        return check_paths(paths, select, ignore)
    from .runtime.check import check as run

    return run(model_or_source, select=select, ignore=ignore)


def fix(
    paths: PathLike | Iterable[PathLike],
    *,
    unsafe: bool = False,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    exclude: Collection[str] = (),
    write: bool = True,
) -> Fixes:
    """Mends source so that plain Keras saves and loads its models; nothing of it is imported or run.

    Args:
        paths: Files, notebooks and folders.
        unsafe: Whether edits are made that may change what the program does.
        select: Names of rules, codes or beginnings of codes (`"KPT1"`); all rules when empty.
        ignore: The same, for rules that are left out.
        exclude: Patterns of files and folders that are left out.
        write: False changes no file; the changes are told all the same.

    Returns:
        The files that changed, with their content before and after; the findings that were left, with the reason; and
        the files that could not be mended, which are as they were.

    Raises:
        KeptError: A path is neither a file nor a folder, or a rule has no such name.
    """
    from .checking.options import Options
    from .fixing.run import fix_sources

    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    files = [os.fspath(one) for one in given]
    options = Options.of(files, select=select, ignore=ignore, exclude=exclude)
    made = fix_sources(files, options, unsafe=unsafe)
    return made.written() if write else made


def inspect(path: PathLike, *, stats: bool = False, histograms: bool = False, checksums: bool = False) -> Inspection:
    """Tells what a model file holds, in milliseconds: neither Keras nor anything in the file is imported or run.

    Args:
        path: A file or folder of any format that kept knows, or its URL (docs/formats.md); its content says which.
        stats: Whether all tensors are read to tell what their numbers are like (smallest, largest, mean, standard
            deviation, NaN, infinite, zeros).
        histograms: Whether that has how their numbers are distributed, too.
        checksums: Whether all tensors are read and compared with kept's record of them.

    Returns:
        Plain, frozen data: versions, layers with configs, shapes and tensors, optimizer, custom classes, embedded
        source, assets, kept's record. `print` shows it as the command line does.

    Raises:
        FormatError: The bytes are not what they claim to be, or no format recognises them.
        UnsafeContentError: It asks for something that no model needs.
    """
    from .inspecting.run import inspect_file

    return inspect_file(path, stats=stats, histograms=histograms, checksums=checksums)


def scan(
    paths: PathLike | Iterable[PathLike],
    *,
    strict: bool = False,
    trusted: Collection[str] = (),
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    jobs: int | None = None,
) -> Scan:
    """Tells whether model files are safe to load, and whole; neither Keras nor anything in them is imported or run.

    What is allowed at each place of a config is listed, as Keras itself has it. Everything else is unsafe, or code of
    somebody that loading needs: `one.required`, and `one.trusted`, which `kept.load` takes.

    Args:
        paths: Files and folders of any format; folders are searched for models.
        strict: Whether notes (code that has to be trusted among them) and files that are skipped count too.
        trusted: Modules, and `"sha256:..."` of embedded sources, that need no mention; beside those of
            `[tool.kept] trusted` in pyproject.toml and of `KEPT_TRUSTED`.
        select: Names of rules, codes or beginnings of codes (`"KPT3"`); all rules when empty.
        ignore: The same, for rules that are left out.
        limits: Caps on size, depth and time.
        jobs: Processes at most; one for each core when None. Files are judged in processes that are ended when one
            takes longer than `limits` allows; 0 judges in this one, at once and without such an end.

    Returns:
        Plain, frozen data, true when anything is unsafe, broken or doubtful; iterating gives the findings, and `files`
        what was found in each file. `print` shows it as the command line does.

    Raises:
        KeptError: Nothing is at one of the paths, or a rule has no such name.
    """
    from .scanning.options import scan as run

    return run(paths, strict=strict, trusted=trusted, select=select, ignore=ignore, limits=limits, jobs=jobs)


def diff(
    a: PathLike,
    b: PathLike,
    *,
    ignore: Iterable[str] = (),
    values: bool = True,
    tolerance: float | tuple[float, float] | None = None,
) -> Comparison:
    """Tells what differs between two model files of any format, without Keras; nothing in them is run.

    Args:
        a: A file or folder of any format that kept knows; its content says which.
        b: Another.
        ignore: What to leave out: "versions", "config", "names", "order", "weights", "state", "dtypes", "compile",
            "optimizer", "assets", "sources"; or patterns such as "seed", "*_initializer", "encoder/*" and
            "optimizer/vars/*", which are compared with keys and paths in configs, paths of layers and of tensors.
        values: Whether tensors are read; else their checksums are compared where both files have them.
        tolerance: Numbers are equal when they are no further apart than this part of the larger one, plus this; a pair
            says both: relative, absolute. To the bit when None.

    Returns:
        Plain, frozen data, true when the files differ: layers added, removed, renamed, moved and changed, tensors with
        the largest and the relative difference, optimizer, versions, assets. What only one format has a place for is
        told, and is no difference. `print` shows it as the command line does.

    Raises:
        FormatError: The bytes of one are not what they claim to be, or no format recognises them.
        UnsafeContentError: One asks for something that no model needs.
        KeptError: They have nothing in common, as a config alone and weights alone.
    """
    from .comparing.run import compare_files

    if isinstance(tolerance, (int, float)):
        tolerance = float(tolerance), float(tolerance)
    return compare_files(a, b, ignore=ignore, values=values, tolerance=tolerance)


def save_weights(
    model: Any,
    filepath: PathLike,
    overwrite: bool = True,
    max_shard_size: float | None = None,
    *,
    weights_dtype: Any = None,
    **kwargs: Any,
) -> Proof:
    """Saves the weights of a built model, reads them back in full, and only then replaces the file or the shards.

    Args:
        model: A built `keras.Model`.
        filepath: Ends in `.weights.h5`; with `max_shard_size` in `.weights.json`.
        overwrite: False refuses to replace an existing file.
        max_shard_size: The most weights in one file, in GB (2**30 bytes). The index at `filepath` names the shards
            beside it; it is replaced in one step, so that the old set or the new one is whole at every moment.
        weights_dtype: As for `save`.
        **kwargs: What `Model.save_weights` of the installed Keras takes beside.

    Returns:
        What was proven: each tensor in the file equals its variable bit for bit (with `weights_dtype` the variable
        rounded).

    Raises:
        SerializationError: The model is not built, the name does not fit, a tensor is larger than a shard, or weights
            would become infinite in `weights_dtype`.
        VerificationError: The file does not hold what the model holds.
        WriteError: The target cannot be written.
    """
    from .runtime.weights import save_weights as run

    return run(model, filepath, overwrite, max_shard_size, weights_dtype=weights_dtype, **kwargs)


def load_weights(model: Any, filepath: PathLike, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Loads weights into a built model, and accounts for every tensor and every variable.

    Args:
        model: A built `keras.Model`.
        filepath: `.weights.h5`, `.weights.json`, `.keras` or a legacy `.h5`; or its URL.
        skip_mismatch: True leaves variables that do not fit as they are, with one warning that names them.
        **kwargs: What `Model.load_weights` of the installed Keras takes beside (`by_name`, `objects_to_skip`).

    Raises:
        MismatchError: Tensors and variables do not fit, or a file of kept names another layer for a tensor. The model
            is as it was.
        FormatError: The bytes are not what they claim to be.
    """
    from .runtime.weights_loading import load_weights as run

    run(model, filepath, skip_mismatch, **kwargs)


def save_saved_model(
    model: Any,
    folder: PathLike,
    overwrite: bool = True,
    *,
    verify: Level | str | bool = Level.OUTPUTS,
    inputs: Any = None,
    targets: Any = None,
    embed_source: bool = True,
    include_optimizer: bool = True,
    timeout: float = 300.0,
    accelerator: bool = False,
) -> Proof:
    """Writes a TensorFlow SavedModel that can be served, with the whole Keras model in its `assets.extra`.

    `kept.load(folder)` gives the trainable model back. The arguments are those of `save`.

    Raises:
        SerializationError: The backend is not TensorFlow, or TensorFlow cannot export the model.
        VerificationError: As for `save`.
        WriteError: As for `save`; a folder that is no model is never replaced.
    """
    from .runtime.saved_model import save_saved_model as run

    return run(
        model, folder, overwrite, verify=verify, inputs=inputs, targets=targets, embed_source=embed_source,
        include_optimizer=include_optimizer, timeout=timeout, accelerator=accelerator,
    )  # fmt: skip


def install(*, verify: Level | str | bool = Level.OUTPUTS, embed_source: bool = True) -> None:
    """Routes every way of saving and loading in Keras through kept; works before and after Keras is imported.

    Args:
        verify: As for `save`.
        embed_source: As for `save`.
    """
    from .runtime.install import install as run

    run(verify=verify, embed_source=embed_source)


def uninstall() -> None:
    """Gives Keras all its functions back."""
    from .runtime.install import uninstall as run

    run()


def restore(
    model_or_factory: Any,
    folder: PathLike,
    *,
    custom_objects: Mapping[str, Any] | None = None,
    trusted: Collection[str] = (),
) -> tuple[Any, Position]:
    """The newest checkpoint that `kept.Checkpoint` left in a folder, and where its training stands.

        model, at = kept.restore(make_model, "run")
        for epoch in range(at.epoch, 50): ...

    The random streams of the process (Python, NumPy, Torch, Keras) go on from where they were, too. A damaged
    checkpoint is passed over with a warning that names it.

    Args:
        model_or_factory: A model, built and compiled as the saved one was, which takes the state; or a function without
            arguments that returns one. It is called only where it is needed: when there is no checkpoint yet, or the
            checkpoints hold weights alone. Else the model is loaded from the file, which is quicker than to make it.
        folder: The folder of the checkpoints.
        custom_objects: As for `load`.
        trusted: As for `load`.

    Returns:
        The model, and where its training stands. Without a checkpoint, that is the beginning, and its `path` is None.

    Raises:
        CorruptFileError: There are checkpoints, and all are damaged.
        UntrustedCodeError: As for `load`.
        MismatchError: The checkpoint is one of another model.
    """
    from .runtime.checkpoint import restore as run

    return run(model_or_factory, folder, custom_objects=custom_objects, trusted=trusted)


def register_codec(
    kind: type,
    *,
    encode: Callable[[Any], Any],
    decode: Callable[[Any], Any],
    name: str | None = None,
) -> None:
    """Teaches kept to write the values of a class that it does not know.

    A class of your own can have the methods `__kept_encode__(self)` and, as a class method,
    `__kept_decode__(cls, value)` instead.

    Args:
        kind: The class; subclasses are not included.
        encode: Takes a value and returns what it can be made from: anything that kept can write (docs/codecs.md).
        decode: Takes what `encode` returned and returns the value. A function or class of your own: its source goes
            into the file as that of any custom function, so that a process which has not registered the codec can
            load the file.
        name: By which a file asks for the codec; the import path of the class when None. A codec that is registered
            under it where the file is loaded goes before the one in the file.

    Raises:
        SerializationError: The name is taken by a codec for another class.
    """
    from .runtime.codecs.registered import register as run

    run(kind, encode, decode, name)


def serializable(target: Any = None, /, *, package: str | None = None, name: str | None = None) -> Any:
    """Declares a class or function of your own to be a part of models; used as a decorator.

        @kept.serializable(package="acme")
        class Scale(keras.layers.Layer): ...

    It is registered with Keras as `package>name`, so that Keras finds it wherever its module is imported, and the
    arguments of each constructor call are noted, so that kept can construct it again whatever its `get_config` says.
    A plain class, which Keras has no use for, becomes a value that kept can write wherever it stands in a model.

    Args:
        target: The class or function; left out when the decorator is given options.
        package: First part of the registered name; the top-level package of its module when None.
        name: Second part; the name of the class or function when None.

    Returns:
        The class or function itself; a decorator when `target` is left out.

    Raises:
        SerializationError: It is neither a class nor a function, or another one has that registered name.
    """
    from .runtime.serializable import declare

    if target is None:
        return lambda decorated: declare(decorated, package, name)
    return declare(target, package, name)
