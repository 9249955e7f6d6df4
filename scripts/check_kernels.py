#!/usr/bin/env python3
"""Holds the contract of kernels/ (kernels/README.md) on its device code: no formula and no divergence is typed in a kernel, one function
launches, and only the device features that the host shim has are used."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAUNCHER = "launch.h"  # the one file that speaks to the CUDA runtime
FORMULAS = ("exp exp2 exp10 expm1 log log2 log10 log1p pow sqrt rsqrt cbrt hypot sin cos tan sincos sinh cosh tanh asin acos atan atan2 asinh "
            "acosh atanh erf erfc tgamma lgamma fma")
FEATURES = {  # all that a name with two underscores may be
    "__global__", "__device__", "__host__", "__shared__", "__align__", "__launch_bounds__", "__restrict__", "__forceinline__",
    "__syncthreads", "__threadfence", "__shfl_sync", "__shfl_up_sync", "__shfl_down_sync", "__shfl_xor_sync",
}
FORBIDDEN = {  # what -> why
    rf"\b_*(?:{'|'.join(FORMULAS.split())})[fl]?(?:_r[nzud])?\s*\(": "is a formula, whose home is src/math",
    r"<<<": "launches: launch() of kernels/launch.h does",
    r"\bcu(?:da|dnn|blas)[A-Z]\w*\s*\(": f"calls CUDA, which only kernels/{LAUNCHER} does",
    r"\basm\b": "is assembly, which the shim cannot run",
    r"\bcooperative_groups\b": "is not among the features the shim has",
    # An atomic sum of floating-point numbers has no order; that it is one of integers must be seen at the call.
    r"\batomic\w*\s*\((?!\s*(?:static|reinterpret)_cast<(?:int|unsigned|unsigned long long)\s*\*>)": "is not seen to be of integers",
}


def divergences():
    """The words of FGAN_DIVERGENCES, and what the user types for them."""
    listed = (ROOT / "src/math/divergence/list.h").read_text(encoding="utf-8")
    pairs = re.findall(r"^  X\((\w+), (\w+)\)", listed, re.MULTILINE)
    return {word for pair in pairs for word in pair} | {id.replace("_", "-") for id, _ in pairs}


def code_of(text):
    """Without comments, line numbers kept."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)


def complaints(name, text, names):
    for line, code in enumerate(code_of(text).splitlines(), 1):
        for pattern, why in FORBIDDEN.items():
            yield from (f"{name}:{line}: '{found[0]}' {why}" for found in re.finditer(pattern, code))
        for word in re.findall(r"\b__\w+", code):
            if word not in FEATURES:
                yield f"{name}:{line}: '{word}' is not among the features the shim has"
        for word in re.findall(r"\w+(?:-\w+)*", re.sub(r"#\s*include.*", "", code)):
            if word in names:
                yield f"{name}:{line}: names the divergence '{word}'; visit() of src/math/divergence/list.h picks it"


def self_check(names):
    """Each rule finds what it is for."""
    for bad in ("y = std::exp(x);", "y = __expf (x);", "y = sqrtf(x);", "y = __fsqrt_rn(x);", "k<<<1, 2>>>();", "cudaLaunchKernel(k);",
                "asm(\"nop\");", "namespace cg = cooperative_groups;", "atomicAdd(&sum, x);", "__syncwarp();", "math::Pearson{};",
                "DivergenceId::squared_hellinger", "name == \"reverse-kl\""):
        assert list(complaints("rule", bad, names)), f"no rule finds: {bad}"
    for good in ("// exp(x) <<<", "math::value(a, x);", "atomicAdd(reinterpret_cast<unsigned long long*>(n), 1);", "__syncthreads();"):
        assert not list(complaints("rule", good, names)), f"a rule finds: {good}"


names = divergences()
assert names, "no divergence is found in list.h"
self_check(names)
files = sorted(file for file in (ROOT / "kernels").iterdir() if file.suffix in {".cu", ".cuh", ".h"} and file.name != LAUNCHER)
found = [text for file in files for text in complaints(f"kernels/{file.name}", file.read_text(encoding="utf-8"), names)]
print("\n".join(found) or f"{len(files)} files of kernels/ keep its contract")
sys.exit(1 if found else 0)
