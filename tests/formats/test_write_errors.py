"""The words of a failing write, one by one."""

import errno

import pytest

from kept.errors import WriteError
from kept.formats.write_errors import write_error, writing

WORDS = {
    errno.ENOSPC: """no space left on the device
  expected  room for the whole new file
  found     a full device
  hint      free some space there, or save to another place""",
    errno.EDQUOT: """the disk quota is used up
  expected  room for the whole new file
  found     no more room in the quota
  hint      free some space there, or save to another place""",
    errno.EFBIG: """the file would exceed the limit on file size
  expected  a limit that the whole file fits in
  found     a lower limit of this process (ulimit -f) or of the file system
  hint      raise the limit, or save to another file system""",
    errno.EROFS: """the file system is read-only
  expected  a file system mounted for writing
  found     a read-only one
  hint      save to another folder, or mount this file system for writing""",
    errno.EACCES: """permission denied
  expected  permission to write the file and its folder
  found     no such permission
  hint      save to a folder of your own, or change the permissions""",
    errno.EPERM: """the operation is not permitted
  expected  a file and a folder that may be changed
  found     one that is protected (another owner in a shared folder, or an immutable file)
  hint      save to a folder of your own, or change the permissions""",
    errno.ENOENT: """the folder does not exist
  expected  an existing folder
  found     no folder '/none'
  hint      create it first: os.makedirs('/none', exist_ok=True)""",
    errno.ENOTDIR: """a part of the path is not a folder
  expected  folders
  found     a file among them
  hint      choose another path""",
    errno.EISDIR: """the path is a folder
  expected  the path of a file
  found     a folder
  hint      add a file name: '/none/m.keras/model.keras'""",
    errno.EEXIST: """the file exists and overwrite=False
  expected  a path where nothing is yet
  found     an existing file
  hint      pass overwrite=True to replace it, or choose another name""",
    errno.ENAMETOOLONG: """the name is too long
  expected  at most 255 bytes
  found     7 bytes
  hint      choose a shorter name""",
    errno.ELOOP: """the symbolic links go round in a circle
  expected  links that end at a file
  found     links that lead back to themselves
  hint      remove the link, or save to another path""",
    errno.EBUSY: """the file is in use by the system
  expected  a file that can be replaced
  found     one that is mounted on its own
  hint      mount its folder instead of the file, or save to another path""",
    errno.EIO: """the device reported an error
  expected  a working device
  found     an input/output error
  hint      look at the system log, and save to another device""",
    errno.ENXIO: """the file cannot be written
  found     [Errno 6] reason
  hint      save to another path""",
}


@pytest.mark.parametrize("number", WORDS, ids=errno.errorcode.get)
def test_the_words_of_each_reason(number):
    error = write_error(OSError(number, "reason"), "/none/m.keras")
    assert str(error) == f"/none/m.keras: {WORDS[number]}"
    assert error.errno == number


def test_the_reason_that_hdf5_gives_in_its_text_is_found():
    told = OSError("Can't write data (file write failed: time = now, errno = 28, error message = 'No space left')")
    assert write_error(told, "m.keras").message == "no space left on the device"


def test_a_write_error_is_not_translated_again():
    error = WriteError("already clear")
    assert write_error(error, "m.keras") is error


def test_every_os_error_in_the_block_is_told_with_its_cause():
    with pytest.raises(OSError, match="the path is a folder") as caught, writing("m.keras"):
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    assert isinstance(caught.value, WriteError)
    assert isinstance(caught.value.__cause__, IsADirectoryError)


def test_a_url_is_no_place_to_write_to():
    told = write_error(OSError(errno.ENOENT, "No such file or directory"), "s3://bucket/model.keras")
    assert (told.path, told.message) == ("s3://bucket/model.keras", "kept writes to this machine only")
    assert told.hint == "save to a file, then copy it there"
