#include "conformance/script/server_block.h"

#include <algorithm>

namespace natstwin::script {
namespace {

using Unexpected = std::unexpected<std::string>;

Outcome parse_property_config(Parser& parser, const Cursor& at, ServerDecl& server) {
  if (server.has_config) return Unexpected("stands once");
  auto text = parser.block(at, at.rest);
  if (!text) return Unexpected(text.error());
  server.has_config = true;
  server.config = std::move(*text);
  return {};
}

Outcome parse_property_flags(Parser&, const Cursor& at, ServerDecl& server) {
  auto words = parse_words(at.rest);
  if (!words) return Unexpected(words.error());
  std::ranges::move(*words, std::back_inserter(server.flags));
  return {};
}

Outcome parse_property_file(Parser& parser, const Cursor& at, ServerDecl& server) {
  const auto [name, rest] = split_word(at.rest);
  if (name.empty() || name.starts_with('/') || name.find("..") != std::string_view::npos) {
    return Unexpected("needs a file name relative to the server's directory");
  }
  auto text = parser.block(at, rest);
  if (!text) return Unexpected(text.error());
  server.files.push_back({std::string(name), std::move(*text)});
  return {};
}

Outcome parse_property_fixture(Parser&, const Cursor& at, ServerDecl& server) {
  auto names = parse_words(at.rest);
  if (!names) return Unexpected(names.error());
  for (const Template& name : *names) {
    const bool literal = name.size() == 1 && !name.front().variable;
    if (!literal || name.front().text.starts_with('/') || name.front().text.find("..") != std::string::npos) {
      return Unexpected("needs paths below scenarios/fixtures");
    }
    server.fixtures.push_back(name.front().text);
  }
  return {};
}

Outcome parse_property_certificate(Parser&, const Cursor& at, ServerDecl& server) {
  const auto [name, rest] = split_word(at.rest);
  auto words = parse_words(rest);
  if (!words) return Unexpected(words.error());
  std::vector<std::string> texts;
  for (const Template& word : *words) {
    if (word.size() != 1 || word.front().variable) return Unexpected("takes no variables");
    texts.push_back(word.front().text);
  }
  auto certificate = read_certificate(name, texts, server.certificates);
  if (!certificate) return Unexpected(certificate.error());
  server.certificates.push_back(std::move(*certificate));
  return {};
}

Outcome parse_property_env(Parser&, const Cursor& at, ServerDecl& server) {
  const auto equals = at.rest.find('=');
  if (equals == std::string_view::npos || equals == 0) return Unexpected("is written 'env NAME=value'");
  auto value = parse_template(at.rest.substr(equals + 1));
  if (!value) return Unexpected(value.error());
  server.environment.emplace_back(at.rest.substr(0, equals), std::move(*value));
  return {};
}

template <bool ServerDecl::*property>
Outcome parse_property_off(Parser&, const Cursor& at, ServerDecl& server) {
  if (at.rest != "off") return Unexpected("can only be switched 'off'");
  server.*property = false;
  return {};
}

struct PropertyRule {
  std::string_view name;
  Outcome (*parse)(Parser&, const Cursor&, ServerDecl&);
};

constexpr PropertyRule properties[] = {
    {"config", parse_property_config},
    {"flags", parse_property_flags},
    {"file", parse_property_file},
    {"fixture", parse_property_fixture},
    {"certificate", parse_property_certificate},
    {"env", parse_property_env},
    {"monitor", parse_property_off<&ServerDecl::monitor>},
    {"defaults", parse_property_off<&ServerDecl::defaults>},
};

void parse_property(Parser& parser, const Cursor& at, ServerDecl& server) {
  const auto rule = std::ranges::find(properties, at.verb, &PropertyRule::name);
  if (rule == std::end(properties)) {
    parser.problem(at.line().number, "unknown server property '" + std::string(at.verb) + "'");
    *at.next = block_end(at.lines, at.at, Block::text);
    return;
  }
  if (const auto parsed = rule->parse(parser, at, server); !parsed) {
    parser.problem(at.line().number, "server property '" + std::string(at.verb) + "': " + parsed.error());
    *at.next = block_end(at.lines, at.at, Block::text);
  }
}

}  // namespace

Outcome parse_server_block(Parser& parser, const Cursor& at) {
  const auto [name, option] = split_word(at.rest);
  if (!is_actor_name(name)) return Unexpected("needs a name");
  if (parser.knows(name)) return Unexpected("'" + std::string(name) + "' is already an actor");
  if (!option.empty() && option != "off") return Unexpected("is written 'server NAME' or 'server NAME off'");
  ServerDecl server;
  server.name = name;
  server.line = at.line().number;
  server.starts = option.empty();
  const std::size_t end = block_end(at.lines, at.at, Block::statements);
  for (std::size_t i = at.at + 1; i < end;) {
    std::size_t next = i + 1;
    if (!at.lines[i].empty) {
      const auto [verb, rest] = split_word(at.lines[i].text);
      parse_property(parser, {at.lines, i, verb, rest, &next}, server);
    }
    i = next;
  }
  *at.next = end;
  if (server.starts) parser.add(Verb::server_start, at).actor = server.name;
  parser.script().servers.push_back(std::move(server));
  return {};
}

}  // namespace natstwin::script
