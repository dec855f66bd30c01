#include "conformance/trace/classify.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "conformance/trace/json_text.h"
#include "conformance/trace/pattern.h"
#include "conformance/trace/rules.h"
#include "conformance/trace/times.h"
#include "conformance/trace/tokens.h"

namespace natstwin::trace {

namespace {

constexpr std::string_view base64_alphabet = "A-Za-z0-9+/_-";
constexpr std::size_t base64_size_min = 8;

bool all_equal(std::span<const std::string> values) {
  return std::ranges::adjacent_find(values, std::not_equal_to{}) == values.end();
}

bool all_distinct(std::vector<std::string> values) {
  std::ranges::sort(values);
  return std::ranges::adjacent_find(values) == values.end();
}

// The value inside quotes; a rule or a name stands for that.
std::string_view content(std::string_view value) {
  return is_json_string(value) ? value.substr(1, value.size() - 2) : value;
}

void append(Pattern& pattern, std::string_view literal) {
  if (literal.empty()) return;
  if (pattern.empty() || pattern.back().kind != PartKind::literal) pattern.emplace_back();
  pattern.back().literal += literal;
}

Pattern quoted(Part part) { return {Part{.literal = "\""}, std::move(part), Part{.literal = "\""}}; }

Part integer_part(std::int64_t low, std::int64_t high) {
  return Part{.kind = PartKind::integer, .low = low, .high = high};
}

std::optional<std::int64_t> as_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Half of the least to twice the greatest, and what was never 0 stays so.
Part widened(std::int64_t least, std::int64_t greatest) {
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 2;
  std::int64_t low = least >= 0 ? least / 2 : std::max(least, -limit) * 2;
  if (least > 0) low = std::max<std::int64_t>(low, 1);
  const std::int64_t high = greatest >= 0 ? std::min(greatest, limit) * 2 : greatest / 2;
  return integer_part(low, std::max(high, greatest));
}

bool is_whole_duration(std::string_view value) {
  return is_json_string(value) && value.size() > 2 &&
         duration_length(content(value)) == content(value).size();
}

// Tokens of all values in step; nothing if they are not cut alike.
std::optional<std::vector<std::vector<Token>>> tokens_in_step(std::span<const std::string> values) {
  std::vector<std::vector<Token>> all;
  for (const std::string& value : values) {
    all.push_back(tokenize(value));
    const auto& first = all.front();
    if (all.back().size() != first.size()) return std::nullopt;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const bool separator =
          first[i].kind == TokenKind::separator || all.back()[i].kind == TokenKind::separator;
      if (separator && first[i].text != all.back()[i].text) return std::nullopt;
    }
  }
  return all;
}

// What is common at both ends, and anything between.
Pattern common_ends(std::span<const std::string> values) {
  std::size_t head = values[0].size();
  std::size_t least = values[0].size();
  for (const std::string& value : values) {
    const auto [a, b] = std::ranges::mismatch(values[0], value);
    head = std::min(head, static_cast<std::size_t>(a - values[0].begin()));
    least = std::min(least, value.size());
  }
  std::size_t tail = 0;
  const auto same_tail = [&](std::size_t size) {
    return std::ranges::all_of(values, [&](const std::string& value) {
      return value[value.size() - size] == values[0][values[0].size() - size];
    });
  };
  while (tail < least - head && same_tail(tail + 1)) ++tail;
  // Not into the middle of a word: what varies is the word.
  while (head > 0 && is_word_char(values[0][head - 1])) --head;
  while (tail > 0 && is_word_char(values[0][values[0].size() - tail])) --tail;
  Pattern pattern;
  append(pattern, values[0].substr(0, head));
  pattern.push_back(Part{.kind = PartKind::any});
  append(pattern, values[0].substr(values[0].size() - tail));
  return pattern;
}

bool is_base64(std::string_view value) {
  if (!is_json_string(value)) return false;
  std::string_view text = content(value);
  while (text.ends_with('=')) text.remove_suffix(1);
  return text.size() >= base64_size_min &&
         std::ranges::all_of(text, [](char c) { return is_word_char(c) || c == '+' || c == '/'; });
}

}  // namespace

