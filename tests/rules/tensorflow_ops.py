"""Writes the list of operations that a graph may have: `python -m tests.rules.tensorflow_ops`.

Those that TensorFlow registers, without those that reach out of the graph or that only run a cluster or an input.
"""

import re

from tests.conftest import ROOT

FILE = ROOT / "src" / "kept" / "rules" / "security" / "tensorflow_ops.txt"
LEFT_OUT = re.compile(
    r"^_|^(Experimental|DTensor|Rpc|Remote|Test|Stub|Debug|Distributed|Nccl|Collective|Infeed|Outfeed|Summary|TensorArrayGrad$)"
    r"|Dataset|Iterator|Reader|Summar|TPU|Nccl|Send|Recv|Host|File|LMDB|Record|Sql|PyFunc|Snapshot|Vocab|Checkpoint"
    r"|^(Abort|DumpTensor|CalibrationStatisticsSaver|FileSystemSetConfiguration|WorkerHeartbeat|ImportEvent|Skipgram)$"
    r"|^(DecodeProtoV2|EncodeProto|LoadAndRemapMatrix|FixedUnigramCandidateSampler|PrintV2|Print|Timestamp)$"
    r"|^(ImmutableConst|XlaCustomCall|XlaCustomCallV2|DeviceIndex)$|Rpc|BoostedTrees|^Risc|^_"
    r"|^(Save|Restore)|SessionHandle|SessionTensor|^Sleep|^(Resource(Create|Using|Initialized)Op|FakeQueue|AllToAll)$"
)
_MADE_WITH = ("Const", "FakeParam", "Placeholder", "PlaceholderWithDefault", "SymbolicGradient", "XlaCallModule")


def registered():
    """Names of all operations of the installed TensorFlow that Python can call, or that graphs are made with."""
    import tensorflow as tf
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session as session

    found = op_def_pb2.OpList()
    found.ParseFromString(session.TF_GetBuffer(session.TF_GetAllOpList()))
    return {op.name for op in found.op} & {*dir(tf.raw_ops), *_MADE_WITH}


def main():
    FILE.write_text("".join(f"{name}\n" for name in sorted(name for name in registered() if not LEFT_OUT.search(name))))


if __name__ == "__main__":
    main()
