// The statements at column 0, but for `server`, which has a grammar of its own (server_block.cc).
#include <algorithm>
#include <array>
#include <charconv>

#include "conformance/script/parser.h"
#include "conformance/script/responder.h"
#include "conformance/script/server_block.h"

namespace natstwin::script {
namespace {

using Unexpected = std::unexpected<std::string>;

// conformance/contracts/README.md lists them.
constexpr std::array<std::string_view, 18> row_kinds{
    "go",     "op",   "info",   "link-info", "connect", "err",   "closed",  "header-status", "header",
    "option", "flag", "signal", "endpoint",  "param",   "field", "subject", "api-error",     "link-op"};

Outcome parse_scenario(Parser& parser, const Cursor& at) {
  const auto slash = at.rest.find('/');
  if (!parser.script().name.empty()) return Unexpected("stands once, first");
  if (slash == std::string_view::npos || !is_actor_name(at.rest.substr(0, slash)) ||
      !is_actor_name(at.rest.substr(slash + 1))) {
    return Unexpected("needs a name 'area/name' of letters, digits, '-' and '_'");
  }
  parser.script().name = at.rest;
  return {};
}

// A row's text may hold blanks: it ends where the next known kind begins.
Outcome parse_proves(Parser& parser, const Cursor& at) {
  auto& rows = parser.script().proves;
  const auto before = rows.size();
  for (auto [word, rest] = split_word(at.rest); !word.empty(); std::tie(word, rest) = split_word(rest)) {
    const auto colon = word.find(':');
    const bool opens = colon != std::string_view::npos &&
                       std::ranges::find(row_kinds, word.substr(0, colon)) != row_kinds.end();
    if (opens) {
      rows.emplace_back(word);
    } else if (rows.size() > before) {
      rows.back() += " " + std::string(word);
    } else {
      std::string known;
      for (const auto kind : row_kinds) known += " " + std::string(kind);
      return Unexpected("'" + std::string(word) + "' is no row; kinds of rows:" + known);
    }
  }
  for (std::size_t i = before; i < rows.size(); ++i) {
    if (rows[i].ends_with(':')) return Unexpected("row '" + rows[i] + "' names nothing");
  }
  if (rows.size() == before) return Unexpected("needs rows");
  return {};
}

Outcome parse_note(Parser& parser, const Cursor& at) {
  if (at.rest.empty()) return Unexpected("needs text");
  parser.script().notes.emplace_back(at.rest);
  return {};
}

template <std::vector<std::string> Script::*list>
Outcome parse_list(Parser& parser, const Cursor& at) {
  if (at.rest.empty()) return Unexpected("needs words");
  for (auto [word, rest] = split_word(at.rest); !word.empty(); std::tie(word, rest) = split_word(rest)) {
    (parser.script().*list).emplace_back(word);
  }
  return {};
}

// Most statements begin with the name of a server: adds the statement and leaves what follows.
Outcome open_server(Parser& parser, Verb verb, const Cursor& at, Statement*& statement,
                    std::string_view& rest) {
  const auto [name, after] = split_word(at.rest);
  if (parser.server(name) == nullptr) return Unexpected("unknown server '" + std::string(name) + "'");
  statement = &parser.add(verb, at);
  statement->actor = name;
  rest = after;
  return {};
}

Outcome set_words(Statement& statement, std::string_view rest) {
  auto words = parse_words(rest);
  if (!words) return Unexpected(words.error());
  statement.words = std::move(*words);
  return {};
}

template <Verb verb>
Outcome parse_server_plain(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, verb, at, statement, rest);
  if (opened && !rest.empty()) return Unexpected("takes only the name of a server");
  return opened;
}

Outcome parse_signal(Parser& parser, const Cursor& at) {
  constexpr std::array<std::string_view, 7> signals{"HUP", "TERM", "INT", "QUIT", "USR1", "USR2", "KILL"};
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::server_signal, at, statement, rest);
  if (!opened) return opened;
  if (std::ranges::find(signals, rest) == signals.end()) {
    return Unexpected("'" + std::string(rest) + "' is none of HUP TERM INT QUIT USR1 USR2 KILL");
  }
  statement->word = rest;
  return {};
}

Outcome parse_wait_log(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::wait_log, at, statement, rest);
  if (!opened) return opened;
  auto pieces = parse_pieces(rest);
  if (!pieces) return Unexpected(pieces.error());
  statement->pieces = std::move(*pieces);
  return {};
}

