#include "nn/layers/dropout.h"

#include <limits>

#include "base/error.h"

namespace fgan {

Shape Dropout::declare(ParamStore&, Shape in) {
  FGAN_CHECK(first_element_ + in.example() <= std::numeric_limits<std::uint32_t>::max(), "more hidden values than random numbers in a row");
  return in;
}

math::DropoutSpec Dropout::spec(const Pass& pass) const {
  return {.rate = rate_,
          .seed = pass.masks.seed,
          .purpose = pass.masks.purpose,
          .first_row = static_cast<std::uint32_t>(pass.masks.first_row),
          .first_element = static_cast<std::uint32_t>(first_element_)};
}

void Dropout::forward(const Pass& pass, const ParamStore&, In x, Out y, Out) const {
  if (pass.masks.counter) pass.ops.dropout(pass.queue, spec(pass), pass.masks.counter, x, y);
  else pass.ops.copy(pass.queue, x, y);
}

void Dropout::backward(const Pass& pass, const ParamStore&, In, In, In dy, Out dx, In) const {
  FGAN_CHECK(pass.masks.counter, "going back through dropout needs the masks of the way forward");
  if (dx) pass.ops.dropout(pass.queue, spec(pass), pass.masks.counter, dy, dx);
}

}  // namespace fgan
