#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/config/memory_files_for_test.h"
#include "server/config/options_loader.h"

namespace {

std::optional<std::string> environment(std::string_view name) {
  if (name == "N") return "5";
  if (name == "S") return "a b";
  if (name == "L") return "[a,b ]";
  if (name == "M") return "{a: 1}";
  if (name == "C") return "$C";
  if (name == "I") return "{ include i }";
  return std::nullopt;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

// Configuration text of any octets: loading is total and says the same twice; a failure has words;
// positions are of files that exist; and options that load can be given defaults and checked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nats::config;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  static MemoryFiles files{{"i", "port: 7\n"}, {"u", "user: a\n"}, {"a", "include a\n"}};
  // One input in eight, picked by what it holds, is loaded twice.
  bool twice = size > 0 && (data[size / 2] & 7) == 0;

  Options options = blank_options();
  LoadOutcome first = load_text(text, "a", files, environment, options);
  require(!first.failed || !first.text.empty());
  require(first.failed || first.has_warnings || first.text.empty());
  for (const Unbuilt& entry : options.unbuilt) {
    const std::string& file = entry.position.file;
    require(!entry.path.empty() && entry.position.line > 0 && (file == "a" || file == "i" || file == "u"));
  }

  if (twice) {
    Options again = blank_options();
    LoadOutcome second = load_text(text, "a", files, environment, again);
    require(first.failed == second.failed && options.config_digest == again.config_digest);
  }
  if (first.failed) return 0;
  require(options.config_digest.starts_with("sha256:"));
  int asked = options.port;
  apply_defaults(options);
  require(options.port != 0 || asked == -1);
  auto valid = validate(options);
  require(valid || !valid.error().detail.empty());
  return 0;
}
