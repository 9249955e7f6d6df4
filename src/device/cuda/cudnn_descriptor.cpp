#include "device/cuda/cudnn_descriptor.h"

#include "base/error.h"

namespace fgan::cuda {
namespace {

cudnnBackendDescriptor_t create(const Api& api, cudnnBackendDescriptorType_t type) {
  cudnnBackendDescriptor_t made = nullptr;
  FGAN_CALL(api, cudnnBackendCreateDescriptor, type, &made);
  return made;
}

}  // namespace

Descriptor::Descriptor(const Api& api, cudnnBackendDescriptorType_t type)
    : api_(&api), owned_(create(api, type), api.cudnnBackendDestroyDescriptor) {}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count, const void* values) {
  FGAN_CALL(*api_, cudnnBackendSetAttribute, get(), name, type, count, values);
  return *this;
}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, std::int64_t value) { return set(name, CUDNN_TYPE_INT64, 1, &value); }

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, std::span<const std::int64_t> values) {
  return set(name, CUDNN_TYPE_INT64, static_cast<std::int64_t>(values.size()), values.data());
}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, bool value) { return set(name, CUDNN_TYPE_BOOLEAN, 1, &value); }
Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, float value) { return set(name, CUDNN_TYPE_FLOAT, 1, &value); }
Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, double value) { return set(name, CUDNN_TYPE_DOUBLE, 1, &value); }
Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, cudnnDataType_t value) { return set(name, CUDNN_TYPE_DATA_TYPE, 1, &value); }
Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, cudnnHandle_t value) { return set(name, CUDNN_TYPE_HANDLE, 1, &value); }

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, const Descriptor& value) {
  const cudnnBackendDescriptor_t one = value.get();
  return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &one);
}

Descriptor& Descriptor::set(cudnnBackendAttributeName_t name, const std::vector<Descriptor>& values) {
  std::vector<cudnnBackendDescriptor_t> all;
  for (const Descriptor& value : values) all.push_back(value.get());
  return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<std::int64_t>(all.size()), all.data());
}

Descriptor& Descriptor::finalize() {
  FGAN_CALL(*api_, cudnnBackendFinalize, get());
  return *this;
}

std::int64_t Descriptor::read(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t room, void* values) const {
  std::int64_t count = 0;
  FGAN_CALL(*api_, cudnnBackendGetAttribute, get(), name, type, room, &count, values);
  return room > 0 && count > room ? room : count;
}

std::int64_t Descriptor::number(cudnnBackendAttributeName_t name) const {
  std::int64_t value = 0;
  read(name, CUDNN_TYPE_INT64, 1, &value);
  return value;
}

Descriptor Descriptor::child(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type) const {
  Descriptor made(*api_, type);
  cudnnBackendDescriptor_t one = made.get();
  read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &one);
  return made;
}

std::vector<Descriptor> Descriptor::children(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type, std::size_t room) const {
  std::vector<Descriptor> made;
  std::vector<cudnnBackendDescriptor_t> all;
  for (std::size_t i = 0; i < room; ++i) all.push_back(made.emplace_back(*api_, type).get());
  if (room == 0) return made;
  made.erase(made.begin() + read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<std::int64_t>(room), all.data()), made.end());
  return made;
}

std::size_t Descriptor::count(cudnnBackendAttributeName_t name) const {
  return static_cast<std::size_t>(read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, nullptr));
}

}  // namespace fgan::cuda
