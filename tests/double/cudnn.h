// cuDNN's descriptors as maps of attributes.
#pragma once

#include <cstring>
#include <memory>

#include "double/state.h"

namespace fgan::cuda_double {

struct Content;
using ContentPtr = std::shared_ptr<const Content>;

struct Attribute {
  cudnnBackendAttributeType_t type;
  std::vector<std::byte> bytes;
  std::vector<ContentPtr> descriptors;
};

struct Content {
  cudnnBackendDescriptorType_t type;
  bool final = false;
  std::map<int, Attribute> attributes;

  bool has(int name) const { return attributes.contains(name); }
  template <class T>
  std::vector<T> values(int name) const {
    const auto& bytes = attributes.at(name).bytes;
    std::vector<T> all(bytes.size() / sizeof(T));
    std::memcpy(all.data(), bytes.data(), all.size() * sizeof(T));
    return all;
  }
  template <class T>
  T value(int name) const {
    T one;
    std::memcpy(&one, attributes.at(name).bytes.data(), sizeof one);
    return one;
  }
  std::int64_t number(int name) const { return value<std::int64_t>(name); }
  const Content& child(int name) const { return *attributes.at(name).descriptors.at(0); }
};

// Whether an operation's tensors fit it: what finalising it asks.
bool fits(const Content& operation);

// Computes the operations of a graph one after another; memory: the address of each tensor that is not virtual, by its unique id.
void compute(const Content& graph, const std::map<std::int64_t, void*>& memory);

}  // namespace fgan::cuda_double
