// One pass of a convolution as cuDNN's operation graph, with what follows it as pointwise operations:
//   forward     x, filter -> y          = act(conv(x, filter) + bias)
//   grad_input  y, filter -> x          = act(transposed conv + bias): the generator's forward, or the gradient by x
//   grad_filter x, y      -> filter
// Tensors are N,H,W,C, filters O,H,W,I; sums are f32, and so is what lies between the sum and the result.
#pragma once

#include <string>

#include "device/cuda/cudnn_descriptor.h"
#include "device/ops.h"

namespace fgan::cuda {

// The name of each tensor in a graph, and in the variant pack that gives it memory.
enum ConvUid : std::int64_t { kUidX = 1, kUidFilter, kUidY, kUidBias };

// Whether anything follows the convolution in this job's graph.
bool has_epilogue(const ConvJob&);
ConvJob without_epilogue(ConvJob);

// A graph for the device of `handle`; null: for one that is described only (Target in cudnn_plan.h).  The job's activation and bias apply
// to forward and grad_input alone.  bias: [c] of f32.  All else is of the job's type, the written filter too: its widening to f32 is the
// caller's.
Descriptor build_graph(const Api&, cudnnHandle_t handle, const ConvJob&);

// What distinguishes one graph from another, on one line: "forward x 64x32x32x64 filter 128x4x4x64 stride 2 padding 1 bf16 bias leaky_relu
// 0.2".
std::string to_string(const ConvJob&);

}  // namespace fgan::cuda
