#include "conformance/script/parser.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include <openssl/sha.h>

namespace natstwin::script {
namespace {

constexpr std::size_t statements_max = 20000;
constexpr long repetitions_max = 10000;

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

bool is_actor_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_word_char) && name.front() != '-';
}

std::expected<long, std::string> parse_count(std::string_view text, long max) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 1 || value > max) {
    return std::unexpected(quoted(text) + " is not a number from 1 to " + std::to_string(max));
  }
  return value;
}

std::expected<long, std::string> parse_duration(std::string_view text) {
  long value = 0;
  const char* end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, value);
  const std::string_view name(unit, end);
  const long factor = name == "ms" ? 1 : name == "s" ? 1000 : name == "m" ? 60000 : 0;
  if (error != std::errc{} || factor == 0 || value < 0 || value * factor > 600000) {
    return std::unexpected(quoted(text) + " is not a duration such as 50ms, 2s or 1m (at most 10m)");
  }
  return value * factor;
}

const ServerDecl* Script::server(std::string_view server_name) const {
  const auto found = std::ranges::find(servers, server_name, &ServerDecl::name);
  return found == servers.end() ? nullptr : &*found;
}

bool Script::has_tag(std::string_view tag) const { return std::ranges::find(tags, tag) != tags.end(); }

Parser::Parser(std::string_view text, std::string_view path) : text_(text) {
  script_.path = path;
  script_.hash = sha256(text);
}

ServerDecl* Parser::server(std::string_view name) {
  const auto found = std::ranges::find(script_.servers, name, &ServerDecl::name);
  return found == script_.servers.end() ? nullptr : &*found;
}

const Decoder* Parser::client(std::string_view name) const {
  const auto found = clients_.find(name);
  return found == clients_.end() ? nullptr : &found->second;
}

bool Parser::knows(std::string_view name) const {
  return script_.server(name) != nullptr || clients_.contains(name) || proxies_.contains(name) ||
         responders_.contains(name) || tools_.contains(name);
}

const std::string* Parser::responder(std::string_view name) const {
  const auto found = responders_.find(name);
  return found == responders_.end() ? nullptr : &found->second;
}

void Parser::add_client(std::string_view name, Decoder decoder) { clients_.emplace(name, decoder); }

Statement& Parser::add(Verb verb, const Cursor& at) {
  Statement& statement = script_.statements.emplace_back();
  statement.verb = verb;
  statement.line = at.line().number;
  statement.step = static_cast<int>(script_.statements.size());
  statement.source = at.line().text;
  return statement;
}

std::expected<std::vector<Piece>, std::string> Parser::block(const Cursor& at, std::string_view rest) {
  if (!rest.empty()) return parse_pieces(rest);
  const std::size_t end = block_end(at.lines, at.at, Block::text);
  if (end == at.at + 1) return std::unexpected("needs an indented block of text or a quoted string");
  *at.next = end;
  auto text = parse_template(block_text(at.lines, at.at));
  if (!text) return std::unexpected(text.error());
  return std::vector<Piece>{{std::move(*text), 1}};
}

std::expected<Script, std::vector<Problem>> Parser::parse() {
  parse_statements(split_lines(text_));
  check_head();
  check_variables();
  if (problems_.empty()) return std::move(script_);
  std::ranges::stable_sort(problems_, {}, &Problem::line);
  return std::unexpected(std::move(problems_));
}

void Parser::parse_statements(const std::vector<Line>& lines) {
  const auto first = std::ranges::find(lines, false, &Line::empty);
  if (first == lines.end()) return;
  for (std::size_t at = 0; at < lines.size();) {
    std::size_t next = at + 1;
    if (lines[at].empty) {
    } else if (lines[at].indent != first->indent) {
      problem(lines[at].number, "indentation without a statement above it");
    } else {
      parse_line(lines, at, next);
    }
    at = next;
    if (script_.statements.size() > statements_max) {
      problem(lines[at - 1].number, "more than " + std::to_string(statements_max) + " statements");
      return;
    }
  }
}

