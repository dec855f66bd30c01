#include "conformance/script/text.h"

#include <charconv>

namespace natstwin::script {
namespace {

using Unexpected = std::unexpected<std::string>;

constexpr long repetitions_max = 64 << 20;

void append_literal(Template& text, std::string_view bytes) {
  if (bytes.empty()) return;
  if (text.empty() || text.back().variable) text.push_back({false, {}});
  text.back().text += bytes;
}

// At "${": takes the variable and returns what follows it.
std::expected<std::string_view, std::string> take_variable(std::string_view rest, Template& text) {
  const auto end = rest.find('}');
  if (end == std::string_view::npos) return Unexpected("'${' without '}'");
  const auto name = rest.substr(2, end - 2);
  if (name.empty()) return Unexpected("empty variable name");
  text.push_back({true, std::string(name)});
  return rest.substr(end + 1);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// At '\': takes one escape and returns what follows it.
std::expected<std::string_view, std::string> take_escape(std::string_view rest, Template& text) {
  if (rest.size() < 2) return Unexpected("'\\' at the end of a string");
  const char kind = rest[1];
  constexpr std::string_view names = "rnt0\"\\$";
  constexpr std::string_view bytes{"\r\n\t\0\"\\$", 7};
  if (const auto at = names.find(kind); at != std::string_view::npos) {
    append_literal(text, bytes.substr(at, 1));
    return rest.substr(2);
  }
  if (kind != 'x') return Unexpected(std::string("unknown escape '\\") + kind + "'");
  if (rest.size() < 4 || hex_digit(rest[2]) < 0 || hex_digit(rest[3]) < 0) {
    return Unexpected("'\\x' needs two hexadecimal digits");
  }
  const char byte = static_cast<char>(hex_digit(rest[2]) * 16 + hex_digit(rest[3]));
  append_literal(text, {&byte, 1});
  return rest.substr(4);
}

// At '"': takes the string up to its closing quote and returns what follows it.
std::expected<std::string_view, std::string> take_quoted(std::string_view rest, Template& text) {
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    std::expected<std::string_view, std::string> next;
    if (rest.front() == '\\') {
      next = take_escape(rest, text);
    } else if (rest.starts_with("$${")) {
      append_literal(text, "${");
      next = rest.substr(3);
    } else if (rest.starts_with("${")) {
      next = take_variable(rest, text);
    } else {
      append_literal(text, rest.substr(0, 1));
      next = rest.substr(1);
    }
    if (!next) return next;
    rest = *next;
  }
  if (rest.empty()) return Unexpected("string without closing '\"'");
  return rest.substr(1);
}

std::expected<std::string_view, std::string> take_repetition(std::string_view rest, Piece& piece) {
  if (rest.empty() || rest.front() != '*') return rest;
  const char* begin = rest.data() + 1;
  const auto [end, error] = std::from_chars(begin, rest.data() + rest.size(), piece.times);
  if (error != std::errc{} || piece.times < 0 || piece.times > repetitions_max) {
    return Unexpected("'*' needs a count from 0 to " + std::to_string(repetitions_max));
  }
  return rest.substr(static_cast<std::size_t>(end - rest.data()));
}

}  // namespace

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && (is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::pair<std::string_view, std::string_view> split_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && !is_blank(text[end])) ++end;
  return {text.substr(0, end), trim(text.substr(end))};
}

std::expected<Template, std::string> parse_template(std::string_view rest) {
  Template text;
  while (!rest.empty()) {
    if (rest.starts_with("$${")) {
      append_literal(text, "${");
      rest.remove_prefix(3);
    } else if (rest.starts_with("${")) {
      const auto next = take_variable(rest, text);
      if (!next) return Unexpected(next.error());
      rest = *next;
    } else {
      append_literal(text, rest.substr(0, 1));
      rest.remove_prefix(1);
    }
  }
  return text;
}

std::expected<std::vector<Piece>, std::string> parse_pieces(std::string_view rest) {
  std::vector<Piece> pieces;
  for (rest = trim(rest); !rest.empty(); rest = trim(rest)) {
    if (rest.front() != '"') return Unexpected("expected a quoted string at '" + std::string(rest) + "'");
    Piece& piece = pieces.emplace_back();
    auto next = take_quoted(rest, piece.text);
    if (next) next = take_repetition(*next, piece);
    if (!next) return Unexpected(next.error());
    rest = *next;
  }
  if (pieces.empty()) return Unexpected("expected a quoted string");
  return pieces;
}

std::expected<std::vector<Template>, std::string> parse_words(std::string_view rest) {
  std::vector<Template> words;
  for (rest = trim(rest); !rest.empty(); rest = trim(rest)) {
    Template word;
    if (rest.front() == '"') {
      const auto next = take_quoted(rest, word);
      if (!next) return Unexpected(next.error());
      if (!next->empty() && !is_blank(next->front())) return Unexpected("blank needed after a quoted word");
      rest = *next;
    } else {
      const auto [first, after] = split_word(rest);
      auto parsed = parse_template(first);
      if (!parsed) return Unexpected(parsed.error());
      word = std::move(*parsed);
      rest = after;
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::expected<std::string, std::string> expand(const Template& text, const Lookup& lookup) {
  std::string out;
  for (const Segment& segment : text) {
    if (!segment.variable) {
      out += segment.text;
      continue;
    }
    const auto value = lookup(segment.text);
    if (!value) return value;
    out += *value;
  }
  return out;
}

std::expected<std::string, std::string> expand(const std::vector<Piece>& pieces, const Lookup& lookup) {
  std::string out;
  for (const Piece& piece : pieces) {
    const auto text = expand(piece.text, lookup);
    if (!text) return text;
    out.reserve(out.size() + text->size() * static_cast<std::size_t>(piece.times));
    for (long i = 0; i < piece.times; ++i) out += *text;
  }
  return out;
}

}  // namespace natstwin::script
