// cuDNN's backend descriptors: made, filled, finalised once, and read.  Whatever cuDNN refuses is Error(device) in words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "device/cuda/errors.h"

namespace fgan::cuda {

class Descriptor {
 public:
  Descriptor(const Api&, cudnnBackendDescriptorType_t);

  Descriptor& set(cudnnBackendAttributeName_t, cudnnBackendAttributeType_t, std::int64_t count, const void* values);
  Descriptor& set(cudnnBackendAttributeName_t, std::int64_t);
  Descriptor& set(cudnnBackendAttributeName_t, std::span<const std::int64_t>);
  Descriptor& set(cudnnBackendAttributeName_t, bool);
  Descriptor& set(cudnnBackendAttributeName_t, float);
  Descriptor& set(cudnnBackendAttributeName_t, double);
  Descriptor& set(cudnnBackendAttributeName_t, cudnnDataType_t);
  Descriptor& set(cudnnBackendAttributeName_t, cudnnHandle_t);
  Descriptor& set(cudnnBackendAttributeName_t, const Descriptor&);
  Descriptor& set(cudnnBackendAttributeName_t, const std::vector<Descriptor>&);
  Descriptor& finalize();

  std::int64_t number(cudnnBackendAttributeName_t) const;
  // Up to `room` values of an enumeration.
  template <class Enum>
  std::vector<Enum> values(cudnnBackendAttributeName_t, cudnnBackendAttributeType_t, std::size_t room) const;
  // Reads into new descriptors of this type: into one, or into as many of `room` as there are.
  Descriptor child(cudnnBackendAttributeName_t, cudnnBackendDescriptorType_t) const;
  std::vector<Descriptor> children(cudnnBackendAttributeName_t, cudnnBackendDescriptorType_t, std::size_t room) const;
  // How many children there are.  Engine configurations answer 0 to this, whatever knobs they have.
  std::size_t count(cudnnBackendAttributeName_t) const;

  cudnnBackendDescriptor_t get() const { return owned_.get(); }
  const Api& api() const { return *api_; }

 private:
  std::int64_t read(cudnnBackendAttributeName_t, cudnnBackendAttributeType_t, std::int64_t room, void* values) const;

  const Api* api_;
  Owned<cudnnBackendDescriptor_t, cudnnStatus_t> owned_;
};

template <class Enum>
std::vector<Enum> Descriptor::values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::size_t room) const {
  std::vector<Enum> found(room);
  found.resize(static_cast<std::size_t>(read(name, type, static_cast<std::int64_t>(room), found.data())));
  return found;
}

}  // namespace fgan::cuda
