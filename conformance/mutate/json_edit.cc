#include "conformance/mutate/json_edit.h"

#include <algorithm>
#include <functional>

#include "conformance/trace/json_text.h"

namespace natstwin::mutate {

namespace {

constexpr int depth_max = 64;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<JsonOutline> scan() {
    skip_spaces();
    if (at_ >= text_.size() || (text_[at_] != '{' && text_[at_] != '[')) return std::nullopt;
    if (!value(0)) return std::nullopt;
    skip_spaces();
    if (at_ != text_.size()) return std::nullopt;
    std::ranges::sort(outline_.members, {}, &JsonMember::key_begin);
    return std::move(outline_);
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  bool take(char c) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool string() {
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  bool value(int depth) {
    skip_spaces();
    if (at_ >= text_.size() || depth > depth_max) return false;
    if (text_[at_] == '{') return object(depth);
    if (text_[at_] == '[') return array(depth);
    if (text_[at_] == '"') return string();
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos)
      ++at_;
    return at_ > begin;
  }
  bool object(int depth) {
    const std::size_t id = at_++;
    if (take('}')) return true;
    do {
      skip_spaces();
      JsonMember member{.object = id, .key_begin = at_};
      if (!string()) return false;
      member.key_end = at_;
      if (!take(':')) return false;
      skip_spaces();
      member.value_begin = at_;
      if (!value(depth + 1)) return false;
      member.value_end = at_;
      outline_.members.push_back(member);
    } while (take(','));
    return take('}');
  }
  bool array(int depth) {
    const std::size_t id = at_++;
    if (take(']')) return true;
    do {
      skip_spaces();
      JsonElement element{.array = id, .begin = at_};
      if (!value(depth + 1)) return false;
      element.end = at_;
      outline_.elements.push_back(element);
    } while (take(','));
    return take(']');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  JsonOutline outline_;
};

std::string replaced(std::string_view text, std::size_t begin, std::size_t end, std::string_view with) {
  std::string out(text.substr(0, begin));
  out += with;
  out += text.substr(end);
  return out;
}

using MemberTest = std::function<bool(const JsonMember&, std::string_view value)>;

std::optional<JsonMember> pick(std::string_view text, std::uint64_t choice, const MemberTest& test) {
  const auto outline = outline_of(text);
  if (!outline) return std::nullopt;
  std::vector<JsonMember> fitting;
  for (const JsonMember& member : outline->members) {
    if (test(member, text.substr(member.value_begin, member.value_end - member.value_begin)))
      fitting.push_back(member);
  }
  if (fitting.empty()) return std::nullopt;
  return fitting[choice % fitting.size()];
}

bool any_value(const JsonMember&, std::string_view) { return true; }
bool is_integer(const JsonMember&, std::string_view value) { return trace::is_json_integer(value); }

// The next member of the same object.
std::optional<JsonMember> next_of(const JsonOutline& outline, const JsonMember& member) {
  for (const JsonMember& other : outline.members) {
    if (other.object == member.object && other.key_begin > member.key_begin) return other;
  }
  return std::nullopt;
}

std::optional<JsonMember> before(const JsonOutline& outline, const JsonMember& member) {
  std::optional<JsonMember> found;
  for (const JsonMember& other : outline.members) {
    if (other.object == member.object && other.key_begin < member.key_begin) found = other;
  }
  return found;
}

}  // namespace

std::optional<JsonOutline> outline_of(std::string_view text) { return Scanner(text).scan(); }

Edit drop_member(std::string_view text, std::uint64_t choice) {
  const auto member = pick(text, choice, any_value);
  if (!member) return std::nullopt;
  const auto outline = outline_of(text);
  if (const auto previous = before(*outline, *member))
    return replaced(text, previous->value_end, member->value_end, "");
  const auto next = next_of(*outline, *member);
  return replaced(text, member->key_begin, next ? next->key_begin : member->value_end, "");
}

Edit add_member(std::string_view text, std::uint64_t choice) {
  const auto member = pick(text, choice, any_value);
  if (!member) return std::nullopt;
  const auto outline = outline_of(text);
  // With the spacing that stands between two members.
  const auto next = next_of(*outline, *member);
  const std::string_view gap =
      next ? text.substr(member->value_end, next->key_begin - member->value_end) : std::string_view(",");
  return replaced(text, member->value_end, member->value_end, std::string(gap) + "\"mutant\":1");
}

Edit swap_members(std::string_view text, std::uint64_t choice) {
  const auto outline = outline_of(text);
  if (!outline) return std::nullopt;
  const auto has_next = [&](const JsonMember& member, std::string_view) {
    return next_of(*outline, member).has_value();
  };
  const auto member = pick(text, choice, has_next);
  if (!member) return std::nullopt;
  const auto next = next_of(*outline, *member);
  const std::string first(text.substr(member->key_begin, member->value_end - member->key_begin));
  const std::string second(text.substr(next->key_begin, next->value_end - next->key_begin));
  const std::string gap(text.substr(member->value_end, next->key_begin - member->value_end));
  return replaced(text, member->key_begin, next->value_end, second + gap + first);
}

Edit change_key_case(std::string_view text, std::uint64_t choice) {
  const auto member = pick(text, choice, any_value);
  if (!member || member->key_end - member->key_begin < 3) return std::nullopt;
  std::string out(text);
  char& letter = out[member->key_begin + 1];
  if (letter >= 'a' && letter <= 'z') {
    letter = static_cast<char>(letter - 'a' + 'A');
  } else {
    letter = 'x';
  }
  return out;
}

Edit add_one(std::string_view text, std::uint64_t choice) {
  const auto member = pick(text, choice, is_integer);
  if (!member) return std::nullopt;
  std::string digits(text.substr(member->value_begin, member->value_end - member->value_begin));
  // Without overflow whatever the number: 9 at the end becomes 8, all others one more.
  digits.back() = digits.back() == '9' ? '8' : static_cast<char>(digits.back() + 1);
  return replaced(text, member->value_begin, member->value_end, digits);
}

Edit spell_number_otherwise(std::string_view text, std::uint64_t choice) {
  const auto member = pick(text, choice, is_integer);
  if (!member) return std::nullopt;
  return replaced(text, member->value_end, member->value_end, ".0");
}

Edit quote_number(std::string_view text, std::uint64_t choice) {
  const auto member = pick(text, choice, is_integer);
  if (!member) return std::nullopt;
  const std::string number(text.substr(member->value_begin, member->value_end - member->value_begin));
  return replaced(text, member->value_begin, member->value_end, "\"" + number + "\"");
}

Edit flip_bool(std::string_view text, std::uint64_t choice) {
  const auto is_bool = [](const JsonMember&, std::string_view value) {
    return value == "true" || value == "false";
  };
  const auto member = pick(text, choice, is_bool);
  if (!member) return std::nullopt;
  const bool was = text.substr(member->value_begin).starts_with("true");
  return replaced(text, member->value_begin, member->value_end, was ? "false" : "true");
}

Edit change_string(std::string_view text, std::uint64_t choice) {
  const auto is_text = [](const JsonMember&, std::string_view value) {
    return trace::is_json_string(value) && value.size() > 2 && value[value.size() - 2] != '\\';
  };
  // What the implementation calls itself is nobody's promise.
  const auto is_judged = [&](const JsonMember& member, std::string_view value) {
    const std::string_view key = text.substr(member.key_begin, member.key_end - member.key_begin);
    return is_text(member, value) && key != "\"go\"" && key != "\"git_commit\"";
  };
  const auto member = pick(text, choice, is_judged);
  if (!member) return std::nullopt;
  return replaced(text, member->value_end - 1, member->value_end - 1, "~");
}

Edit put_null(std::string_view text, std::uint64_t choice) {
  const auto not_null = [](const JsonMember&, std::string_view value) { return value != "null"; };
  const auto member = pick(text, choice, not_null);
  if (!member) return std::nullopt;
  return replaced(text, member->value_begin, member->value_end, "null");
}

Edit empty_to_null(std::string_view text, std::uint64_t choice) {
  const auto empty = [](const JsonMember&, std::string_view value) {
    return value == "[]" || value == "{}" || value == "null";
  };
  const auto member = pick(text, choice, empty);
  if (!member) return std::nullopt;
  const bool was_null = text.substr(member->value_begin).starts_with("null");
  return replaced(text, member->value_begin, member->value_end, was_null ? "[]" : "null");
}

Edit drop_element(std::string_view text, std::uint64_t choice) {
  const auto outline = outline_of(text);
  if (!outline || outline->elements.empty()) return std::nullopt;
  const std::size_t index = choice % outline->elements.size();
  const JsonElement& element = outline->elements[index];
  const JsonElement* previous = nullptr;
  const JsonElement* next = nullptr;
  for (const JsonElement& other : outline->elements) {
    if (other.array != element.array) continue;
    if (other.begin < element.begin && (previous == nullptr || other.begin > previous->begin))
      previous = &other;
    if (other.begin > element.begin && (next == nullptr || other.begin < next->begin)) next = &other;
  }
  if (previous != nullptr) return replaced(text, previous->end, element.end, "");
  return replaced(text, element.begin, next == nullptr ? element.end : next->begin, "");
}

Edit repeat_element(std::string_view text, std::uint64_t choice) {
  const auto outline = outline_of(text);
  if (!outline || outline->elements.empty()) return std::nullopt;
  const JsonElement& element = outline->elements[choice % outline->elements.size()];
  const std::string copy(text.substr(element.begin, element.end - element.begin));
  return replaced(text, element.end, element.end, "," + copy);
}

Edit change_spacing(std::string_view text, std::uint64_t choice) {
  const auto member = pick(text, choice, any_value);
  if (!member) return std::nullopt;
  const bool spaced = text[member->value_begin - 1] == ' ';
  return spaced ? replaced(text, member->value_begin - 1, member->value_begin, "")
                : replaced(text, member->value_begin, member->value_begin, " ");
}

}  // namespace natstwin::mutate
