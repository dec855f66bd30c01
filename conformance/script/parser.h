// Parses one scenario. The tables of statements and of client steps stand in statements.cc and
// steps.cc: to add one is to add a row and a function.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/script/lines.h"
#include "conformance/script/script.h"

namespace natstwin::script {

using Outcome = std::expected<void, std::string>;

// One line of the script that opens a statement, and where it stands.
struct Cursor {
  const std::vector<Line>& lines;
  std::size_t at;
  std::string_view verb;
  std::string_view rest;  // of the line, after the verb
  std::size_t* next;      // first line after the statement: moved by those with a block

  const Line& line() const { return lines[at]; }
};

class Parser {
 public:
  Parser(std::string_view text, std::string_view path);

  std::expected<Script, std::vector<Problem>> parse();

  // For the functions of the tables.
  Script& script() { return script_; }
  ServerDecl* server(std::string_view name);
  const Decoder* client(std::string_view name) const;
  bool knows(std::string_view name) const;
  void add_client(std::string_view name, Decoder decoder);
  void add_proxy(std::string_view name, std::string_view server) { proxies_.emplace(name, server); }
  bool is_proxy(std::string_view name) const { return proxies_.contains(name); }
  void add_responder(std::string_view name, std::string_view server) { responders_.emplace(name, server); }
  // The server whose certificates it knows; null: it is none.
  const std::string* responder(std::string_view name) const;
  void add_tool(std::string_view name) { tools_.emplace(name); }
  bool is_tool(std::string_view name) const { return tools_.contains(name); }
  void add_variable(std::string_view name) { variables_.emplace(name); }
  Statement& add(Verb verb, const Cursor& at);
  void parse_client_steps(const Cursor& at, const std::string& actor);
  void parse_statements(const std::vector<Line>& lines);
  void problem(int line, std::string reason) { problems_.push_back({line, std::move(reason)}); }
  // The text of a block below the line, or of the quoted strings on it.
  std::expected<std::vector<Piece>, std::string> block(const Cursor& at, std::string_view rest);

 private:
  void parse_line(const std::vector<Line>& lines, std::size_t at, std::size_t& next);
  void parse_step(const Cursor& at, const std::string& actor);
  void parse_repeat(const Cursor& at, const std::string* actor);
  void want_port(const std::string& server, std::string_view name);
  void check_head();
  void check_variables();
  void check_statement(const Statement& statement);
  void check(const Template& text, int line);
  void check(const std::vector<Piece>& pieces, int line);
  std::string variable_problem(std::string_view name) const;

  std::string text_;
  Script script_;
  std::vector<Problem> problems_;
  std::map<std::string, Decoder, std::less<>> clients_;
  std::map<std::string, std::string, std::less<>> proxies_;     // to the server behind
  std::map<std::string, std::string, std::less<>> responders_;  // to the server whose certificates it knows
  std::set<std::string, std::less<>> tools_;
  std::set<std::string, std::less<>> variables_;
};

struct StatementRule {
  std::string_view verb;
  Outcome (*parse)(Parser&, const Cursor&);
};

struct StepRule {
  std::string_view verb;
  Outcome (*parse)(Parser&, const Cursor&, const std::string& actor);
};

std::span<const StatementRule> statement_rules();
std::span<const StepRule> step_rules();

bool is_actor_name(std::string_view name);
std::expected<long, std::string> parse_count(std::string_view text, long max);

}  // namespace natstwin::script
