"""Checkpoints as Orbax lays them out, written with tensorstore and without JAX."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from kept.formats.dtypes import numpy_type


def leaf(keys, kind="jax.Array", **value):
    """A leaf of the tree as `_METADATA` has it."""
    return {
        "key_metadata": [{"key": key, "key_type": 2} for key in keys],
        "value_metadata": {"value_type": kind, "skip_deserialize": False, **value},
    }


def write_tree(folder: Path, leaves, *, in_one=True, is_v3=False, texts=None) -> None:
    """The JSON of one item; `leaves` are dicts as `leaf` makes them."""
    folder.mkdir(parents=True, exist_ok=True)
    named = {str(tuple(one["key"] for one in value["key_metadata"])): value for value in leaves}
    about = {"tree_metadata": named, "use_ocdbt": in_one, "use_zarr3": is_v3}
    about["store_array_data_equal_to_fill_value"] = True
    (folder / "_METADATA").write_text(json.dumps(about))
    if texts:
        (folder / "_strings.json").write_text(json.dumps(texts))


def write_arrays(folder: Path, arrays: dict[str, np.ndarray], *, in_one=True, is_v3=False) -> None:
    """One item: the arrays by path, and the JSON that lists them."""
    import tensorstore

    write_tree(folder, [leaf(path.split("/")) for path in arrays], in_one=in_one, is_v3=is_v3)
    database = {"driver": "ocdbt", "base": {"driver": "file", "path": f"{folder}/"}}
    context = tensorstore.Context()  # of all together, so that one file of data has all of them
    with tensorstore.Transaction() as transaction:
        for path, array in arrays.items():
            name = path.replace("/", ".")
            store = {**database, "path": f"{name}/"} if in_one else {"driver": "file", "path": f"{folder / name}/"}
            spec = {"driver": "zarr3" if is_v3 else "zarr", "kvstore": store, "store_data_equal_to_fill_value": True}
            dtype = tensorstore.dtype(numpy_type(array.dtype.name))
            how = {"context": context, "transaction": transaction if in_one else None}
            created = tensorstore.open(spec, create=True, dtype=dtype, shape=array.shape, **how).result()
            created.write(array).result()
