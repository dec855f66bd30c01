// From files to Options: read, fill in what was not said, check what must hold between settings.
#pragma once

#include <string>
#include <string_view>

#include "server/base/error.h"
#include "server/config/options.h"
#include "server/config/parser.h"

namespace nats::sys {
class Tls;
}

namespace nats::config {

// Options in which nothing is set: zero and empty mean "as the default", which apply_defaults fills in.
Options blank_options();

// How reading a configuration went.
struct LoadOutcome {
  bool failed = false;        // there are errors
  bool has_warnings = false;  // "-t" refuses these too
  std::string text;           // all warnings and errors as the reference prints them; ends in "\n" when
                              // it is a list, and not when parsing itself failed
};

// Reads the file over what `options` holds already. Options are of no use when it failed. Certificates
// are looked into with `tls`.
LoadOutcome load_file(std::string_view path, sys::Files& files, const Environment& environment,
                      Options& options, sys::Tls* tls = nullptr);
// The same with the text at hand; `name` is what positions show.
LoadOutcome load_text(std::string_view text, std::string_view name, sys::Files& files,
                      const Environment& environment, Options& options, sys::Tls* tls = nullptr);

void apply_defaults(Options& options);

// What must hold between settings for a server to start or to reload. The detail is the reference's text,
// printed behind "nats-server: ". After apply_defaults.
Result<void> validate(const Options& options);
// What must hold besides for a server to start; a reload changes nothing there.
Result<void> resolve_system_account(const Options& options);

// The path below which monitoring is served: "/" or "/base".
std::string base_path(const Options& options);

}  // namespace nats::config
