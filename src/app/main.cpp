// fgan: command line to verb, errors to exit codes.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <variant>

#include <unistd.h>

#include "app/verbs.h"
#include "base/log.h"
#include "base/text.h"
#include "train/stop.h"

namespace {

using namespace fgan;

// The release build is compiled for these instructions; without them the program would die of SIGILL somewhere else.
void check_processor() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    fail(Exit::device, "this processor has no AVX2 and FMA, which this build of fgan needs");
#endif
}

// OpenMP's threads spin while they wait for each other.  Where another program wants the same cores that costs a factor of 20
// (docs/decisions/0017), so they give up spinning soon.  The runtime reads its settings before main: the program starts itself anew.
void spin_briefly(char** argv) {
#if defined(__linux__)
  for (const char* chosen : {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"})
    if (std::getenv(chosen) != nullptr) return;
  if (setenv("GOMP_SPINCOUNT", "2000", 1) == 0) execv("/proc/self/exe", argv);  // returns only when it failed: then as it is
#endif
}

struct Runner {
  Exit operator()(const PrintCommand& command) const { return run_print(command); }
  Exit operator()(const TrainCommand& command) const { return run_train(command); }
  Exit operator()(const SampleCommand& command) const { return run_sample(command); }
  Exit operator()(const DataCommand& command) const { return run_data(command); }
  Exit operator()(const ListCommand& command) const { return run_list(command); }
  Exit operator()(const BenchCommand& command) const { return run_bench(command); }
};

Exit run(int argc, char** argv) {
  check_processor();
  const CommandLine line = parse_command_line(argc, argv);
  for (const std::string& warning : line.warnings) log::warn("{}", warning);
  const auto* bench = std::get_if<BenchCommand>(&line.command);
  const bool leaves_by_itself = std::holds_alternative<TrainCommand>(line.command) || std::holds_alternative<SampleCommand>(line.command) ||
                                (bench != nullptr && (bench->subject == BenchSubject::train || bench->subject == BenchSubject::loader));
  if (!leaves_by_itself) leave_at_stop_signals();
  return std::visit(Runner{}, line.command);
}

Exit report(Exit exit, const char* kind, const char* message) {
  std::fprintf(stderr, "fgan: %s%s\n", kind, printable(message).c_str());
  return exit;
}

Exit run_reporting(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    return report(error.exit(), "", error.what());
  } catch (const std::bad_alloc&) {
    return report(Exit::device, "", "not enough memory: a smaller train.batch or network needs less");
  } catch (const std::exception& error) {
    return report(Exit::internal, "internal error: ", error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  fgan::hold_stop_signals();  // before anything a signal could interrupt
  spin_briefly(argv);
  fgan::install_stop_handlers();
  return static_cast<int>(run_reporting(argc, argv));
}
