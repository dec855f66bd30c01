// Whole files of text.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace natstwin::cli {

std::expected<std::string, std::string> read_text(const std::string& path);
// Makes the folders above it; replaces the file in one step.
std::expected<void, std::string> write_text(const std::string& path, std::string_view text);

}  // namespace natstwin::cli
