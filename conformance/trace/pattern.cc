#include "conformance/trace/pattern.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "conformance/trace/json_text.h"
#include "conformance/trace/times.h"
#include "conformance/trace/tokens.h"

namespace natstwin::trace {

namespace {

constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

template <class Number>
bool read_number(std::string_view text, Number& value) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::expected<Part, std::string> parse_part(std::string_view name) {
  if (name == "lt") return Part{.literal = "<"};
  if (name == "duration") return Part{.kind = PartKind::duration};
  if (name == "any") return Part{.kind = PartKind::any};
  const std::size_t colon = name.find(':');
  const std::string_view kind = name.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : name.substr(colon + 1);
  Part part;
  if (kind == "id" || kind == "time") {
    part.kind = kind == "id" ? PartKind::name : PartKind::time;
    if (read_number(rest, part.id) && part.id > 0) return part;
  } else if (kind == "int") {
    part.kind = PartKind::integer;
    const std::size_t dots = rest.find("..");
    if (dots != std::string_view::npos && read_number(rest.substr(0, dots), part.low)) {
      part.high = no_limit;
      if (dots + 2 == rest.size() || read_number(rest.substr(dots + 2), part.high)) return part;
    }
  }
  return std::unexpected(fmt::format("'<{}>' is no part of a pattern", name));
}

bool in_alphabet(std::string_view alphabet, char c) {
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    if (i + 2 < alphabet.size() && alphabet[i + 1] == '-') {
      if (c >= alphabet[i] && c <= alphabet[i + 2]) return true;
      i += 2;
    } else if (c == alphabet[i]) {
      return true;
    }
  }
  return false;
}

// Names with an alphabet beyond word characters (base64) are cut by the alphabet.
std::string_view name_token(const NameShape& shape, std::string_view rest) {
  if (shape.alphabet.find('+') == std::string::npos) return next_token(rest, 0).text;
  std::size_t size = 0;
  while (size < rest.size() && (in_alphabet(shape.alphabet, rest[size]) || rest[size] == '=')) ++size;
  return rest.substr(0, size);
}

class Matcher {
 public:
  Matcher(const Pattern& pattern, const Golden& golden, std::string_view value)
      : pattern_(pattern), golden_(golden), value_(value) {}

  bool from(std::size_t index, std::size_t at) {
    if (index == pattern_.size()) return at == value_.size();
    const Part& part = pattern_[index];
    const std::string_view rest = value_.substr(at);
    if (part.kind == PartKind::literal) {
      return rest.starts_with(part.literal) && from(index + 1, at + part.literal.size());
    }
    if (part.kind == PartKind::any) return any_from(index, at);
    if (rest.empty()) return false;
    const std::string_view token = token_of(part, at);
    if (token.empty() || !part_fits(part, token)) return false;
    captures_.push_back({&part, std::string(token)});
    if (from(index + 1, at + token.size())) return true;
    captures_.pop_back();
    return false;
  }

  std::vector<Capture> take_captures() { return std::move(captures_); }

 private:
  // The first end from which the rest fits. Steps are bounded, so that a value made for it cannot
  // cost more than a failed match.
  bool any_from(std::size_t index, std::size_t at) {
    for (std::size_t end = value_.size() + 1; end-- > at;) {
      if (++steps_ > steps_max) return false;
      captures_.push_back({&pattern_[index], std::string(value_.substr(at, end - at))});
      if (from(index + 1, end)) return true;
      captures_.pop_back();
    }
    return false;
  }

  std::string_view token_of(const Part& part, std::size_t at) const {
    if (part.kind == PartKind::name && part.id <= static_cast<int>(golden_.names.size())) {
      const NameShape& shape = golden_.names[part.id - 1];
      if (shape.alphabet.find('+') != std::string::npos) return name_token(shape, value_.substr(at));
    }
    return next_token(value_, at).text;
  }

  bool part_fits(const Part& part, std::string_view token) const {
    switch (part.kind) {
      case PartKind::name:
        return part.id <= static_cast<int>(golden_.names.size()) && fits(golden_.names[part.id - 1], token);
      case PartKind::time:
        return part.id <= static_cast<int>(golden_.times.size()) && fits(golden_.times[part.id - 1], token);
      case PartKind::duration:
        return duration_length(token) == token.size();
      case PartKind::integer: {
        std::int64_t value = 0;
        return is_json_integer(token) && read_number(token, value) && value >= part.low && value <= part.high;
      }
      case PartKind::literal:
      case PartKind::any:
        break;
    }
    return false;
  }

  static constexpr int steps_max = 100'000;
  const Pattern& pattern_;
  const Golden& golden_;
  std::string_view value_;
  std::vector<Capture> captures_;
  int steps_ = 0;
};

}  // namespace

