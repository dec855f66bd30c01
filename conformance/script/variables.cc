// Which variables a script may use: a wrong name is found before anything starts.
#include <algorithm>
#include <array>

#include "conformance/script/nkey.h"
#include "conformance/script/parser.h"

namespace natstwin::script {
namespace {

constexpr std::string_view port_prefix = "port.";

bool is_server_property(std::string_view property) {
  constexpr std::array names{"port", "monitor_port", "dir", "pid", "url"};
  return std::ranges::find(names, property) != names.end() ||
         (property.starts_with(port_prefix) && is_actor_name(property.substr(port_prefix.size())));
}

// ${A.pin.NAME}, ${A.digest.NAME} and ${A.fingerprint.NAME}
bool is_of_certificate(const ServerDecl& server, std::string_view property) {
  const auto dot = property.find('.');
  if (dot == std::string_view::npos) return false;
  const auto kind = property.substr(0, dot);
  return (kind == "pin" || kind == "digest" || kind == "fingerprint") &&
         std::ranges::find(server.certificates, property.substr(dot + 1), &Certificate::name) !=
             server.certificates.end();
}

}  // namespace

std::string Parser::variable_problem(std::string_view name) const {
  if (name == "dir" || name == "fixtures" || name == "n" || variables_.contains(name)) return {};
  if (const auto sign = split_sign(name)) {
    if (!is_nkey_seed(sign->seed)) return "'" + std::string(sign->seed) + "' is not the seed of an nkey";
    return variable_problem(sign->message);
  }
  const auto dot = name.find('.');
  const auto actor = name.substr(0, dot);
  const auto property = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  if (const ServerDecl* server = script_.server(actor); server != nullptr) {
    if (is_server_property(property) || is_of_certificate(*server, property)) return {};
    return "server '" + std::string(actor) + "' has no '" + std::string(property) +
           "' (port, monitor_port, port.NAME, dir, pid, url)";
  }
  if (proxies_.contains(actor) && property == "port") return {};
  if (clients_.contains(actor) && !property.empty()) return {};
  return "unknown variable '${" + std::string(name) + "}'";
}

void Parser::check(const Template& text, int line) {
  for (const Segment& segment : text) {
    if (!segment.variable) continue;
    if (auto reason = variable_problem(segment.text); !reason.empty()) {
      problem(line, std::move(reason));
      continue;
    }
    const auto dot = segment.text.find('.');
    if (dot == std::string::npos) continue;
    const std::string actor = segment.text.substr(0, dot);
    const std::string_view property = std::string_view(segment.text).substr(dot + 1);
    if (script_.server(actor) == nullptr || !property.starts_with(port_prefix)) continue;
    want_port(actor, property.substr(port_prefix.size()));
  }
}

void Parser::want_port(const std::string& server, std::string_view name) {
  auto& ports = script_.named_ports[server];
  if (std::ranges::find(ports, name) == ports.end()) ports.emplace_back(name);
}

void Parser::check(const std::vector<Piece>& pieces, int line) {
  for (const Piece& piece : pieces) check(piece.text, line);
}

void Parser::check_statement(const Statement& statement) {
  const int line = statement.line;
  check(statement.text, line);
  for (const Template& word : statement.words) check(word, line);
  check(statement.pieces, line);
  check(statement.form.line, line);
  check(statement.form.headers, line);
  check(statement.form.payload, line);
  for (const HttpRequest& request : statement.requests) {
    check(request.target, line);
    for (const Template& header : request.headers) check(header, line);
    check(request.body, line);
  }
}

void Parser::check_variables() {
  for (const ServerDecl& server : script_.servers) {
    check(server.config, server.line);
    for (const Template& flag : server.flags) check(flag, server.line);
    for (const File& file : server.files) check(file.text, server.line);
    for (const auto& [name, value] : server.environment) check(value, server.line);
    for (const Certificate& certificate : server.certificates)
      if (!certificate.ocsp.empty()) want_port(server.name, certificate.ocsp);
  }
  for (const Statement& statement : script_.statements) check_statement(statement);
  for (const Statement& statement : script_.statements) {
    const bool has_port = statement.verb == Verb::client_open || statement.verb == Verb::responder_open;
    if (!has_port || statement.target.port.empty()) continue;
    if (statement.target.port == "monitor") continue;
    const auto ports = script_.named_ports.find(statement.target.server);
    if (ports == script_.named_ports.end() ||
        std::ranges::find(ports->second, statement.target.port) == ports->second.end()) {
      problem(statement.line,
              "no configuration uses ${" + statement.target.server + ".port." + statement.target.port + "}");
    }
  }
}

}  // namespace natstwin::script
