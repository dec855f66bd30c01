#include "server/config/lexer.h"

#include <fmt/core.h>

#include "server/config/runes.h"

namespace nats::config {
Item Lexer::next() {
  while (ready_.empty()) step();
  Item item = std::move(ready_.front());
  ready_.pop_front();
  return item;
}

char32_t Lexer::take() {
  if (at_ >= input_.size()) {
    width_ = 0;
    return end_of_text;
  }
  if (input_[at_] == '\n') {
    ++line_;
    line_start_ = at_;
  }
  gojson::Rune rune = gojson::decode_rune(input_.substr(at_));
  width_ = rune.size;
  at_ += width_;
  return rune.value;
}

void Lexer::untake() {
  at_ -= width_;
  if (at_ < input_.size() && input_[at_] == '\n') --line_;
}

char32_t Lexer::peek() {
  char32_t r = take();
  untake();
  return r;
}

void Lexer::drop() {
  start_ = at_;
  item_line_start_ = line_start_;
}

void Lexer::emit(ItemKind kind) {
  std::string text = parts_ + std::string(input_.substr(start_, at_ - start_));
  int column = static_cast<int>(static_cast<std::int64_t>(at_) - static_cast<std::int64_t>(item_line_start_) -
                                static_cast<std::int64_t>(text.size()));
  ready_.push_back({kind, std::move(text), line_, column});
  drop();
}

// The column is wrong by what the escapes saved, as the reference's is.
void Lexer::emit_string() {
  std::string text = parts_ + std::string(input_.substr(start_, at_ - start_));
  int column = static_cast<int>(static_cast<std::int64_t>(at_) - static_cast<std::int64_t>(item_line_start_) -
                                static_cast<std::int64_t>(text.size()));
  ready_.push_back({ItemKind::string, std::move(text), line_, column});
  parts_.clear();
  has_parts_ = false;
  drop();
}

void Lexer::fail(std::string text) {
  int column = static_cast<int>(at_ - line_start_);
  ready_.push_back({ItemKind::error, std::move(text), line_, column});
  state_ = State::finished;
}

void Lexer::pop() {
  if (states_.empty()) return fail("BUG in lexer: no states to pop.");
  state_ = states_.back();
  states_.pop_back();
}

void Lexer::finish() {
  emit(ItemKind::end);
  state_ = State::finished;
}

// The text ended inside something: quietly when that something is empty.
void Lexer::unterminated() {
  if (at_ > start_) return fail("Unexpected EOF.");
  finish();
}

void Lexer::step() {
  switch (state_) {
    case State::top:
      return top();
    case State::top_end:
      return top_end();
    case State::block:
      return block();
    case State::block_end:
      return block_end();
    case State::block_value_end:
      return block_value_end();
    case State::key_end:
      return key_end();
    case State::map_key:
      return map_key();
    case State::map_key_end:
      return map_key_end();
    case State::map_value_end:
      return map_value_end();
    case State::array_value:
      return array_value();
    case State::array_value_end:
      return array_value_end();
    case State::value:
      return value();
    case State::finished:
      return fail("Unexpected EOF.");
  }
}

// `rune` was just taken. A slash that begins no comment leaves the rune after it untaken.
bool Lexer::comment(char32_t rune, State after) {
  if (rune == '/') {
    if (take() != '/') {
      untake();
      return false;
    }
  } else if (rune != '#') {
    return false;
  }
  drop();
  for (char32_t r = peek(); !is_line_end(r) && r != end_of_text; r = peek()) take();
  emit(ItemKind::comment);
  state_ = after;
  return true;
}

void Lexer::top() {
  char32_t r = take();
  if (text::is_space(r)) return drop();
  if (r == '{') {
    states_.push_back(State::top);
    drop();
    state_ = State::block;
    return;
  }
  if (comment(r, State::top)) return;
  if (r == '/' || r == end_of_text) return unterminated();
  untake();
  states_.push_back(State::top_end);
  key_start();
}

void Lexer::top_end() {
  char32_t r = take();
  if (comment(r, State::top)) return;
  if (r == '/' || is_blank(r)) return;
  if (is_line_end(r) || r == end_of_text || r == ';' || r == ',' || r == '}') {
    drop();
    state_ = State::top;
    return;
  }
  fail(fmt::format("Expected a top-level value to end with a new line, comment or EOF, but got '{}' instead.",
                   shown(r)));
}

void Lexer::block() {
  char32_t r = take();
  if (text::is_space(r)) return drop();
  if (r == '{') {
    states_.push_back(State::block_end);
    return drop();
  }
  if (r == '}') {
    drop();
    return pop();
  }
  if (comment(r, State::block)) return;
  if (r == '/' || r == end_of_text) return unterminated();
  untake();
  states_.push_back(State::block_value_end);
  key_start();
}

void Lexer::block_value_end() {
  char32_t r = take();
  if (comment(r, State::block_value_end)) return;
  if (r == '/' || is_blank(r)) return;
  if (is_line_end(r) || r == ';' || r == ',') {
    drop();
    state_ = State::block;
    return;
  }
  if (r == '}') {
    untake();
    state_ = State::block_end;
    return;
  }
  fail(fmt::format(
      "Expected a block-level value to end with a new line, comment or EOF, but got '{}' instead.",
      shown(r)));
}

void Lexer::block_end() {
  char32_t r = take();
  if (comment(r, State::block)) return;
  if (r == '/' || is_line_end(r) || is_blank(r)) return;
  if (r == ';' || r == ',') {
    drop();
    state_ = State::block;
    return;
  }
  if (r == '}') {
    drop();
    return pop();
  }
  fail(fmt::format("Expected a block-level to end with a '}}', but got '{}' instead.", shown(r)));
}

void Lexer::key_start() {
  for (;;) {
    char32_t r = peek();
    if (is_separator(r)) return fail(fmt::format("Unexpected key separator '{}'", shown(r)));
    if (!text::is_space(r)) break;
    take();
    drop();
  }
  char32_t r = peek();
  if (r == '"' || r == '\'') return quoted_key(r);
  drop();
  take();
  raw_key();
}

void Lexer::quoted_key(char32_t quote) {
  take();
  drop();
  for (char32_t r = peek(); r != quote; r = peek()) {
    if (r == end_of_text) return unterminated();
    take();
  }
  emit(ItemKind::key);
  take();
  drop();
  state_ = State::key_end;
}

void Lexer::raw_key() {
  for (;; take()) {
    char32_t r = peek();
    if (text::is_space(r) && is_include_keyword()) {
      drop();
      return include_path();
    }
    if (text::is_space(r) || is_separator(r) || r == end_of_text) break;
  }
  emit(ItemKind::key);
  state_ = State::key_end;
}

bool Lexer::is_include_keyword() { return text::lower(input_.substr(start_, at_ - start_)) == "include"; }

void Lexer::key_end() {
  char32_t r = take();
  if (text::is_space(r)) return drop();
  if (r == end_of_text) return finish();
  if (is_separator(r)) {
    drop();
  } else {
    untake();
  }
  state_ = State::value;
}

void Lexer::value() {
  char32_t r = take();
  if (is_blank(r)) return drop();
  if (r == '[') {
    drop();
    emit(ItemKind::array_start);
    state_ = State::array_value;
    return;
  }
  if (r == '{') {
    drop();
    emit(ItemKind::map_start);
    state_ = State::map_key;
    return;
  }
  if (r == '\'' || r == '"' || r == '(') drop();
  if (r == '\'') return single_quoted();
  if (r == '"') return double_quoted();
  if (r == '(') return block_text();
  if (r == '-') return negative_number();
  if (text::is_digit(r)) return number();
  if (r == '.') return fail("Floats must start with a digit");
  if (is_line_end(r)) return fail("Expected value but found new line");
  untake();
  raw_string();
}

void Lexer::array_value() {
  char32_t r = take();
  if (text::is_space(r)) return drop();
  if (comment(r, State::array_value)) return;
  if (r == '/' || r == ',') return fail("Unexpected array value terminator ','.");
  if (r == ']') return close_array();
  untake();
  states_.push_back(State::array_value_end);
  state_ = State::value;
}

void Lexer::array_value_end() {
  char32_t r = take();
  if (is_blank(r)) return drop();
  if (comment(r, State::array_value_end)) return;
  if (r == '/' || r == ',' || is_line_end(r)) {
    drop();
    state_ = State::array_value;
    return;
  }
  if (r == ']') return close_array();
  fail(fmt::format(
      "Expected an array value terminator \",\" or an array terminator \"]\", but got '{}' instead.",
      shown(r)));
}

void Lexer::close_array() {
  drop();
  emit(ItemKind::array_end);
  pop();
}

void Lexer::close_map() {
  drop();
  emit(ItemKind::map_end);
  pop();
}

void Lexer::map_key() {
  char32_t r = peek();
  if (is_separator(r)) return fail(fmt::format("Unexpected key separator '{}'.", shown(r)));
  if (r == ']') return fail("Unexpected array end ']' processing map.");
  if (text::is_space(r)) {
    take();
    return drop();
  }
  if (r == '}') {
    take();
    return close_map();
  }
  if (r == '#' || r == '/') {
    take();
    // A lone slash is dropped and the key begins behind it.
    if (comment(r, State::map_key)) return;
  } else if (r == '\'' || r == '"') {
    return quoted_map_key(r);
  } else if (r == end_of_text) {
    return fail("Unexpected EOF processing map.");
  }
  drop();
  take();
  raw_map_key();
}

void Lexer::quoted_map_key(char32_t quote) {
  take();
  drop();
  for (char32_t r = peek(); r != quote; r = peek()) {
    if (r == end_of_text) {
      return fail(quote == '"' ? "Unexpected EOF processing double quoted map key."
                               : "Unexpected EOF processing quoted map key.");
    }
    take();
  }
  emit(ItemKind::key);
  take();
  drop();
  state_ = State::map_key_end;
}

void Lexer::raw_map_key() {
  for (;; take()) {
    char32_t r = peek();
    if (r == end_of_text) return fail("Unexpected EOF processing map key.");
    if (text::is_space(r) && is_include_keyword()) {
      drop();
      states_.push_back(State::map_value_end);
      return include_path();
    }
    if (text::is_space(r) || is_separator(r)) break;
  }
  emit(ItemKind::key);
  state_ = State::map_key_end;
}

void Lexer::map_key_end() {
  char32_t r = take();
  if (text::is_space(r)) return drop();
  if (is_separator(r)) {
    drop();
  } else {
    untake();
  }
  map_value();
}

void Lexer::map_value() {
  for (;;) {
    char32_t r = take();
    if (text::is_space(r)) {
      drop();
      continue;
    }
    if (r == ',') return fail("Unexpected map value terminator \",\".");
    if (r == '}') return close_map();
    break;
  }
  untake();
  states_.push_back(State::map_value_end);
  state_ = State::value;
}

void Lexer::map_value_end() {
  char32_t r = take();
  if (is_blank(r)) return drop();
  if (comment(r, State::map_value_end)) return;
  if (r == '/' || r == ';' || r == ',' || is_line_end(r)) {
    drop();
    state_ = State::map_key;
    return;
  }
  if (r == '}') return close_map();
  fail(fmt::format("Expected a map value terminator \",\" or a map terminator \"}}\", but got '{}' instead.",
                   shown(r)));
}

}  // namespace nats::config
