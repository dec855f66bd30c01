// natstwin live A B: one scenario, or a session of real clients, against two servers at once.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "conformance/agent/local_agent.h"
#include "conformance/cli/commands.h"
#include "conformance/cli/files.h"
#include "conformance/cli/live_session.h"
#include "conformance/cli/session.h"
#include "conformance/runner/mirror.h"
#include "conformance/runner/side_by_side.h"

namespace natstwin::cli {
namespace {

void print_difference(const trace::Difference& difference) {
  std::printf("  %s\n", line_of(difference).c_str());
  std::fflush(stdout);
}

std::expected<bool, std::string> play_both(const script::Script& script,
                                           const std::array<Binary, 2>& binaries, const Options& options,
                                           agent::Agent& agent) {
  runner::SideBySide sides(print_difference);
  std::array<std::expected<runner::Played, std::string>, 2> results;
  const auto play = [&](runner::SideBySide::Side side) {
    runner::PlayOptions play_options;
    play_options.binary = binaries[side].path;
    play_options.version = binaries[side].version;
    play_options.fixtures = fixtures_of(options);
    play_options.seed = 1 + side;
    play_options.on_event = [&sides, side](const trace::Event& event) { sides.add(side, event); };
    results[side] = runner::play(script, play_options, agent);
  };
  {
    const std::jthread other([&] { play(runner::SideBySide::right); });
    play(runner::SideBySide::left);
  }
  for (const auto& result : results) {
    if (!result) return std::unexpected(result.error());
  }
  const auto verdict = sides.finish();
  const bool same_end = results[0]->outcome == results[1]->outcome;
  if (!same_end) {
    std::printf("  A %s %s, B %s %s\n", std::string(name_of(results[0]->outcome)).c_str(),
                results[0]->reason.c_str(), std::string(name_of(results[1]->outcome)).c_str(),
                results[1]->reason.c_str());
  }
  return verdict.differences.empty() && same_end;
}

int live_scenarios(const Options& options, const std::array<Binary, 2>& binaries, agent::Agent& agent) {
  const std::vector<std::string> names(options.operands().begin() + 2, options.operands().end());
  const auto scripts = open_scripts(options, names);
  if (!scripts) return fail("live", scripts.error());
  std::size_t different = 0;
  for (const script::Script& script : *scripts) {
    std::printf("%s\n", script.name.c_str());
    const auto same = play_both(script, binaries, options, agent);
    if (!same) return fail("live", same.error());
    if (!*same) ++different;
  }
  std::printf("%zu scenarios, %zu different\n", scripts->size(), different);
  return different == 0 ? 0 : 1;
}

int live_session(const Options& options, const std::array<Binary, 2>& binaries,
                 const std::vector<std::string>& command, agent::Agent& agent) {
  EndSignals signals;
  const std::string config_path = options.get("config");
  const auto config =
      config_path.empty() ? std::expected<std::string, std::string>("") : read_text(config_path);
  const auto port = options.number("listen", 0);
  if (!config) return fail("live", config.error());
  if (!port) return fail("live", port.error());
  OwnServer a(agent);
  OwnServer b(agent);
  const auto left = a.start(binaries[0].path, *config);
  const auto right = b.start(binaries[1].path, *config);
  if (!left || !right) return fail("live", left ? right.error() : left.error());
  runner::SideBySide sides(print_difference);
  const auto mirror = runner::Mirror::open(static_cast<int>(*port), left->port, right->port, sides);
  if (!mirror) return fail("live", mirror.error());
  const std::string url = fmt::format("nats://127.0.0.1:{}", (*mirror)->port());
  std::fprintf(stderr, "both on %s; clients see the answers of A\n", url.c_str());
  const auto serve = [&](const std::function<bool()>& over) { (*mirror)->run(over); };
  if (auto done = serve_session(agent, command, url, signals, serve); !done)
    return fail("live", done.error());
  const auto verdict = sides.finish();
  std::printf("%zu differences\n", verdict.differences.size());
  return verdict.differences.empty() ? 0 : 1;
}

}  // namespace

int run_live(const Arguments& arguments) {
  const auto dashes = std::ranges::find(arguments, "--");
  const auto options =
      Options::parse({arguments.begin(), dashes}, {"listen", "config", "scenarios", "tag", "skip-tag"}, {});
  if (!options) return fail("live", options.error());
  const std::vector<std::string> command(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
  if (options->operands().size() < 2) return fail("live", "needs two binaries");
  const auto agent = agent::make_local_agent();
  std::array<Binary, 2> binaries;
  for (std::size_t i = 0; i < binaries.size(); ++i) {
    auto binary = open_binary(options->operands()[i], *agent);
    if (!binary) return fail("live", binary.error());
    binaries[i] = std::move(*binary);
    std::printf("%c: %s (%s)\n", "AB"[i], binaries[i].path.c_str(), binaries[i].version.c_str());
  }
  if (options->operands().size() > 2) return live_scenarios(*options, binaries, *agent);
  if (!options->has("listen") && command.empty())
    return fail("live", "needs scenarios, --listen PORT, or a tool behind --");
  return live_session(*options, binaries, command, *agent);
}

}  // namespace natstwin::cli