Outcome parse_config(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::set_config, at, statement, rest);
  if (!opened) return opened;
  auto text = parser.block(at, rest);
  if (!text) return Unexpected(text.error());
  statement->pieces = std::move(*text);
  return {};
}

Outcome parse_flags(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::set_flags, at, statement, rest);
  return opened ? set_words(*statement, rest) : opened;
}

bool is_file_name(std::string_view name) {
  return !name.empty() && !name.starts_with('/') && name.find("..") == std::string_view::npos;
}

Outcome parse_write(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::write_file, at, statement, rest);
  if (!opened) return opened;
  const auto [name, text_rest] = split_word(rest);
  if (!is_file_name(name)) return Unexpected("needs a file name relative to the server's directory");
  statement->word = name;
  auto text = parser.block(at, text_rest);
  if (!text) return Unexpected(text.error());
  statement->pieces = std::move(*text);
  return {};
}

template <Verb verb>
Outcome parse_file_statement(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, verb, at, statement, rest);
  if (!opened) return opened;
  if (!is_file_name(rest) && !(verb == Verb::list_files && rest.empty())) {
    return Unexpected("needs a file name relative to the server's directory");
  }
  auto text = parse_template(rest);
  if (!text) return Unexpected(text.error());
  statement->text = std::move(*text);
  return {};
}

// `damage A FILE truncate BYTES`, `damage A FILE flip OFFSET`, `damage A FILE append "..."`; a negative
// number counts from the end.
Outcome parse_damage(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::damage_file, at, statement, rest);
  if (!opened) return opened;
  const auto [name, after_name] = split_word(rest);
  const auto [kind, argument] = split_word(after_name);
  if (!is_file_name(name)) return Unexpected("needs a file name relative to the server's directory");
  auto text = parse_template(name);
  if (!text) return Unexpected(text.error());
  statement->text = std::move(*text);
  statement->word = kind;
  if (kind == "append") {
    auto pieces = parse_pieces(argument);
    if (!pieces) return Unexpected(pieces.error());
    statement->pieces = std::move(*pieces);
    return {};
  }
  const auto [end, error] =
      std::from_chars(argument.data(), argument.data() + argument.size(), statement->number);
  const bool whole = error == std::errc{} && end == argument.data() + argument.size() && !argument.empty();
  if ((kind != "truncate" && kind != "flip") || !whole)
    return Unexpected("takes truncate BYTES, flip OFFSET or append \"...\"");
  return {};
}

Outcome parse_exec(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::exec, at, statement, rest);
  return opened ? set_words(*statement, rest) : opened;
}

Outcome parse_state(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::state, at, statement, rest);
  if (!opened) return opened;
  const auto words = parse_words(rest);
  if (!words) return Unexpected(words.error());
  if (words->empty()) return Unexpected("needs paths such as /varz");
  for (const Template& word : *words) {
    if (word.empty() || !word.front().text.starts_with('/')) return Unexpected("a path begins with '/'");
    statement->requests.push_back({"GET", word, {}, {}});
  }
  return {};
}

Outcome parse_http_line(const Line& line, HttpRequest& request) {
  const auto [word, text] = split_word(line.text);
  if (word == "header") {
    auto header = parse_template(text);
    if (!header) return Unexpected(header.error());
    request.headers.push_back(std::move(*header));
    return {};
  }
  if (word != "body") return Unexpected("'" + std::string(word) + "' is neither header nor body");
  auto body = parse_pieces(text);
  if (!body) return Unexpected(body.error());
  request.body = std::move(*body);
  return {};
}

Outcome parse_http(Parser& parser, const Cursor& at) {
  Statement* statement = nullptr;
  std::string_view rest;
  const auto opened = open_server(parser, Verb::http, at, statement, rest);
  if (!opened) return opened;
  const auto [method, target] = split_word(rest);
  auto text = parse_template(target);
  if (!text) return Unexpected(text.error());
  if (target.empty()) return Unexpected("is written 'http SERVER METHOD /path'");
  HttpRequest request{std::string(method), std::move(*text), {}, {}};
  *at.next = block_end(at.lines, at.at, Block::statements);
  for (std::size_t i = at.at + 1; i < *at.next; ++i) {
    if (at.lines[i].empty) continue;
    if (const auto parsed = parse_http_line(at.lines[i], request); !parsed) return parsed;
  }
  statement->requests.push_back(std::move(request));
  return {};
}

