// The commands of natstwin. Each takes the arguments after its name and returns an exit code:
// 0 all is well, 1 something differs or fails, 2 it could not be tried.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::cli {

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view usage;
  std::string_view summary;
  int (*run)(const Arguments& arguments);
};

std::span<const Command> commands();

int run_check(const Arguments& arguments);
int run_run(const Arguments& arguments);
int run_record(const Arguments& arguments);
int run_replay(const Arguments& arguments);
int run_capture(const Arguments& arguments);
int run_live(const Arguments& arguments);
int run_reclassify(const Arguments& arguments);
int run_mutate(const Arguments& arguments);
int run_drift(const Arguments& arguments);

int main(int argc, char** argv);

}  // namespace natstwin::cli
