#include "conformance/cli/files.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace natstwin::cli {

namespace fs = std::filesystem;

std::expected<std::string, std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(path + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::expected<void, std::string> write_text(const std::string& path, std::string_view text) {
  std::error_code error;
  const fs::path target(path);
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  const std::string temporary = path + ".tmp" + std::to_string(getpid());
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (!(out << text) || !out.flush()) return std::unexpected(path + ": cannot be written");
  }
  fs::rename(temporary, target, error);
  if (error) return std::unexpected(path + ": " + error.message());
  return {};
}

}  // namespace natstwin::cli
