// Normalisation per channel and row group, two passes for the moments.
#include <cmath>
#include <vector>

#include "device/naive/ops.h"

namespace fgan {
namespace {

// The elements of one channel of some rows: i = first, first + step, ... below end.
struct Strand {
  std::size_t first, end, step;
  double count() const { return static_cast<double>((end - first + step - 1) / step); }
};

Strand strand(const Shape& s, const RowGroup& rows, std::int64_t channel) {
  const auto place = [](std::int64_t i) { return static_cast<std::size_t>(i); };
  return {place(rows.first * s.example() + channel), place((rows.first + rows.count) * s.example()), place(s.c)};
}

struct Moments {
  double mean, variance;
};

Moments moments_of(const Numbers& x, const Strand& s) {
  double sum = 0, squares = 0;
  for (std::size_t i = s.first; i < s.end; i += s.step) sum += x[i];
  const double mean = sum / s.count();
  for (std::size_t i = s.first; i < s.end; i += s.step) squares += (x[i] - mean) * (x[i] - mean);
  return {mean, squares / s.count()};
}

// The rows that share a mean and a variance, in the order of the sets of moments.
std::vector<RowGroup> parts_of(const NormSpec& spec, Groups groups, std::int64_t rows) {
  if (!measures_rows(spec.statistics)) return {{0, rows, Role::reference}};
  if (spec.statistics == Statistics::batch) return {groups.begin(), groups.end()};
  FGAN_CHECK(begins_with_reference(groups), "the first group must be the reference");
  if (spec.statistics == Statistics::reference) return {groups.begin(), groups.end()};
  std::vector<RowGroup> parts{groups[0]};
  for (const RowGroup& group : groups.subspan(1))
    for (std::int64_t row = 0; row < group.count; ++row) parts.push_back({group.first + row, 1, group.role});
  return parts;
}

// Moments of one channel as stored; of each part by itself.
class Stored {
 public:
  Stored(In moments, std::int64_t channels, std::int64_t channel) : at_(floats(moments)), channels_(channels), channel_(channel) {}
  Moments get(std::size_t set) const { return {mean(set), variance(set)}; }
  void put(std::size_t set, const Moments& m) {
    mean(set) = static_cast<float>(m.mean);
    variance(set) = static_cast<float>(m.variance);
  }

 private:
  float& mean(std::size_t set) const { return at_[static_cast<std::int64_t>(set) * 2 * channels_ + channel_]; }
  float& variance(std::size_t set) const { return at_[(static_cast<std::int64_t>(set) * 2 + 1) * channels_ + channel_]; }
  float* at_;
  std::int64_t channels_, channel_;
};

// Whether normalize measures the part's own moments.
bool measures(Statistics statistics, std::size_t part) {
  return measures_rows(statistics) && (part == 0 || statistics != Statistics::reference);
}

// What the part is normalised by; n: reference rows.
Moments moments_for(const NormSpec& spec, const Stored& stored, std::size_t part, double n) {
  switch (spec.statistics) {
    case Statistics::none: return {0, 1 - static_cast<double>(spec.epsilon)};
    case Statistics::batch: return stored.get(part);
    case Statistics::given:
    case Statistics::reference: return stored.get(0);
    case Statistics::virtual_batch: break;
  }
  const Moments reference = stored.get(0), own = stored.get(part);
  if (part == 0) return reference;
  const double share = n / (n + 1), own_share = 1 / (n + 1), apart = reference.mean - own.mean;
  return {share * reference.mean + own_share * own.mean,
          share * reference.variance + own_share * own.variance + share * own_share * apart * apart};
}

}  // namespace

void NaiveOps::normalize(Queue&, const NormSpec& spec, Groups groups, In x, In gain, In bias, Out y, Out moments) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && gain.shape.count() == channels && bias.shape.count() == channels,
             "normalize of {}", to_string(x.shape));
  FGAN_CHECK(!measures_rows(spec.statistics) || x.data != y.data, "statistics of the batch cannot work in place");
  const std::vector<RowGroup> parts = parts_of(spec, groups, x.shape.n);
  const Numbers inputs = read(x);
  Numbers outputs = zeros_like(y);
  for (std::int64_t c = 0; c < channels; ++c) {
    Stored stored(moments, channels, c);
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const Strand s = strand(x.shape, parts[p], c);
      if (measures(spec.statistics, p)) stored.put(p, moments_of(inputs, s));
      const Moments used = moments_for(spec, stored, p, static_cast<double>(parts[0].count));
      const double scale = floats(gain)[c] / std::sqrt(used.variance + spec.epsilon);
      for (std::size_t i = s.first; i < s.end; i += s.step)
        outputs[i] = math::value(spec.activation, scale * (inputs[i] - used.mean) + floats(bias)[c]);
    }
  }
  write(outputs, y);
}