std::string to_text(const Pattern& pattern) {
  std::string out;
  for (const Part& part : pattern) {
    switch (part.kind) {
      case PartKind::literal:
        for (const char c : part.literal) {
          if (c == '<') {
            out += "<lt>";
          } else {
            out += c;
          }
        }
        break;
      case PartKind::name:
        out += fmt::format("<id:{}>", part.id);
        break;
      case PartKind::time:
        out += fmt::format("<time:{}>", part.id);
        break;
      case PartKind::duration:
        out += "<duration>";
        break;
      case PartKind::integer:
        out += part.high == no_limit ? fmt::format("<int:{}..>", part.low)
                                     : fmt::format("<int:{}..{}>", part.low, part.high);
        break;
      case PartKind::any:
        out += "<any>";
        break;
    }
  }
  return out;
}

std::expected<Pattern, std::string> pattern_from_text(std::string_view text) {
  Pattern pattern;
  const auto add_literal = [&](std::string_view literal) {
    if (literal.empty()) return;
    if (pattern.empty() || pattern.back().kind != PartKind::literal) pattern.emplace_back();
    pattern.back().literal += literal;
  };
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('<'), text.size());
    add_literal(text.substr(0, open));
    text.remove_prefix(open);
    if (text.empty()) break;
    const std::size_t close = text.find('>');
    if (close == std::string_view::npos) return std::unexpected("a '<' without '>' in a pattern");
    auto part = parse_part(text.substr(1, close - 1));
    if (!part) return std::unexpected(part.error());
    if (part->kind == PartKind::literal) {
      add_literal(part->literal);
    } else {
      pattern.push_back(std::move(*part));
    }
    text.remove_prefix(close + 1);
  }
  return pattern;
}

std::string to_text(const NameShape& shape) {
  if (shape.alphabet == "port") return "port";
  if (shape.min == shape.max) return fmt::format("{}[{}]{{{}}}", shape.prefix, shape.alphabet, shape.min);
  return fmt::format("{}[{}]{{{},{}}}", shape.prefix, shape.alphabet, shape.min, shape.max);
}

std::expected<NameShape, std::string> name_shape_from_text(std::string_view text) {
  if (text == "port") return NameShape{.alphabet = "port", .min = 1, .max = 5};
  const auto wrong = std::unexpected(fmt::format("'{}' is not the shape of a name", text));
  const std::size_t open = text.find('[');
  const std::size_t close = text.find("]{");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      text.back() != '}') {
    return wrong;
  }
  NameShape shape;
  shape.prefix = text.substr(0, open);
  shape.alphabet = text.substr(open + 1, close - open - 1);
  const std::string_view range = text.substr(close + 2, text.size() - close - 3);
  const std::size_t comma = range.find(',');
  if (!read_number(range.substr(0, comma), shape.min)) return wrong;
  shape.max = shape.min;
  if (comma != std::string_view::npos && !read_number(range.substr(comma + 1), shape.max)) return wrong;
  return shape;
}

bool fits(const NameShape& shape, std::string_view token) {
  if (shape.alphabet == "port") {
    int port = 0;
    return read_number(token, port) && port > 0 && port < 65536 && token[0] != '0';
  }
  if (!token.starts_with(shape.prefix)) return false;
  token.remove_prefix(shape.prefix.size());
  return token.size() >= shape.min && token.size() <= shape.max &&
         std::ranges::all_of(token, [&](char c) { return in_alphabet(shape.alphabet, c); });
}

bool fits(const TimeShape& shape, std::string_view token) {
  const auto moment = parse_moment(token);
  if (!moment || moment->zone != shape.zone) return false;
  if (moment->format == shape.format) {
    // Go drops the zeros at the end of a fraction.
    const std::size_t end = token.find('Z');
    return moment->format != "rfc3339-nanos" || end == std::string_view::npos || token[end - 1] != '0';
  }
  return shape.format == "rfc3339-nanos" && moment->format == "rfc3339";
}

std::optional<std::vector<Capture>> match(const Pattern& pattern, const Golden& golden,
                                          std::string_view value) {
  // A number that may be anything is still a number.
  if (pattern.size() == 1 && pattern[0].kind == PartKind::any && !is_json_number(value) &&
      json_type(value) != "bool") {
    return std::nullopt;
  }
  Matcher matcher(pattern, golden, value);
  if (!matcher.from(0, 0)) return std::nullopt;
  return matcher.take_captures();
}

std::string_view json_type(std::string_view token) {
  if (is_json_string(token)) return "string";
  if (is_json_number(token)) return "number";
  if (token == "true" || token == "false") return "bool";
  if (token == "null") return "null";
  if (token.starts_with('[')) return "array";
  if (token.starts_with('{')) return "object";
  return "text";
}

std::string_view json_type(const Pattern& pattern) {
  if (pattern.size() == 1 && pattern[0].kind == PartKind::literal) return json_type(pattern[0].literal);
  if (pattern.empty()) return "text";
  if (pattern[0].kind == PartKind::literal) return pattern[0].literal.starts_with('"') ? "string" : "text";
  return "number";
}

}  // namespace natstwin::trace
