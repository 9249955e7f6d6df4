// safetensors files, and the metadata of checkpoints in them.
#include "../unit/scratch.h"
#include "config/config.h"
#include "target.h"
#include "train/checkpoint.h"

using namespace fgan;
using namespace fgan::fuzz;

namespace {

void check_checkpoint(const SafeTensors& file) {
  CheckpointHeader header;
  if (!accepts(Exit::data, [&] { header = header_of(file); })) return;
  require(to_metadata(header_of({to_metadata(header), {}})) == to_metadata(header), "a written header reads back equal");
  accepts(Exit::data, [&] { config_from_settings(header.settings); });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::Scratch scratch;
  SafeTensors file;
  const auto path = scratch.file("file", text_of(data, size));
  accepts(Exit::data, [&] { read_safetensors(path, Checksums::required); });
  if (!accepts(Exit::data, [&] { file = read_safetensors(path, Checksums::ignored); })) return 0;
  check_checkpoint(file);
  write_safetensors(scratch / "written", file);
  write_safetensors(scratch / "again", read_safetensors(scratch / "written", Checksums::required));
  require(test::text_of(scratch / "written") == test::text_of(scratch / "again"), "a written file reads back equal");
  return 0;
}
