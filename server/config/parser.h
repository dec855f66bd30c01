// Configuration text to a Document: brackets, variables, includes, number suffixes.
//
// A variable is looked up in the maps around it, innermost first, then in the environment, whose
// value is itself configuration text. Parsing stops at the first error, worded as the reference's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/error.h"
#include "server/config/document.h"

namespace nats::sys {
class Files;
}

namespace nats::config {

// Gives the value of an environment variable: bind it to sys::Process::environment.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// Reads and parses the file and what it includes.
Result<Document> parse_file(std::string_view path, sys::Files& files, const Environment& environment);

// Parses text; `name` is what positions show, and included files are looked for beside it.
Result<Document> parse_text(std::string_view text, std::string_view name, sys::Files& files,
                            const Environment& environment);

// "sha256:..." of the parsed values, as the reference computes it: comments, order and the spelling
// of values do not matter. Fails when values are nested deeper than the reference can print, or
// when variables multiply them beyond all use.
Result<std::string> digest(const Document& document);

}  // namespace nats::config
