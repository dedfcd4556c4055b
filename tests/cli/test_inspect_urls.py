"""`kept inspect` and `kept verify` of URLs, as somebody types them."""

import time

import numpy as np
import pytest

from tests.inspecting.files import by_kept
from tests.remote import environment


@pytest.fixture
def kept(python, bucket):
    """The command in a process that knows the server of the bucket."""
    known = {name: value for name, value in environment(bucket.endpoint).items() if value}
    return lambda *arguments: python.kept(*arguments, **known)


def words(text):
    """What was printed, wherever its lines end."""
    return text.split()


@pytest.fixture
def url(bucket, tmp_path):
    return bucket.put(by_kept(tmp_path / "small.keras"))


def test_a_url_is_told_of_as_a_file_is(kept, url):
    done = kept("inspect", url)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{url}   .keras archive,")
    assert words(done.out.replace(url, "small.keras")) == words(kept("inspect", "small.keras").out)


@pytest.mark.parametrize("options", [["--stats", "--checksums"], ["--format=json"]], ids=" ".join)
def test_every_look_into_a_url_is_that_into_the_file(options, kept, url):
    there = kept("inspect", *options, url).out
    assert words(there.replace(url, "small.keras")) == words(kept("inspect", *options, "small.keras").out)


def test_damage_behind_a_url_is_found_with_checksums(kept, bucket, tmp_path):
    data = bytearray(by_kept(tmp_path / "small.keras").read_bytes())
    data[data.index(np.arange(12, dtype="float32").tobytes()) + 5] ^= 1
    (tmp_path / "small.keras").write_bytes(data)
    assert kept("inspect", "--checksums", bucket.put(tmp_path / "small.keras")).code == 1


def test_what_is_not_there_is_exit_code_two(kept, bucket):
    done = kept("inspect", bucket.url("nothing.keras"))
    assert (done.code, done.err) == (2, f"kept: {bucket.url('nothing.keras')}: no such file or folder\n")


def test_a_refusal_is_exit_code_two_and_no_traceback(kept, url, bucket):
    bucket.refuse(403, "AccessDenied")
    done = kept("inspect", url)
    assert done.code == 2
    assert done.err.startswith(f"kept: {url}: access is refused\n")
    assert "Traceback" not in done.err


def test_a_server_that_hangs_does_not_keep_the_process(python, url, bucket):
    bucket.hang(20)
    source = "import sys\nfrom kept.formats.base import open_artifact\nfrom kept.limits import Limits\n"
    source += "open_artifact(sys.argv[1], Limits(request_seconds=0.5))"
    began = time.monotonic()
    done = python("-c", source, url, **{name: one for name, one in environment(bucket.endpoint).items() if one})
    assert "no answer within 0.5 s" in done.err.splitlines()[-2]
    assert time.monotonic() - began < 15
