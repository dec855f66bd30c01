// natstwin reclassify: makes the goldens anew from the recordings kept beside them, without a server.
#include <fmt/core.h>

#include <cstdio>

#include "conformance/cli/commands.h"
#include "conformance/cli/files.h"
#include "conformance/cli/session.h"
#include "conformance/trace/golden.h"
#include "conformance/trace/raw_recordings.h"

namespace natstwin::cli {
namespace {

// True if the golden changed.
std::expected<bool, std::string> reclassify(const std::string& path, bool dry_run) {
  const auto packed = read_text(path + ".recordings.gz");
  if (!packed) return std::unexpected(packed.error());
  const auto recordings = trace::unpack_recordings(*packed);
  if (!recordings) return std::unexpected(recordings.error());
  const auto golden = trace::make_golden(*recordings);
  if (!golden) return std::unexpected(golden.error());
  const std::string text = trace::to_text(*golden);
  if (read_text(path + ".trace") == text) return false;
  if (dry_run) return true;
  if (auto written = write_text(path + ".trace", text); !written) return std::unexpected(written.error());
  return true;
}

}  // namespace

int run_reclassify(const Arguments& arguments) {
  const auto options = Options::parse(arguments, {"scenarios", "golden", "tag", "skip-tag"}, {"dry-run"});
  if (!options) return fail("reclassify", options.error());
  const auto scripts = open_scripts(*options);
  if (!scripts) return fail("reclassify", scripts.error());
  std::size_t changed = 0;
  std::size_t failed = 0;
  for (const auto& script : *scripts) {
    const auto done =
        reclassify(options->get("golden", "golden") + "/" + script.name, options->has("dry-run"));
    if (!done) {
      ++failed;
      fmt::print("FAILED   {}: {}\n", script.name, done.error());
    } else if (*done) {
      ++changed;
      fmt::print("changed  {}\n", script.name);
    }
  }
  fmt::print("{} goldens, {} changed, {} failed\n", scripts->size(), changed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace natstwin::cli