void Parser::parse_line(const std::vector<Line>& lines, std::size_t at, std::size_t& next) {
  const auto [verb, rest] = split_word(lines[at].text);
  const Cursor cursor{lines, at, verb, rest, &next};
  if (verb == "repeat") {
    next = block_end(lines, at, Block::statements);
    parse_repeat(cursor, nullptr);
    return;
  }
  if (clients_.contains(verb)) {
    parse_client_steps(cursor, std::string(verb));
    return;
  }
  const auto rules = statement_rules();
  const auto rule = std::ranges::find(rules, verb, &StatementRule::verb);
  if (rule == rules.end()) {
    problem(lines[at].number, "unknown statement or actor " + quoted(verb));
    next = block_end(lines, at, Block::statements);
    return;
  }
  if (const auto parsed = rule->parse(*this, cursor); !parsed) {
    problem(lines[at].number, std::string(verb) + ": " + parsed.error());
    next = std::max(next, block_end(lines, at, Block::statements));
  }
}

// `c1 recv PONG` on one line, or the steps below `c1`, or both for `client c1 to A`.
void Parser::parse_client_steps(const Cursor& at, const std::string& actor) {
  if (at.verb == actor && !at.rest.empty()) {
    const auto [verb, rest] = split_word(at.rest);
    parse_step({at.lines, at.at, verb, rest, at.next}, actor);
    return;
  }
  const std::size_t end = block_end(at.lines, at.at, Block::statements);
  if (end == at.at + 1 && at.verb == actor)
    problem(at.line().number, quoted(actor) + " needs steps below it");
  for (std::size_t i = at.at + 1; i < end;) {
    std::size_t next = i + 1;
    if (!at.lines[i].empty) {
      const auto [verb, rest] = split_word(at.lines[i].text);
      parse_step({at.lines, i, verb, rest, &next}, actor);
    }
    i = next;
  }
  *at.next = end;
}

void Parser::parse_step(const Cursor& at, const std::string& actor) {
  if (at.verb == "repeat") {
    *at.next = block_end(at.lines, at.at, Block::statements);
    parse_repeat(at, &actor);
    return;
  }
  const auto rules = step_rules();
  const auto rule = std::ranges::find(rules, at.verb, &StepRule::verb);
  if (rule == rules.end()) {
    problem(at.line().number, "unknown client step " + quoted(at.verb));
    return;
  }
  if (const auto parsed = rule->parse(*this, at, actor); !parsed) {
    problem(at.line().number, "client step " + quoted(at.verb) + ": " + parsed.error());
  }
}

// `repeat N` or `repeat N as NAME`: the body is parsed N times with the variable replaced.
void Parser::parse_repeat(const Cursor& at, const std::string* actor) {
  const auto [count_text, rest] = split_word(at.rest);
  const auto count = parse_count(count_text, repetitions_max);
  std::string variable = "i";
  if (rest.starts_with("as ")) variable = trim(rest.substr(3));
  const std::size_t end = *at.next;
  if (!count || (!rest.empty() && !rest.starts_with("as ")) || end == at.at + 1) {
    problem(at.line().number, "repeat: needs a count, at most 'as NAME', and indented lines below");
    return;
  }
  for (long i = 1; i <= *count && script_.statements.size() <= statements_max; ++i) {
    const auto body = bind_lines(at.lines, at.at + 1, end, variable, std::to_string(i));
    if (actor == nullptr) {
      parse_statements(body);
      continue;
    }
    for (std::size_t j = 0; j < body.size();) {
      std::size_t next = j + 1;
      if (!body[j].empty) {
        const auto [verb, step_rest] = split_word(body[j].text);
        parse_step({body, j, verb, step_rest, &next}, *actor);
      }
      j = next;
    }
    if (!problems_.empty()) return;
  }
}

void Parser::check_head() {
  if (script_.name.empty()) {
    problem(1, "a scenario begins with 'scenario area/name'");
    return;
  }
  const std::string file = "/" + script_.name + ".scn";
  if (!script_.path.empty() && !("/" + script_.path).ends_with(file)) {
    problem(1, "scenario " + quoted(script_.name) + " must stand in a file '..." + file + "'");
  }
  if (script_.statements.empty() && problems_.empty()) problem(1, "the scenario does nothing");
}

std::expected<Script, std::vector<Problem>> parse(std::string_view text, std::string_view path) {
  return Parser(text, path).parse();
}

std::expected<Script, std::vector<Problem>> load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return std::unexpected(std::vector<Problem>{{0, "cannot be read"}});
  return parse(text.view(), path);
}

std::string sha256(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string text = "sha256:";
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace natstwin::script
