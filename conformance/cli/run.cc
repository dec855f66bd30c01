// natstwin run: plays a scenario once and prints the raw trace.
#include <cstdio>

#include "conformance/cli/commands.h"
#include "conformance/cli/session.h"

namespace natstwin::cli {

int run_run(const Arguments& arguments) {
  const auto options = Options::parse(arguments, {"server", "seed", "scenarios", "tag", "skip-tag", "agent"},
                                      {"jitter", "load", "keep"});
  if (!options) return fail("run", options.error());
  const auto scripts = open_scripts(*options);
  if (!scripts) return fail("run", scripts.error());
  const auto agent = open_agent(*options);
  if (!agent) return fail("run", agent.error());
  const auto binary = open_binary(options->get("server"), **agent);
  if (!binary) return fail("run", binary.error());
  const auto seed = options->number("seed", 1);
  if (!seed) return fail("run", seed.error());

  runner::PlayOptions play;
  play.binary = binary->path;
  play.version = binary->version;
  play.fixtures = fixtures_of(*options);
  play.seed = static_cast<std::uint64_t>(*seed);
  play.jitter = options->has("jitter");
  play.load = options->has("load");
  play.keep_directory = options->has("keep");
  int exit_code = 0;
  for (const script::Script& script : *scripts) {
    const auto played = runner::play(script, play, **agent);
    if (!played) return fail("run", played.error());
    std::fputs(trace::to_text(played->trace).c_str(), stdout);
    if (!played->directory.empty()) std::fprintf(stderr, "kept %s\n", played->directory.c_str());
    if (played->outcome == runner::Outcome::completed) continue;
    std::fprintf(stderr, "%s:%d: %s: %s\n", script.path.c_str(), played->line,
                 std::string(name_of(played->outcome)).c_str(), played->reason.c_str());
    exit_code = 1;
  }
  return exit_code;
}

}  // namespace natstwin::cli