Outcome parse_client_option(std::string_view option, std::string_view& rest, ClientTarget& target) {
  const auto [value, after] = split_word(rest);
  rest = after;
  if (option == "as") {
    constexpr std::pair<std::string_view, Decoder> decoders[] = {{"nats", Decoder::nats},
                                                                 {"link", Decoder::link},
                                                                 {"http", Decoder::http},
                                                                 {"mqtt", Decoder::mqtt},
                                                                 {"raw", Decoder::raw}};
    const auto found = std::ranges::find(decoders, value, &std::pair<std::string_view, Decoder>::first);
    if (found == std::end(decoders)) return Unexpected("'as' takes nats, link, http, mqtt or raw");
    target.decoder = found->second;
    return {};
  }
  if (option != "rcvbuf") return Unexpected("unknown option '" + std::string(option) + "'");
  const auto size = parse_count(value, 1 << 30);
  if (!size) return Unexpected(size.error());
  target.receive_buffer = static_cast<int>(*size);
  return {};
}

Outcome parse_client(Parser& parser, const Cursor& at) {
  const auto [name, after_name] = split_word(at.rest);
  const auto [to, after_to] = split_word(after_name);
  auto [place, options] = split_word(after_to);
  if (!is_actor_name(name) || to != "to" || place.empty())
    return Unexpected("is written 'client NAME to SERVER'");
  if (parser.client(name) == nullptr && parser.knows(name)) {
    return Unexpected("'" + std::string(name) + "' is already an actor of another kind");
  }
  const auto dot = place.find('.');
  ClientTarget target;
  target.server = place.substr(0, dot);
  if (dot != std::string_view::npos) target.port = place.substr(dot + 1);
  if (target.port == "monitor") target.decoder = Decoder::http;
  if (parser.server(target.server) == nullptr && !parser.is_proxy(target.server)) {
    return Unexpected("unknown server '" + target.server + "'");
  }
  while (!options.empty()) {
    const auto [option, rest] = split_word(options);
    options = rest;
    if (const auto parsed = parse_client_option(option, options, target); !parsed) return parsed;
  }
  if (parser.client(name) != nullptr && *parser.client(name) != target.decoder) {
    return Unexpected("'" + std::string(name) + "' was opened before with another decoder");
  }
  parser.add_client(name, target.decoder);
  Statement& statement = parser.add(Verb::client_open, at);
  statement.actor = name;
  statement.target = std::move(target);
  parser.parse_client_steps(at, std::string(name));
  return {};
}

Outcome parse_let(Parser& parser, const Cursor& at) {
  const auto [name, rest] = split_word(at.rest);
  const auto [equals, value] = split_word(rest);
  if (!is_actor_name(name) || equals != "=") return Unexpected("is written 'let NAME = text'");
  if (parser.knows(name)) return Unexpected("'" + std::string(name) + "' is an actor");
  auto text = parse_template(value);
  if (!text) return Unexpected(text.error());
  Statement& statement = parser.add(Verb::let_text, at);
  statement.word = name;
  statement.text = std::move(*text);
  parser.add_variable(name);
  return {};
}

template <Verb verb>
Outcome parse_duration_statement(Parser& parser, const Cursor& at) {
  const auto duration = parse_duration(at.rest);
  if (!duration) return Unexpected(duration.error());
  parser.add(verb, at).number = *duration;
  return {};
}

Outcome parse_tool(Parser& parser, const Cursor& at) {
  const auto [limit, command] = split_word(at.rest);
  const auto duration = parse_duration(limit);
  if (!duration) return Unexpected(duration.error());
  if (command.empty()) return Unexpected("is written 'tool TIMEOUT COMMAND ...'");
  Statement& statement = parser.add(Verb::tool, at);
  statement.actor = "tool";
  statement.number = *duration;
  return set_words(statement, command);
}

Outcome parse_tool_start(Parser& parser, const Cursor& at) {
  const auto [name, command] = split_word(at.rest);
  if (!is_actor_name(name) || command.empty()) return Unexpected("is written 'tool-start NAME COMMAND ...'");
  if (parser.knows(name)) return Unexpected("'" + std::string(name) + "' is already an actor");
  parser.add_tool(name);
  Statement& statement = parser.add(Verb::tool_start, at);
  statement.actor = name;
  return set_words(statement, command);
}

