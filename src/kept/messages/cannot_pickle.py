"""A model, or what holds it, cannot be pickled.

What Keras says:
    `TypeError: cannot pickle '_thread.RLock' object` (or `'_thread.lock'`, `'module'`, `'weakref'`),
    `AttributeError: Can't pickle local object '...<locals>...'`, `Can't get local object`.

When:
    `pickle.dump`, `joblib.dump`, `torch.save`, `copy.deepcopy` or multiprocessing with a model, a callback, a train
    function or an object of your own that holds one.

Why:
    Pickle stores references to code, not the code. Locks, compiled functions, lambdas and local classes have
    nothing to refer to. And unpickling runs whatever the file says.

What to do:
    Save the model with `model.save` or `kept.save`, and only plain values beside it. Hand paths to other processes,
    and load the model there.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:cannot pickle '(?P<type>[\w.]+)' object|can't pickle (?P<type_2>[\w.]+) objects?|Can't "
        r"(?:pickle|get) local object '(?P<type_3>[^']+)')"
    ),
    cause="something that is pickled with the model cannot be: {type}",
    edit="save the model with model.save or kept.save instead of pickle",
    rules=(
        "pickled-model",
        "local-class",
    ),
)
