// The recordings that a golden was made of, kept beside it so that a better classification can judge
// them again. One compressed file; the same recordings give the same bytes.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/trace.h"

namespace natstwin::trace {

std::string pack_recordings(std::span<const Trace> recordings);
std::expected<std::vector<Trace>, std::string> unpack_recordings(std::string_view packed);

}  // namespace natstwin::trace
