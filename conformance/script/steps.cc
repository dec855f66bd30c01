// The steps of a client.
#include <algorithm>
#include <array>
#include <cctype>

#include "conformance/script/parser.h"

namespace natstwin::script {
namespace {

using Unexpected = std::unexpected<std::string>;

constexpr long frames_max = 1000000;
constexpr long quiet_default_ms = 100;
constexpr std::string_view connect_default =
    R"({"verbose":false,"pedantic":false,"headers":true,"no_responders":true})";

std::span<const std::string_view> kinds_of(Decoder decoder) {
  static constexpr std::array<std::string_view, 12> nats{"INFO",     "MSG",     "HMSG",    "+OK",
                                                         "-ERR",     "PING",    "PONG",    "RAW",
                                                         "WS-CLOSE", "WS-PING", "WS-PONG", "CLOSED"};
  static constexpr std::array<std::string_view, 19> link{
      "INFO", "CONNECT", "PING", "PONG",  "+OK",  "-ERR", "RS+",  "RS-", "LS+",   "LS-",
      "A+",   "A-",      "SUB",  "UNSUB", "RMSG", "LMSG", "HMSG", "RAW", "CLOSED"};
  static constexpr std::array<std::string_view, 12> mqtt{"CONNACK",  "PUBLISH",    "PUBACK", "PUBREC",
                                                         "PUBREL",   "PUBCOMP",    "SUBACK", "UNSUBACK",
                                                         "PINGRESP", "DISCONNECT", "RAW",    "CLOSED"};
  static constexpr std::array<std::string_view, 3> http{"HTTP", "RAW", "CLOSED"};
  static constexpr std::array<std::string_view, 2> raw{"RAW", "CLOSED"};
  switch (decoder) {
    case Decoder::nats:
      return nats;
    case Decoder::link:
      return link;
    case Decoder::http:
      return http;
    case Decoder::mqtt:
      return mqtt;
    case Decoder::raw:
      return raw;
  }
  return raw;
}

Outcome add_template(Template& target, std::string_view text) {
  auto parsed = parse_template(text);
  if (!parsed) return Unexpected(parsed.error());
  target = std::move(*parsed);
  return {};
}

Statement& add_step(Parser& parser, Verb verb, const Cursor& at, const std::string& actor) {
  Statement& statement = parser.add(verb, at);
  statement.actor = actor;
  return statement;
}

Outcome parse_expected(Parser& parser, const Cursor& at, const std::string& actor,
                       std::vector<Expected>& expected) {
  const auto kinds = kinds_of(*parser.client(actor));
  for (auto [word, rest] = split_word(at.rest); !word.empty(); std::tie(word, rest) = split_word(rest)) {
    const bool repetition =
        word.size() > 1 && word[0] == 'x' && std::isdigit(static_cast<unsigned char>(word[1]));
    if (repetition && !expected.empty()) {
      const auto count = parse_count(word.substr(1), frames_max);
      if (!count) return Unexpected(count.error());
      expected.back().count = *count;
      continue;
    }
    if (std::ranges::find(kinds, word) == kinds.end()) {
      return Unexpected("unknown frame '" + std::string(word) + "' for this kind of connection");
    }
    expected.push_back({std::string(word), 1});
  }
  if (expected.empty()) return Unexpected("needs the kind of a frame");
  return {};
}

template <Verb verb>
Outcome parse_recv(Parser& parser, const Cursor& at, const std::string& actor) {
  return parse_expected(parser, at, actor, add_step(parser, verb, at, actor).expected);
}

Outcome parse_tally(Parser& parser, const Cursor& at, const std::string& actor) {
  Statement& statement = add_step(parser, Verb::tally, at, actor);
  const auto parsed = parse_expected(parser, at, actor, statement.expected);
  if (parsed && statement.expected.size() != 1) return Unexpected("needs one kind of frame");
  return parsed;
}

bool is_publish(std::string_view verb) {
  std::string upper(verb);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return upper == "PUB" || upper == "HPUB";
}

// `PUB subject * "payload"`; other lines are sent as they stand.
Outcome parse_form(std::string_view text, SendForm& form) {
  if (text.empty()) return Unexpected("needs the line to send");
  const auto verb = split_word(text).first;
  if (!is_publish(verb)) return add_template(form.line, text);
  form.has_headers = verb.size() == 4;
  const auto quote = text.find('"');
  if (quote == std::string_view::npos) return add_template(form.line, text);
  auto pieces = parse_pieces(text.substr(quote));
  if (!pieces) return Unexpected(pieces.error());
  form.has_payload = true;
  if (form.has_headers) {
    form.headers.push_back(std::move(pieces->front()));
    pieces->erase(pieces->begin());
  }
  form.payload = std::move(*pieces);
  return add_template(form.line, trim(text.substr(0, quote)));
}

Outcome parse_send(Parser& parser, const Cursor& at, const std::string& actor) {
  return parse_form(at.rest, add_step(parser, Verb::send, at, actor).form);
}

Outcome parse_flood(Parser& parser, const Cursor& at, const std::string& actor) {
  Statement& statement = add_step(parser, Verb::flood, at, actor);
  const auto [count_text, line] = split_word(at.rest);
  const auto count = parse_count(count_text, frames_max);
  if (!count) return Unexpected(count.error());
  statement.number = *count;
  return parse_form(line, statement.form);
}

Outcome parse_raw(Parser& parser, const Cursor& at, const std::string& actor) {
  Statement& statement = add_step(parser, Verb::raw, at, actor);
  auto pieces = parse_pieces(at.rest);
  if (!pieces) return Unexpected(pieces.error());
  statement.pieces = std::move(*pieces);
  return {};
}

Outcome parse_split(Parser& parser, const Cursor& at, const std::string& actor) {
  Statement& statement = add_step(parser, Verb::split, at, actor);
  if (at.rest == "off") return {};
  const auto size = parse_count(at.rest, 1 << 20);
  if (!size) return Unexpected(size.error());
  statement.number = *size;
  return {};
}

Outcome parse_quiet(Parser& parser, const Cursor& at, const std::string& actor) {
  Statement& statement = add_step(parser, Verb::quiet, at, actor);
  statement.number = quiet_default_ms;
  if (at.rest.empty()) return {};
  const auto duration = parse_duration(at.rest);
  if (!duration) return Unexpected(duration.error());
  statement.number = *duration;
  return {};
}

template <Verb verb>
Outcome parse_duration_step(Parser& parser, const Cursor& at, const std::string& actor) {
  const auto duration = parse_duration(at.rest);
  if (!duration) return Unexpected(duration.error());
  add_step(parser, verb, at, actor).number = *duration;
  return {};
}

template <Verb verb>
Outcome parse_plain(Parser& parser, const Cursor& at, const std::string& actor) {
  if (!at.rest.empty()) return Unexpected("takes no arguments");
  add_step(parser, verb, at, actor);
  return {};
}

Outcome add_send(Parser& parser, const Cursor& at, const std::string& actor, const std::string& line) {
  Statement& statement = add_step(parser, Verb::send, at, actor);
  statement.source = "send " + line;
  return add_template(statement.form.line, line);
}

void add_recv(Parser& parser, const Cursor& at, const std::string& actor, const std::string& kind) {
  Statement& statement = add_step(parser, Verb::recv, at, actor);
  statement.source = "recv " + kind;
  statement.expected.push_back({kind, 1});
}

Outcome parse_sync(Parser& parser, const Cursor& at, const std::string& actor) {
  if (!at.rest.empty()) return Unexpected("takes no arguments");
  const auto sent = add_send(parser, at, actor, "PING");
  add_recv(parser, at, actor, "PONG");
  return sent;
}

Outcome parse_connect(Parser& parser, const Cursor& at, const std::string& actor) {
  const std::string_view options = at.rest.empty() ? connect_default : at.rest;
  if (options.front() != '{') return Unexpected("takes a JSON object or nothing");
  add_recv(parser, at, actor, "INFO");
  const auto sent = add_send(parser, at, actor, "CONNECT " + std::string(options));
  if (!sent) return sent;
  return parse_sync(parser, {at.lines, at.at, at.verb, {}, at.next}, actor);
}

Outcome parse_let(Parser& parser, const Cursor& at, const std::string& actor) {
  Statement& statement = add_step(parser, Verb::let_frame, at, actor);
  const auto [name, rest] = split_word(at.rest);
  const auto [equals, source] = split_word(rest);
  const auto dot = source.find('.');
  if (!is_actor_name(name) || equals != "=" || dot == std::string_view::npos || dot + 1 == source.size()) {
    return Unexpected("is written 'let NAME = KIND.path'");
  }
  if (parser.knows(name)) return Unexpected("'" + std::string(name) + "' is an actor");
  const auto kinds = kinds_of(*parser.client(actor));
  if (std::ranges::find(kinds, source.substr(0, dot)) == kinds.end()) {
    return Unexpected("unknown frame '" + std::string(source.substr(0, dot)) + "'");
  }
  statement.word = name;
  statement.frame = source;
  parser.add_variable(name);
  return {};
}

// `tls ca FILE cert FILE key FILE name HOST max 1.2`, each pair optional.
Outcome parse_tls(Parser& parser, const Cursor& at, const std::string& actor) {
  constexpr std::array<std::string_view, 6> names{"ca", "cert", "key", "name", "max", "staple"};
  Statement& statement = add_step(parser, Verb::tls, at, actor);
  auto words = parse_words(at.rest);
  if (!words) return Unexpected(words.error());
  for (std::size_t i = 0; i < words->size(); i += 2) {
    const Template& name = (*words)[i];
    const bool known = name.size() == 1 && !name.front().variable &&
                       std::ranges::find(names, name.front().text) != names.end();
    if (!known || i + 1 == words->size())
      return Unexpected("takes pairs: ca FILE, cert FILE, key FILE, name HOST, max 1.2, staple wanted");
  }
  statement.words = std::move(*words);
  return {};
}

// `websocket /path "Header: value"...`
Outcome parse_websocket(Parser& parser, const Cursor& at, const std::string& actor) {
  Statement& statement = add_step(parser, Verb::websocket, at, actor);
  auto words = parse_words(at.rest);
  if (!words) return Unexpected(words.error());
  statement.words = std::move(*words);
  return {};
}

}  // namespace

std::span<const StepRule> step_rules() {
  static constexpr StepRule rules[] = {
      {"recv", parse_recv<Verb::recv>},
      {"gather", parse_recv<Verb::gather>},
      {"tally", parse_tally},
      {"quiet", parse_quiet},
      {"send", parse_send},
      {"raw", parse_raw},
      {"connect", parse_connect},
      {"sync", parse_sync},
      {"flood", parse_flood},
      {"split", parse_split},
      {"pause", parse_plain<Verb::pause>},
      {"resume", parse_plain<Verb::resume>},
      {"close", parse_plain<Verb::close>},
      {"reset", parse_plain<Verb::reset>},
      {"half-close", parse_plain<Verb::half_close>},
      {"tls", parse_tls},
      {"websocket", parse_websocket},
      {"let", parse_let},
      {"wait", parse_duration_step<Verb::wait>},
      {"timeout", parse_duration_step<Verb::timeout>},
  };
  return rules;
}

}  // namespace natstwin::script
