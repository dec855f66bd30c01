#include "conformance/cli/commands.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>

#include "conformance/runner/batch.h"

namespace natstwin::cli {
namespace {

constexpr Command table[] = {
    {"check", "FILE...", "check scenarios without starting anything", run_check},
    {"run", "SCENARIO... --server BINARY [--seed N] [--jitter] [--load] [--keep]",
     "play scenarios once and print the raw traces", run_run},
    {"record", "['AREA/GLOB'...] --server REFERENCE [--runs 5] [--jobs N] [--golden DIR]",
     "play scenarios several times on the reference and write their goldens", run_record},
    {"replay",
     "['AREA/GLOB'...] --server BINARY [--label NAME] [--out DIR] [--jobs N] [--shard I/N] [--retries N] "
     "[--update-ratchet] [--write-expected REASON]",
     "play scenarios on a binary, judge them by the goldens, write DIR/evidence.json", run_replay},
    {"capture",
     "--server URL|BINARY --out FILE.scn [--listen PORT] [--config FILE] [--note TEXT] [-- TOOL {url} ...]",
     "record what clients do through a proxy, and write it as a scenario", run_capture},
    {"live", "A B SCENARIO... | A B --listen PORT [--config FILE] [-- TOOL {url} ...]",
     "the same to two servers at once, differences as they happen", run_live},
    {"reclassify", "['AREA/GLOB'...] [--golden DIR] [--dry-run]",
     "make goldens anew from the recordings kept beside them", run_reclassify},
    {"mutate",
     "['AREA/GLOB'...] --server REFERENCE [--mutant NAME] [--per-mutant N] [--jobs N] [--out DIR] [--list]",
     "play scenarios with one wrong answer each and see whether it is caught", run_mutate},
    {"drift", "['AREA/GLOB'...] --from BINARY --to BINARY [--jobs N] [--out DIR]",
     "what changed from one server to another, as a page", run_drift},
};

constexpr int exit_interrupted = 130;

void print_usage(std::FILE* to) {
  std::fputs("natstwin: records what a NATS server does, and compares another one with it\n\n", to);
  for (const Command& command : commands()) {
    std::fprintf(to, "  natstwin %.*s %.*s\n      %.*s\n", static_cast<int>(command.name.size()),
                 command.name.data(), static_cast<int>(command.usage.size()), command.usage.data(),
                 static_cast<int>(command.summary.size()), command.summary.data());
  }
}

}  // namespace

std::span<const Command> commands() { return table; }

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  for (const int end : {SIGINT, SIGTERM}) {
    signal(end, [](int number) {
      runner::interrupt();
      signal(number, SIG_DFL);  // the second time it is meant
    });
  }
  const Arguments words(argv + 1, argv + argc);
  if (words.empty() || words.front() == "--help" || words.front() == "-h" || words.front() == "help") {
    print_usage(words.empty() ? stderr : stdout);
    return words.empty() ? 2 : 0;
  }
  const auto command = std::ranges::find(commands(), words.front(), &Command::name);
  if (command == commands().end()) {
    std::fprintf(stderr, "natstwin: unknown command '%s'\n\n", words.front().c_str());
    print_usage(stderr);
    return 2;
  }
  const Arguments arguments(words.begin() + 1, words.end());
  if (std::ranges::find(arguments, "--help") != arguments.end()) {
    std::printf("natstwin %s %s\n%s\n", words.front().c_str(), std::string(command->usage).c_str(),
                std::string(command->summary).c_str());
    return 0;
  }
  const int exit_code = command->run(arguments);
  if (!runner::is_interrupted()) return exit_code;
  std::fprintf(stderr, "natstwin: interrupted: nothing that was said here is complete\n");
  return exit_interrupted;
}

}  // namespace natstwin::cli
