// plans.txt: the engines that cuDNN used before.
#include "device/cuda/plan_choices.h"
#include "target.h"

using namespace fgan;
using namespace fgan::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cuda::PlanChoices choices, again;
  choices.merge(text_of(data, size));
  again.merge(choices.text());
  require(again.text() == choices.text(), "written choices read back equal");
  choices.set("a graph", "an engine");
  again.merge(choices.text());
  require(*again.find("a graph") == "an engine" && again.text() == choices.text(), "a new choice goes before what is known");
  return 0;
}
