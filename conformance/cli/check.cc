// natstwin check FILE...: syntax and names, before anything starts.
#include <cstdio>

#include "conformance/cli/commands.h"
#include "conformance/cli/options.h"
#include "conformance/cli/rows.h"
#include "conformance/script/script.h"

namespace natstwin::cli {

int run_check(const Arguments& arguments) {
  const auto options = Options::parse(arguments, {"contracts"}, {});
  if (!options || options->operands().empty()) {
    std::fprintf(stderr, "natstwin check: %s\n", options ? "needs scenario files" : options.error().c_str());
    return 2;
  }
  const Rows rows = Rows::read(options->get("contracts", "conformance/contracts") + "/rows");
  std::size_t wrong = 0;
  for (const std::string& path : options->operands()) {
    const auto script = script::load(path);
    if (!script) {
      ++wrong;
      for (const script::Problem& problem : script.error()) {
        std::printf("%s:%d: %s\n", path.c_str(), problem.line, problem.reason.c_str());
      }
      continue;
    }
    const auto unknown = rows.unknown(*script);
    for (const std::string& id : unknown)
      std::printf("%s: proves unknown row '%s'\n", path.c_str(), id.c_str());
    if (!unknown.empty()) ++wrong;
  }
  std::printf("%zu scenarios checked, %zu with errors\n", options->operands().size(), wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace natstwin::cli
