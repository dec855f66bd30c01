// What the commands that play scenarios share: the agent, the binary, the scripts.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "conformance/agent/agent.h"
#include "conformance/cli/options.h"
#include "conformance/runner/play.h"
#include "conformance/script/script.h"

namespace natstwin::cli {

// The agent that --agent names, or one inside this process.
std::expected<std::unique_ptr<agent::Agent>, std::string> open_agent(const Options& options);

// An absolute path and its --version; `reference` is a path, or a name on PATH.
struct Binary {
  std::string path;
  std::string version;
};
std::expected<Binary, std::string> open_binary(const std::string& reference, agent::Agent& agent);

// Scenarios by file name, by 'area/glob*' below --scenarios (default "scenarios"), or all; then
// narrowed by --tag and --skip-tag. Any error in a script is printed and makes this fail.
std::expected<std::vector<script::Script>, std::string> open_scripts(const Options& options);
std::expected<std::vector<script::Script>, std::string> open_scripts(const Options& options,
                                                                     const std::vector<std::string>& names);

// Absolute path of the folder with certificates and the like.
std::string fixtures_of(const Options& options);

int fail(std::string_view command, const std::string& reason);

}  // namespace natstwin::cli