NameShape shape_of(std::span<const std::string> tokens) {
  const auto any_char = [&](auto test) {
    return std::ranges::any_of(tokens,
                               [&](const std::string& token) { return std::ranges::any_of(token, test); });
  };
  const auto in = [&](char low, char high) {
    return any_char([=](char c) { return c >= low && c <= high; });
  };
  NameShape shape{.prefix = tokens[0], .alphabet = {}, .min = tokens[0].size(), .max = tokens[0].size()};
  for (const std::string& token : tokens) {
    const auto [a, b] = std::ranges::mismatch(shape.prefix, token);
    shape.prefix.resize(static_cast<std::size_t>(a - shape.prefix.begin()));
    shape.min = std::min(shape.min, token.size());
    shape.max = std::max(shape.max, token.size());
  }
  const bool digits_only = !any_char([](char c) { return c < '0' || c > '9'; });
  if (digits_only || tokens.size() < 2) shape.prefix.clear();
  shape.min -= shape.prefix.size();
  shape.max -= shape.prefix.size();
  const bool upper = in('A', 'Z');
  const bool lower = in('a', 'z');
  const bool digit = in('0', '9');
  const bool mark = any_char([](char c) { return c == '_' || c == '-'; });
  const bool other_digit = any_char([](char c) { return c == '0' || c == '1' || c == '8' || c == '9'; });
  const bool beyond_hex = any_char([](char c) { return c > 'f'; });
  const bool slash = any_char([](char c) { return c == '+' || c == '/' || c == '='; });
  if (slash) {
    shape.alphabet = base64_alphabet;
  } else if (digits_only) {
    shape.alphabet = "0-9";
  } else if (upper && !lower && !mark && !other_digit && shape.min >= 20) {
    shape.alphabet = "A-Z2-7";
  } else if (lower && digit && !upper && !mark && !beyond_hex && shape.min >= 8) {
    shape.alphabet = "0-9a-f";
  } else if (mark || (shape.min != 22 && upper && lower)) {
    shape.alphabet = "A-Za-z0-9_-";
  } else {
    shape.alphabet = "A-Za-z0-9";
  }
  return shape;
}

void Classifier::survey(std::string_view frame, std::string_view path, std::span<const std::string> values) {
  surveying_ = true;
  classify(frame, path, values);
  surveying_ = false;
}

Pattern Classifier::classify(std::string_view frame, std::string_view path,
                             std::span<const std::string> values) {
  Pattern pattern = from_rule(frame, path, values);
  return pattern.empty() ? from_data(path, values) : pattern;
}

Pattern Classifier::from_rule(std::string_view frame, std::string_view path,
                              std::span<const std::string> values) {
  if (const TextRule* text = find_text_rule(frame, path, values[0])) {
    const bool all_fit = std::ranges::all_of(
        values, [&](const std::string& value) { return find_text_rule(frame, path, value) == text; });
    if (all_fit) {
      return {Part{.literal = std::string(text->begin)}, Part{.kind = PartKind::any},
              Part{.literal = std::string(text->end)}};
    }
  }
  const LeafRule* rule = find_rule(frame, path);
  if (rule == nullptr) return {};
  const auto all = [&](auto test) { return std::ranges::all_of(values, test); };
  const auto at_least = [](std::int64_t least) {
    return [=](const std::string& value) {
      return is_json_integer(value) && as_integer(value).value_or(-1) >= least;
    };
  };
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
  const auto is_text = [](const std::string& value) { return is_json_string(value) && value.size() > 2; };
  switch (rule->kind) {
    case RuleKind::any_text:
      if (all(is_text)) return quoted(Part{.kind = PartKind::any});
      break;
    case RuleKind::any_number:
      if (all(is_json_number)) return {Part{.kind = PartKind::any}};
      break;
    case RuleKind::positive_integer:
      if (all(at_least(1))) return {integer_part(1, no_limit)};
      break;
    case RuleKind::natural_integer:
      if (all(at_least(0))) return {integer_part(0, no_limit)};
      break;
    case RuleKind::duration:
      if (all(is_whole_duration)) return quoted(Part{.kind = PartKind::duration});
      break;
    case RuleKind::moment:
      if (all([](const std::string& v) {
            return is_json_string(v) && parse_moment(content(v)).has_value();
          })) {
        Values tokens;
        for (const std::string& value : values) tokens.emplace_back(content(value));
        return quoted(time(tokens));
      }
      break;
    case RuleKind::random_text:
      if (all(is_text) &&
          all([](const std::string& v) { return std::ranges::all_of(content(v), is_word_char); })) {
        Values tokens;
        for (const std::string& value : values) tokens.emplace_back(content(value));
        NameShape shape = shape_of(tokens);
        shape.alphabet = "A-Za-z0-9_-";
        return quoted(name(tokens, shape));
      }
      break;
    case RuleKind::any_order:
      break;
  }
  return {};
}

