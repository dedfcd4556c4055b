"""URLs where paths are taken: what they are, where they lead, and every format behind one."""

import os
import stat
import subprocess
import sys
from pathlib import Path, PurePosixPath

import fsspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.errors import FormatError, KeptError, MissingDependencyError, UnknownFormatError, UnsafeContentError
from kept.formats import base
from kept.formats.base import open_artifact
from kept.formats.local_copy import local_copy
from kept.formats.places import RemotePath, is_url, locate, sizes_below
from kept.formats.source import Source
from kept.testing import FormatTests
from tests.conftest import ROOT
from tests.formats import test_conformance
from tests.formats.samples import small_archive, write_sample

SUITES = [one for one in vars(test_conformance).values() if isinstance(one, type) and issubclass(one, FormatTests)]
EXAMPLES = [one for one in SUITES if one is not FormatTests and base.formats()[one.format].reads_urls]
CONTENT = np.random.default_rng(0).bytes(3 << 20)


@pytest.fixture
def memory():
    """fsspec's files in memory, none of them there."""
    filesystem = fsspec.filesystem("memory")
    yield filesystem
    filesystem.rm("/", recursive=True)


def put(memory, path, name="model"):
    """Copies a file, or a folder, there; returns its URL."""
    memory.makedirs("/kept", exist_ok=True)
    memory.put(str(path), f"/kept/{name}", recursive=path.is_dir())
    return f"memory://kept/{name}"


@pytest.fixture
def model(memory, tmp_path):
    folder = tmp_path / "model"
    (folder / "assets" / "words").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "assets" / "words" / "list.txt").write_text("un")
    return locate(put(memory, folder))


@pytest.mark.parametrize(
    "text", ["s3://b/x.keras", "memory://x", "zip://m.keras::s3://b/x.zip", "simplecache::s3://b/x"]
)
def test_a_scheme_makes_a_url(text):
    assert is_url(text)


@pytest.mark.parametrize("text", ["model.keras", "/a//b", "C://model.keras", "a:/b", "s3:/b/x", "./s3://b", "://x", ""])
def test_everything_else_is_a_path(text):
    assert not is_url(text)
    assert locate(text) == Path(text)


def test_a_url_stays_as_it_is_spelled(model):
    assert str(model) == os.fspath(model) == "memory://kept/model"
    assert str(model / "assets" / "words") == str(model / PurePosixPath("assets/words")) == f"{model}/assets/words"
    assert ((model / "config.json").name, (model / "config.json").parent) == ("config.json", model)
    assert (model / "config.json").with_name("metadata.json") == model / "metadata.json"


def test_a_url_tells_what_it_is(model):
    config = model / "config.json"
    assert (model.is_dir(), model.is_file(), model.exists()) == (True, False, True)
    assert (config.is_dir(), config.is_file(), config.exists()) == (False, True, True)
    assert not (model / "nothing").exists()
    assert [stat.S_ISDIR(one.stat().st_mode) for one in (model, config)] == [True, False]
    with pytest.raises(FileNotFoundError):
        (model / "nothing").stat()
    assert (config.read_bytes(), config.stat().st_size) == (b"{}", 2)


def test_a_folder_behind_a_url_is_listed_as_one_of_this_machine(model, tmp_path):
    assert {one.name for one in model.iterdir()} == {"assets", "config.json"}
    assert dict(sizes_below(model)) == dict(sizes_below(tmp_path / "model")) == {
        "assets/words/list.txt": 2, "config.json": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["..", "a/../b", "/a", "a//b", "a?versionId=1", "a%2fb", "a#b", "a\\b", "x::s3:", "a\n", ""]
)
def test_a_name_that_may_lead_elsewhere_is_refused(name, model):
    with pytest.raises(UnsafeContentError) as caught:
        model / name
    assert caught.value.path == "memory://kept/model"


