#include "conformance/cli/session.h"

#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "conformance/agent/local_agent.h"
#include "conformance/agent/remote_agent.h"

namespace natstwin::cli {

namespace fs = std::filesystem;

namespace {

std::string find_on_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const fs::path program = fs::path(rest.substr(0, end)) / name;
    if (access(program.c_str(), X_OK) == 0) return program.string();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return name;
}

bool matches(const std::vector<std::string>& globs, const std::string& name) {
  return globs.empty() || std::ranges::any_of(globs, [&](const std::string& glob) {
           return fnmatch(glob.c_str(), name.c_str(), 0) == 0;
         });
}

bool wanted(const script::Script& script, const Options& options) {
  const auto tags = options.all("tag");
  const auto skipped = options.all("skip-tag");
  const auto has = [&](const std::string& tag) { return script.has_tag(tag); };
  return (tags.empty() || std::ranges::any_of(tags, has)) && std::ranges::none_of(skipped, has);
}

}  // namespace

std::expected<std::unique_ptr<agent::Agent>, std::string> open_agent(const Options& options) {
  if (options.has("agent")) return agent::connect_to_agent(options.get("agent"));
  return agent::make_local_agent();
}

std::expected<Binary, std::string> open_binary(const std::string& reference, agent::Agent& agent) {
  if (reference.empty()) return std::unexpected("needs --server BINARY");
  Binary binary;
  const bool is_name = reference.find('/') == std::string::npos;
  binary.path = is_name ? find_on_path(reference) : fs::absolute(reference).lexically_normal().string();
  auto version = runner::version_of(binary.path, agent);
  if (!version) return std::unexpected(binary.path + ": " + version.error());
  binary.version = std::move(*version);
  return binary;
}

std::expected<std::vector<script::Script>, std::string> open_scripts(const Options& options) {
  return open_scripts(options, options.operands());
}

std::expected<std::vector<script::Script>, std::string> open_scripts(const Options& options,
                                                                     const std::vector<std::string>& names) {
  std::vector<std::string> globs;
  std::vector<std::string> files;
  for (const std::string& operand : names) {
    (operand.ends_with(".scn") ? files : globs).push_back(operand);
  }
  const fs::path root = options.get("scenarios", "scenarios");
  std::error_code error;
  if (files.empty() || !globs.empty()) {
    for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
      if (entry.path().extension() != ".scn") continue;
      const std::string name = fs::relative(entry.path(), root).replace_extension().string();
      if (matches(globs, name)) files.push_back(entry.path().string());
    }
    if (error) return std::unexpected(root.string() + ": " + error.message());
  }
  std::ranges::sort(files);
  std::vector<script::Script> scripts;
  std::size_t wrong = 0;
  for (const std::string& file : files) {
    auto script = script::load(file);
    if (!script) {
      for (const auto& problem : script.error())
        std::fprintf(stderr, "%s:%d: %s\n", file.c_str(), problem.line, problem.reason.c_str());
      ++wrong;
    } else if (wanted(*script, options)) {
      scripts.push_back(std::move(*script));
    }
  }
  if (wrong > 0)
    return std::unexpected(std::to_string(wrong) + " scenarios with errors: nothing was started");
  if (scripts.empty()) return std::unexpected("no scenario matches");
  return scripts;
}

std::string fixtures_of(const Options& options) {
  const fs::path root = options.get("scenarios", "scenarios");
  return fs::absolute(root / "fixtures").lexically_normal().string();
}

int fail(std::string_view command, const std::string& reason) {
  std::fprintf(stderr, "natstwin %.*s: %s\n", static_cast<int>(command.size()), command.data(),
               reason.c_str());
  return 2;
}

}  // namespace natstwin::cli
