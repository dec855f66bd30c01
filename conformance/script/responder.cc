#include "conformance/script/responder.h"

#include <algorithm>
#include <array>

namespace natstwin::script {
namespace {

using Unexpected = std::unexpected<std::string>;

bool has_certificate(const ServerDecl& server, std::string_view name) {
  return std::ranges::find(server.certificates, name, &Certificate::name) != server.certificates.end();
}

Outcome parse_duration_option(std::string_view value, long& milliseconds) {
  const bool negative = value.starts_with('-');
  const auto duration = parse_duration(value.substr(negative ? 1 : 0));
  if (!duration) return Unexpected(duration.error());
  milliseconds = negative ? -*duration : *duration;
  return {};
}

Outcome parse_option(std::string_view word, const ServerDecl& server, Responder& responder) {
  const auto equals = word.find('=');
  const auto key = word.substr(0, equals);
  const auto value = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
  if (key == "signer" || key == "issuer") {
    if (!has_certificate(server, value)) return Unexpected("no certificate '" + std::string(value) + "'");
    (key == "signer" ? responder.signer : responder.issuer) = value;
  } else if (word == "embed") {
    responder.embeds = true;
  } else if (key == "valid") {
    return parse_duration_option(value, responder.valid_ms);
  } else if (key == "age") {
    return parse_duration_option(value, responder.age_ms);
  } else if (key == "method" && (value == "GET" || value == "POST")) {
    responder.method = value;
  } else {
    return Unexpected("'" + std::string(word) +
                      "' is none of signer= issuer= embed valid= age= method=GET|POST");
  }
  return {};
}

}  // namespace

Outcome parse_responder(Parser& parser, const Cursor& at) {
  const auto [name, after_name] = split_word(at.rest);
  const auto [on, after_on] = split_word(after_name);
  auto [place, options] = split_word(after_on);
  const auto dot = place.find('.');
  const ServerDecl* server = parser.server(place.substr(0, dot));
  if (!is_actor_name(name) || on != "on" || dot == std::string_view::npos)
    return Unexpected("is written 'responder NAME on SERVER.PORT signer=CERTIFICATE'");
  if (parser.responder(name) == nullptr && parser.knows(name))
    return Unexpected("'" + std::string(name) + "' is already an actor");
  if (server == nullptr) return Unexpected("unknown server '" + std::string(place.substr(0, dot)) + "'");
  Responder responder;
  while (!options.empty()) {
    const auto [option, rest] = split_word(options);
    options = rest;
    if (const auto parsed = parse_option(option, *server, responder); !parsed) return parsed;
  }
  if (responder.signer.empty()) return Unexpected("needs signer=CERTIFICATE");
  if (responder.issuer.empty()) responder.issuer = responder.signer;
  parser.add_responder(name, server->name);
  Statement& statement = parser.add(Verb::responder_open, at);
  statement.actor = name;
  statement.target.server = server->name;
  statement.target.port = place.substr(dot + 1);
  statement.responder = std::move(responder);
  return {};
}

Outcome parse_responder_stop(Parser& parser, const Cursor& at) {
  if (parser.responder(at.rest) == nullptr)
    return Unexpected("unknown responder '" + std::string(at.rest) + "'");
  parser.add(Verb::responder_close, at).actor = at.rest;
  return {};
}

// `answer R CERTIFICATE good`
Outcome parse_answer(Parser& parser, const Cursor& at) {
  constexpr std::array<std::string_view, 11> answers{
      "good",         "revoked",      "unknown",  "malformed", "internal-error", "try-later",
      "unauthorized", "other-serial", "http-500", "garbage",   "silence"};
  const auto [name, rest] = split_word(at.rest);
  const auto [certificate, answer] = split_word(rest);
  const std::string* server = parser.responder(name);
  if (server == nullptr) return Unexpected("unknown responder '" + std::string(name) + "'");
  if (!has_certificate(*parser.server(*server), certificate))
    return Unexpected("no certificate '" + std::string(certificate) + "'");
  if (std::ranges::find(answers, answer) == answers.end()) {
    std::string known;
    for (std::string_view each : answers) known += " " + std::string(each);
    return Unexpected("'" + std::string(answer) + "' is none of" + known);
  }
  Statement& statement = parser.add(Verb::responder_answer, at);
  statement.actor = name;
  statement.word = certificate;
  statement.frame = answer;
  return {};
}

Outcome parse_asked(Parser& parser, const Cursor& at) {
  if (parser.responder(at.rest) == nullptr)
    return Unexpected("unknown responder '" + std::string(at.rest) + "'");
  parser.add(Verb::responder_asked, at).actor = at.rest;
  return {};
}

}  // namespace natstwin::script