@pytest.mark.parametrize("suite", EXAMPLES, ids=lambda one: one.__name__)
def test_every_format_is_the_same_behind_a_url(suite, memory, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    suite().write(folder / suite.name, suite.tensors)
    url = f"{put(memory, folder)}/{suite.name}"
    with open_artifact(folder / suite.name) as here, open_artifact(url) as there:
        assert (there.format, str(there.path)) == (suite.format, url)
        assert (there.config, there.metadata, there.attributes) == (here.config, here.metadata, here.attributes)
        assert {one.path: one.read().tobytes() for one in there} == {one.path: one.read().tobytes() for one in here}
        suite().verify(there)


@pytest.mark.parametrize("suite", EXAMPLES, ids=lambda one: one.__name__)
def test_every_format_cut_behind_a_url_is_refused(suite, memory, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    suite().write(folder / suite.name, suite.tensors)
    url = f"{put(memory, folder)}/{suite.name}"
    for file in suite().parts(folder / suite.name):
        key, whole = f"/kept/model/{file.relative_to(folder)}", file.read_bytes()
        for at in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            memory.pipe(key, whole[:at])
            with pytest.raises(FormatError) as caught:
                open_artifact(url)
            assert caught.value.path.startswith("memory://kept/model/")
        memory.pipe(key, whole)


def test_a_format_that_a_library_of_paths_opens_is_refused_behind_a_url(model, monkeypatch):
    only = base.Format("folder of a library", lambda _: True, lambda *_: pytest.fail("opened"), reads_urls=False)
    monkeypatch.setattr(base, "formats", lambda: {"only": only})
    with pytest.raises(KeptError, match="folder of a library: kept cannot read it behind a URL") as caught:
        open_artifact(model)
    assert (caught.value.path, caught.value.hint) == (str(model), "copy it to this machine first")


READS = st.lists(st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 1 << 18) | st.just(2 << 20)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(reads=READS, expected=READS)
def test_what_is_read_is_what_is_there_in_whatever_order(reads, expected):
    fsspec.filesystem("memory").pipe("/kept/bytes", CONTENT)
    with Source(locate("memory://kept/bytes")) as source:
        source.expect((at, at + count) for at, count in expected)
        for at, count in reads:
            part = CONTENT[at : at + count]
            buffer = bytearray(len(part))
            source.read_into(at, memoryview(buffer))
            assert source.read_at(at, count) == source.view(at, len(part)) == buffer == part


def test_reading_beyond_the_end_is_refused(memory):
    memory.pipe("/kept/bytes", b"abc")
    with Source(locate("memory://kept/bytes")) as source, pytest.raises(FormatError, match="cut while it was read"):
        source.read_into(1, memoryview(bytearray(3)))


def test_a_file_that_shrinks_while_open_is_noticed(memory, tmp_path):
    write_sample(tmp_path / "a.keras")
    url = put(memory, tmp_path / "a.keras")
    with open_artifact(url) as artifact:
        memory.pipe("/kept/model", b"PK")
        with pytest.raises(FormatError, match="cut while it was read"):
            artifact.tensors["layers/turned/vars/0"].read()


def test_nothing_is_mapped_behind_a_url(memory, tmp_path):
    with open_artifact(put(memory, small_archive(tmp_path / "a.keras"))) as artifact:
        source = artifact.tensors["vars/0"].source
        with pytest.raises(KeptError, match="cannot be mapped"):
            source.mapped(private=True)


def test_a_copy_of_a_folder_is_gone_in_the_end_and_errors_name_the_url(model):
    with pytest.raises(UnknownFormatError) as caught, local_copy(model) as copy:
        Source(copy / "assets" / "nothing")
    assert caught.value.path == "memory://kept/model/assets/nothing"
    assert not copy.exists()


def test_a_copy_of_a_folder_is_whole(model):
    with local_copy(model) as copy:
        assert dict(sizes_below(copy)) == dict(sizes_below(model))
        assert (copy / "assets" / "words" / "list.txt").read_text() == "un"


def test_a_path_of_this_machine_is_its_own_copy(tmp_path):
    with local_copy(tmp_path) as copy:
        assert copy is tmp_path


def test_without_fsspec_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingDependencyError) as caught:
        open_artifact("s3://bucket/model.keras")
    assert (caught.value.path, caught.value.hint) == ("s3://bucket/model.keras", 'pip install "kept[remote]"')


def test_without_the_package_for_a_kind_of_url_the_error_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingDependencyError) as caught:
        open_artifact("s3://bucket/model.keras")
    assert caught.value.hint == "pip install s3fs"


def test_an_unknown_kind_of_url_is_refused():
    with pytest.raises(UnknownFormatError, match="fsspec cannot open such a URL") as caught:
        open_artifact("gopher://host/model.keras")
    assert caught.value.path == "gopher://host/model.keras"


def test_a_chain_of_urls_is_opened(memory, tmp_path):
    url = put(memory, small_archive(tmp_path / "a.keras"))
    with open_artifact(f"simplecache::{url}") as artifact:
        assert str(artifact.path) == f"simplecache::{url}"
        assert artifact.tensors["vars/0"].read().tolist() == [0, 1, 2]


def test_a_path_of_this_machine_imports_nothing_of_fsspec(tmp_path):
    source = (
        "import sys, kept\n"
        f"kept.inspect({str(small_archive(tmp_path / 'a.keras'))!r}, stats=True)\n"
        "print(sorted({'fsspec', 's3fs', 'asyncio', 'aiohttp'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, env=environment)
    assert done.stdout == "[]\n"


def test_places_are_compared_by_their_urls(memory):
    memory.pipe("/kept/a", b"a")
    assert locate("memory://kept/a") == locate("memory://kept/a") != locate("memory://kept")
    assert len({locate("memory://kept/a"), locate("memory://kept/a/")}) == 1
    assert isinstance(locate(locate("memory://kept/a")), RemotePath)