template <Verb verb>
Outcome parse_tool_end(Parser& parser, const Cursor& at) {
  const auto [name, limit] = split_word(at.rest);
  if (!parser.is_tool(name)) return Unexpected("unknown tool '" + std::string(name) + "'");
  const auto duration = parse_duration(limit.empty() ? "5s" : limit);
  if (!duration) return Unexpected(duration.error());
  Statement& statement = parser.add(verb, at);
  statement.actor = name;
  statement.number = *duration;
  return {};
}

Outcome parse_tool_file(Parser& parser, const Cursor& at) {
  const auto [name, rest] = split_word(at.rest);
  if (!is_file_name(name)) return Unexpected("needs a relative file name");
  auto text = parser.block(at, rest);
  if (!text) return Unexpected(text.error());
  Statement& statement = parser.add(Verb::tool_file, at);
  statement.word = name;
  statement.pieces = std::move(*text);
  return {};
}

Outcome parse_proxy(Parser& parser, const Cursor& at) {
  const auto [name, after_name] = split_word(at.rest);
  const auto [to, place] = split_word(after_name);
  const auto dot = place.find('.');
  const auto server = place.substr(0, dot);
  if (!is_actor_name(name) || to != "to") return Unexpected("is written 'proxy NAME to SERVER'");
  if (parser.knows(name)) return Unexpected("'" + std::string(name) + "' is already an actor");
  if (parser.server(server) == nullptr) return Unexpected("unknown server '" + std::string(server) + "'");
  parser.add_proxy(name, server);
  Statement& statement = parser.add(Verb::proxy_open, at);
  statement.actor = name;
  statement.target.server = server;
  if (dot != std::string_view::npos) statement.target.port = place.substr(dot + 1);
  return {};
}

Outcome parse_fault(Parser& parser, const Cursor& at) {
  const auto [name, rest] = split_word(at.rest);
  const auto [fault, argument] = split_word(rest);
  constexpr std::array<std::string_view, 4> faults{"pass", "block", "cut", "delay"};
  if (!parser.is_proxy(name)) return Unexpected("unknown proxy '" + std::string(name) + "'");
  if (std::ranges::find(faults, fault) == faults.end()) return Unexpected("takes pass, block, cut or delay");
  Statement& statement = parser.add(Verb::proxy_fault, at);
  statement.actor = name;
  statement.word = fault;
  if (fault != "delay") return {};
  const auto duration = parse_duration(argument);
  if (!duration) return Unexpected(duration.error());
  statement.number = *duration;
  return {};
}

}  // namespace

std::span<const StatementRule> statement_rules() {
  static constexpr StatementRule rules[] = {
      {"scenario", parse_scenario},
      {"proves", parse_proves},
      {"note", parse_note},
      {"tags", parse_list<&Script::tags>},
      {"needs", parse_list<&Script::needs>},
      {"timeout", parse_duration_statement<Verb::timeout>},
      {"server", parse_server_block},
      {"client", parse_client},
      {"start", parse_server_plain<Verb::server_start>},
      {"stop", parse_server_plain<Verb::server_stop>},
      {"kill", parse_server_plain<Verb::server_kill>},
      {"restart", parse_server_plain<Verb::server_restart>},
      {"reload", parse_server_plain<Verb::server_reload>},
      {"signal", parse_signal},
      {"wait-log", parse_wait_log},
      {"wait-exit", parse_server_plain<Verb::wait_exit>},
      {"config", parse_config},
      {"flags", parse_flags},
      {"write", parse_write},
      {"remove", parse_file_statement<Verb::remove_file>},
      {"damage", parse_damage},
      {"read", parse_file_statement<Verb::read_file>},
      {"list", parse_file_statement<Verb::list_files>},
      {"exec", parse_exec},
      {"state", parse_state},
      {"http", parse_http},
      {"let", parse_let},
      {"wait", parse_duration_statement<Verb::wait>},
      {"tool", parse_tool},
      {"tool-start", parse_tool_start},
      {"tool-wait", parse_tool_end<Verb::tool_wait>},
      {"tool-stop", parse_tool_end<Verb::tool_stop>},
      {"file", parse_tool_file},
      {"proxy", parse_proxy},
      {"fault", parse_fault},
      {"responder", parse_responder},
      {"responder-stop", parse_responder_stop},
      {"answer", parse_answer},
      {"asked", parse_asked},
  };
  return rules;
}

}  // namespace natstwin::script
