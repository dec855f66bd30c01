// natstwin capture: a recording proxy in front of a server; what a client or tool does through it
// becomes a scenario.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "conformance/agent/local_agent.h"
#include "conformance/cli/commands.h"
#include "conformance/cli/files.h"
#include "conformance/cli/live_session.h"
#include "conformance/cli/options.h"
#include "conformance/cli/session.h"
#include "conformance/runner/capture_proxy.h"

namespace natstwin::cli {
namespace {

namespace fs = std::filesystem;

std::expected<Address, std::string> parse_address(std::string_view text) {
  if (text.starts_with("nats://")) text.remove_prefix(7);
  const auto colon = text.rfind(':');
  Address address{std::string(text.substr(0, colon)), 0};
  if (address.host == "localhost") address.host = "127.0.0.1";
  const char* end = text.data() + text.size();
  const bool has_port = colon != std::string_view::npos && colon > 0;
  if (!has_port || std::from_chars(text.data() + colon + 1, end, address.port).ptr != end ||
      address.port == 0) {
    return std::unexpected("a server is nats://HOST:PORT or a binary, not '" + std::string(text) + "'");
  }
  return address;
}

std::string scenario_name(const fs::path& out) {
  const std::string area = out.has_parent_path() ? out.parent_path().filename().string() : "";
  return (area.empty() ? "captured" : area) + "/" + out.stem().string();
}

struct Capture {
  agent::Agent& agent;
  const Options& options;
  std::vector<std::string> command;

  std::expected<int, std::string> run() {
    EndSignals signals;
    const std::string config_path = options.get("config");
    const auto config =
        config_path.empty() ? std::expected<std::string, std::string>("") : read_text(config_path);
    if (!config) return std::unexpected(config.error());
    const auto port = options.number("listen", 0);
    if (!port) return std::unexpected(port.error());
    OwnServer own(agent);
    const std::string target = options.get("server");
    const bool is_binary = fs::exists(target);
    const auto address =
        is_binary ? own.start(fs::absolute(target).string(), *config) : parse_address(target);
    if (!address) return std::unexpected(address.error());
    auto proxy = runner::CaptureProxy::open(static_cast<int>(*port), address->host, address->port);
    if (!proxy) return std::unexpected(proxy.error());
    const std::string url = fmt::format("nats://127.0.0.1:{}", (*proxy)->port());
    std::fprintf(stderr, "capturing on %s\n", url.c_str());
    const auto serve = [&](const std::function<bool()>& over) { (*proxy)->run(over); };
    if (auto done = serve_session(agent, command, url, signals, serve); !done)
      return std::unexpected(done.error());
    return write((*proxy)->captured(), *config);
  }

  std::expected<int, std::string> write(const std::vector<runner::CapturedBytes>& captured,
                                        const std::string& config) const {
    const std::string out = options.get("out");
    std::string note = options.get("note");
    if (note.empty()) {
      note = "captured";
      for (const std::string& word : command)
        note += (note == "captured" ? ": " : " ") + fs::path(word).filename().string();
    }
    const auto script = runner::make_script({scenario_name(out), note, config}, captured);
    for (const std::string& warning : script.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
    const auto clients =
        std::ranges::count(captured, runner::CapturedBytes::Kind::opened, &runner::CapturedBytes::kind);
    if (clients == 0) return std::unexpected("no client came: nothing is written");
    if (auto written = write_text(out, script.text); !written) return std::unexpected(written.error());
    const auto parsed = script::load(out);
    if (!parsed) {
      const script::Problem& problem = parsed.error().front();
      return std::unexpected(fmt::format("{}:{}: {}", out, problem.line, problem.reason));
    }
    std::fprintf(stderr, "%s: %zu statements of %ld clients\n", out.c_str(), parsed->statements.size(),
                 static_cast<long>(clients));
    return 0;
  }
};

}  // namespace

int run_capture(const Arguments& arguments) {
  const auto dashes = std::ranges::find(arguments, "--");
  const auto options =
      Options::parse({arguments.begin(), dashes}, {"server", "listen", "out", "config", "note"}, {});
  if (!options) return fail("capture", options.error());
  if (!options->operands().empty() || !options->has("server") || !options->get("out").ends_with(".scn")) {
    return fail("capture", "needs --server URL|BINARY and --out FILE.scn; a tool to run stands behind --");
  }
  const auto agent = agent::make_local_agent();
  Capture capture{*agent, *options, {}};
  if (dashes != arguments.end()) capture.command.assign(dashes + 1, arguments.end());
  const auto done = capture.run();
  return done ? *done : fail("capture", done.error());
}

}  // namespace natstwin::cli