namespace {

struct Sums {
  double d = 0, dz = 0;
};

// Of one channel, with d = dy * slope(y), z = (x - mean) / sd and sums over each part.
struct Part {
  Strand strand;
  Moments used;
  double per_sd;
  Sums sums;
};

// What a part's dx loses to its mean and variance: dx = gain / sd * (d - loss.d - z * loss.dz).  The derivatives of the moments of U
// numbers x are 1 / U and 2 (x - mean) / U, which makes the sums over U of what these moments normalise; also for virtual_batch, where
// a row and the reference are U = (n + 1) h w numbers with the joint mean and variance.  To the reference each row i then adds
//   1 / (U sd_i) * (sum d + (x - mean_i) / sd_i * sum d z),   x - mean_i = (x - mean_r) + (mean_r - mean_i).
Sums loss_of(const NormSpec& spec, const std::vector<Part>& parts, std::size_t p) {
  const Part& part = parts[p];
  const double count = part.strand.count();
  if (spec.statistics == Statistics::none) return {};
  if (spec.statistics == Statistics::batch) return {part.sums.d / count, part.sums.dz / count};
  const bool joint = spec.statistics == Statistics::virtual_batch;
  if (p > 0) {
    const double together = parts[0].strand.count() + count;
    return joint ? Sums{part.sums.d / together, part.sums.dz / together} : Sums{};
  }
  if (!spec.reference_gradient) return {};
  Sums loss{part.sums.d / count, part.sums.dz / count};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Part& row = parts[i];
    const double together = joint ? count + row.strand.count() : count, sd = 1 / part.per_sd;
    const double apart = (part.used.mean - row.used.mean) * row.per_sd;
    loss.d += sd * row.per_sd * (row.sums.d + apart * row.sums.dz) / together;
    loss.dz += sd * sd * row.per_sd * row.per_sd * row.sums.dz / together;
  }
  return loss;
}

}  // namespace

void NaiveOps::normalize_grad(Queue&, const NormSpec& spec, Groups groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain,
                              Out dbias) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(spec.statistics != Statistics::given, "normalize_grad does not know given statistics");
  FGAN_CHECK(static_cast<bool>(dgain) == static_cast<bool>(dbias), "dgain and dbias are wanted together or not at all");
  FGAN_CHECK(x.dtype == y.dtype && x.dtype == dy.dtype && (!dx || x.dtype == dx.dtype), "normalize_grad of {}", to_string(x.shape));
  const std::vector<RowGroup> rows = parts_of(spec, groups, x.shape.n);
  const Numbers inputs = read(x), outputs = read(y);
  Numbers slopes = read(dy), gradient = zeros_like(x);
  for (std::size_t i = 0; i < slopes.size(); ++i) slopes[i] *= math::slope_from_output(spec.activation, outputs[i]);
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto z = [&](const Part& part, std::size_t i) { return (inputs[i] - part.used.mean) * part.per_sd; };
    std::vector<Part> parts;
    Sums total;
    for (std::size_t p = 0; p < rows.size(); ++p) {
      const Moments used = moments_for(spec, Stored(moments, channels, c), p, static_cast<double>(rows[0].count));
      Part part{strand(x.shape, rows[p], c), used, 1 / std::sqrt(used.variance + spec.epsilon), {}};
      for (std::size_t i = part.strand.first; i < part.strand.end; i += part.strand.step) {
        part.sums.d += slopes[i];
        part.sums.dz += slopes[i] * z(part, i);
      }
      total.d += part.sums.d;
      total.dz += part.sums.dz;
      parts.push_back(part);
    }
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const Part& part = parts[p];
      const Sums loss = loss_of(spec, parts, p);
      for (std::size_t i = part.strand.first; i < part.strand.end; i += part.strand.step)
        gradient[i] = floats(gain)[c] * part.per_sd * (slopes[i] - loss.d - z(part, i) * loss.dz);
    }
    if (dgain) floats(dgain)[c] = static_cast<float>(total.dz);
    if (dbias) floats(dbias)[c] = static_cast<float>(total.d);
  }
  if (dx) write(gradient, dx);
}

}  // namespace fgan
