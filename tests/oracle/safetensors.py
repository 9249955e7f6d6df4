"""Reads a safetensors file: u64 little-endian length of a JSON header, the header, then the tensors' bytes.

Written from the format's description (https://github.com/huggingface/safetensors, "Format"), not from the program's writer.
"""
import dataclasses
import json
import struct

import numpy as np

DTYPES = {"F32": "<f4", "F64": "<f8", "U8": "u1", "I32": "<i4", "I64": "<i8", "U64": "<u8"}


@dataclasses.dataclass
class Dump:
    """Tensors by name, and the file's metadata (strings)."""
    tensors: dict
    metadata: dict

    def __getitem__(self, name):
        return self.tensors[name]

    def __contains__(self, name):
        return name in self.tensors

    def setting(self, key):
        """A setting of the run, as `section.key`; None when the file does not have it."""
        return self.metadata.get("setting." + key)

    def number(self, key):
        return float(self.metadata[key])

    def under(self, prefix, suffix):
        """{name: tensor} of the tensors `prefix<name>suffix`, as float64."""
        return {name[len(prefix):len(name) - len(suffix)]: tensor.astype(np.float64)
                for name, tensor in self.tensors.items()
                if name.startswith(prefix) and name.endswith(suffix)}


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + length])
    data = memoryview(content)[8 + length:]
    metadata = header.pop("__metadata__", {})
    tensors, covered = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        if begin != covered:
            raise ValueError(f"{path}: hole or overlap before {name}")
        covered = end
        tensor = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
        tensors[name] = tensor.reshape(entry["shape"]).copy()
    if covered != len(data):
        raise ValueError(f"{path}: {len(data) - covered} bytes belong to no tensor")
    return Dump(tensors, metadata)