Pattern Classifier::from_data(std::string_view path, std::span<const std::string> values) {
  const bool single = values.size() == 1;
  Pattern pattern;
  if (all_equal(values) && !single) {
    append(pattern, values[0]);
    return pattern;
  }
  const std::string_view type = json_type(values[0]);
  const bool one_type =
      std::ranges::all_of(values, [&](const std::string& v) { return json_type(v) == type; });
  // Different types: nothing is known but that there is a value.
  if (!one_type) return {Part{.kind = PartKind::any}, Part{.kind = PartKind::any}};
  const bool integers = type == "number" && std::ranges::all_of(values, is_json_integer);
  if (type == "bool" || (type == "number" && !integers)) {
    if (single) append(pattern, values[0]);
    return single ? pattern : Pattern{Part{.kind = PartKind::any}};
  }
  const auto tokens = tokens_in_step(values);
  if (!tokens) {
    if (std::ranges::all_of(values, is_base64) && all_distinct({values.begin(), values.end()})) {
      Values names;
      for (const std::string& value : values) names.emplace_back(content(value));
      NameShape shape = shape_of(names);
      shape.alphabet = base64_alphabet;
      return quoted(name(names, shape));
    }
    return common_ends(values);
  }
  const auto looks_varied = [&](const Token& token, bool port_place) {
    return token.kind == TokenKind::time || token.kind == TokenKind::duration || is_unix_nanos(token.text) ||
           (token.kind == TokenKind::word && is_name_like(token.text)) ||
           (port_place && token.kind == TokenKind::number && token.text.size() >= 4);
  };
  for (std::size_t i = 0; i < tokens->front().size(); ++i) {
    Values column;
    for (const auto& of : *tokens) column.emplace_back(of[i].text);
    const Token& first = tokens->front()[i];
    const bool after_colon = i > 0 && tokens->front()[i - 1].text == ":";
    const bool port_place = after_colon || path.ends_with("port");
    const bool plain = single ? !looks_varied(first, port_place) : all_equal(column);
    if (plain) {
      append(pattern, first.text);
    } else {
      pattern.push_back(varied_token(path, column, after_colon));
    }
  }
  return pattern;
}

Part Classifier::varied_token(std::string_view path, const Values& tokens, bool after_colon) {
  const auto all_kind = [&](TokenKind kind) {
    return std::ranges::all_of(tokens,
                               [&](const std::string& token) { return next_token(token, 0).kind == kind; });
  };
  if (all_kind(TokenKind::time) || std::ranges::all_of(tokens, is_unix_nanos)) return time(tokens);
  if (all_kind(TokenKind::duration)) return Part{.kind = PartKind::duration};
  if (all_kind(TokenKind::number)) return integer(path, tokens, after_colon);
  const bool words = std::ranges::all_of(
      tokens, [](const std::string& token) { return std::ranges::all_of(token, is_word_char); });
  if (words && all_distinct(tokens)) return name(tokens, shape_of(tokens));
  return Part{.kind = PartKind::any};
}

Part Classifier::name(const Values& tokens, NameShape shape) {
  if (surveying_) return Part{.kind = PartKind::any};
  const auto [at, fresh] = name_ids_.try_emplace(tokens, static_cast<int>(names_.size()) + 1);
  if (fresh) names_.push_back(std::move(shape));
  return Part{.kind = PartKind::name, .id = at->second};
}

Part Classifier::time(const Values& tokens) {
  if (surveying_) return Part{.kind = PartKind::any};
  TimeShape shape;
  std::vector<std::int64_t> moments;
  for (const std::string& token : tokens) {
    const auto moment = parse_moment(token);
    if (!moment) return Part{.kind = PartKind::any};
    moments.push_back(moment->unix_ns);
    // A fraction of nothing is not written, so one with a fraction shows the format.
    if (shape.format.empty() || moment->format == "rfc3339-nanos") shape.format = moment->format;
    shape.zone = moment->zone;
  }
  // Two moments may fall into the same second by chance: only finer ones are bound to each other.
  const bool fine = shape.format == "rfc3339-nanos" || shape.format == "unix-nanos";
  const Values key = fine ? tokens : Values{std::to_string(times_.size())};
  const auto [at, fresh] = time_ids_.try_emplace(key, static_cast<int>(times_.size()) + 1);
  if (fresh) {
    times_.push_back(std::move(shape));
    moments_.push_back(std::move(moments));
  }
  return Part{.kind = PartKind::time, .id = at->second};
}

Part Classifier::integer(std::string_view path, const Values& tokens, bool after_colon) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t greatest = std::numeric_limits<std::int64_t>::min();
  for (const std::string& token : tokens) {
    const auto value = as_integer(token);
    if (!value) return Part{.kind = PartKind::any};
    least = std::min(least, *value);
    greatest = std::max(greatest, *value);
  }
  const bool can_be_port = least > 1023 && greatest < 65536;
  const bool is_port = can_be_port && (after_colon || path.ends_with("port"));
  if (surveying_) {
    if (is_port) ports_.insert(tokens);
    if (least > 999) ++number_uses_[tokens];
    return Part{.kind = PartKind::any};
  }
  if (is_port || ports_.contains(tokens))
    return name(tokens, NameShape{.alphabet = "port", .min = 1, .max = 5});
  // A number that comes back at another place, the same in each recording, is a name.
  const auto uses = number_uses_.find(tokens);
  if (uses != number_uses_.end() && uses->second > 1 && all_distinct(tokens))
    return name(tokens, shape_of(tokens));
  return widened(least, greatest);
}

}  // namespace natstwin::trace
