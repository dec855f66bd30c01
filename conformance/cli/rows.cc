#include "conformance/cli/rows.h"

#include <filesystem>
#include <fstream>

namespace natstwin::cli {

Rows Rows::read(const std::string& folder) {
  Rows rows;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".csv") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with('#') || line.starts_with("id,")) continue;
      rows.ids_.insert(line.substr(0, line.find(',')));
    }
  }
  return rows;
}

// A subtest counts as its test: go:TestName/sub is go:TestName.
bool Rows::contains(std::string_view id) const {
  if (ids_.contains(id)) return true;
  if (!id.starts_with("go:")) return false;
  for (auto slash = id.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = id.rfind('/', slash - 1)) {
    if (ids_.contains(id.substr(0, slash))) return true;
  }
  return false;
}

std::vector<std::string> Rows::unknown(const script::Script& script) const {
  std::vector<std::string> unknown;
  if (empty()) return unknown;
  for (const std::string& id : script.proves) {
    if (!contains(id)) unknown.push_back(id);
  }
  return unknown;
}

}  // namespace natstwin::cli
