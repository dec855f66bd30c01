// What scenarios do to the files of a server, and what they read there.
#include <fmt/core.h>

#include "conformance/runner/run.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {

using script::Statement;
using trace::Direction;

namespace {

constexpr std::uint64_t pid_digits_max = 10;

// `read A nats.pid` names "nats.pid" as the script spells it: a value behind a variable would differ.
std::string spelled_name(const Statement& statement) {
  const auto after_verb = script::split_word(statement.source).second;
  const auto name = script::split_word(after_verb).second;
  return name.empty() ? "." : std::string(name);
}

std::string without_pid(std::string name, const Server& server) {
  const std::string pid = std::to_string(server.pid());
  if (const auto at = name.find(pid); at != std::string::npos)
    name.replace(at, pid.size(), "${" + server.name() + ".pid}");
  return name;
}

// An offset that may count from the end; npos outside the file.
std::size_t offset_in(const std::string& bytes, long number) {
  const long size = static_cast<long>(bytes.size());
  const long offset = number < 0 ? size + number : number;
  return offset < 0 || offset > size ? std::string::npos : static_cast<std::size_t>(offset);
}

}  // namespace

Flow Run::set_config(const Statement& statement) {
  Server& actor = server(statement.actor);
  actor.set_config(statement.pieces);
  if (auto written = actor.write_config(lookup()); !written) return own_failure(written.error());
  return {};
}

Flow Run::set_flags(const Statement& statement) {
  server(statement.actor).set_flags(statement.words);
  return {};
}

Flow Run::write_file(const Statement& statement) {
  const auto text = script::expand(statement.pieces, lookup());
  if (!text) return unresolved(text.error());
  const auto written = agent_.write_file(server(statement.actor).directory() + "/" + statement.word, *text);
  if (!written) return own_failure(written.error());
  return {};
}

Flow Run::remove_file(const Statement& statement) {
  const auto name = script::expand(statement.text, lookup());
  if (!name) return unresolved(name.error());
  const auto removed = agent_.remove_file(server(statement.actor).directory() + "/" + *name);
  std::vector<trace::Leaf> leaves{{"removed", removed ? "true" : "false"}};
  record(statement.actor, Direction::sent, "remove " + *name, std::move(leaves));
  return {};
}

Flow Run::read_file(const Statement& statement) {
  const auto name = script::expand(statement.text, lookup());
  if (!name) return unresolved(name.error());
  Server& actor = server(statement.actor);
  const auto text = agent_.read_file(actor.directory() + "/" + *name, 0);
  std::vector<trace::Leaf> leaves{{"exists", text ? "true" : "false"}};
  if (text && *text == std::to_string(actor.pid())) {
    leaves.push_back({"body[0]", trace::quote_bytes("${" + actor.name() + ".pid}")});
  } else if (text && (!text->starts_with('{') || !trace::append_json(*text, "json", leaves))) {
    trace::append_lines(*text, "body", leaves);
  }
  record(statement.actor, Direction::state, "FILE " + spelled_name(statement), std::move(leaves));
  return {};
}

Flow Run::list_files(const Statement& statement) {
  const auto name = script::expand(statement.text, lookup());
  if (!name) return unresolved(name.error());
  Server& actor = server(statement.actor);
  const std::string directory = actor.directory() + "/" + *name;
  const auto files = agent_.list_directory(directory);
  std::vector<trace::Leaf> leaves{{"exists", files ? "true" : "false"}};
  for (std::size_t i = 0; files && i < files->size(); ++i) {
    const agent::FileInfo& file = (*files)[i];
    leaves.push_back({fmt::format("files[{}].name", i), trace::quote_bytes(without_pid(file.name, actor))});
    if (file.directory) {
      leaves.push_back({fmt::format("files[{}].directory", i), "true"});
      continue;
    }
    // A file that holds the pid is as long as the pid happens to be.
    const auto text = file.size <= pid_digits_max ? agent_.read_file(directory + "/" + file.name, 0) : "";
    const bool is_pid = text && *text == std::to_string(actor.pid());
    leaves.push_back({fmt::format("files[{}].size", i), is_pid ? "\"pid\"" : std::to_string(file.size)});
  }
  record(statement.actor, Direction::state, "LIST " + spelled_name(statement), std::move(leaves));
  return {};
}

Flow Run::damage_file(const Statement& statement) {
  record_statement(statement);
  const auto name = script::expand(statement.text, lookup());
  const auto added = script::expand(statement.pieces, lookup());
  if (!name) return unresolved(name.error());
  if (!added) return unresolved(added.error());
  const std::string path = server(statement.actor).directory() + "/" + *name;
  auto bytes = agent_.read_file(path, 0);
  const std::size_t offset = bytes ? offset_in(*bytes, statement.number) : std::string::npos;
  const bool flips = statement.word == "flip";
  if (offset == std::string::npos || (flips && offset == bytes->size())) {
    // The server did not write what the scenario wants to damage: a difference, not our failure.
    record(statement.actor, Direction::lifecycle, "MISSING", {{"file", trace::quote_bytes(*name)}});
    return std::unexpected(Stop{Outcome::timeout, "nothing to damage in " + *name, false});
  }
  if (statement.word == "truncate") bytes->resize(offset);
  if (flips) (*bytes)[offset] = static_cast<char>((*bytes)[offset] ^ 1);
  *bytes += *added;
  if (auto written = agent_.write_file(path, *bytes); !written) return own_failure(written.error());
  return {};
}

}  // namespace natstwin::runner
