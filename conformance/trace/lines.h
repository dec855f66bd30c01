// What the text forms of traces and goldens share: lines, words and the head of an event.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/trace/trace.h"

namespace natstwin::trace {

class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next();
  int number() const { return number_; }  // of the line that next() gave last

 private:
  std::string_view rest_;
  int number_ = 0;
};

// A word holds no space; anything else is written as a JSON string.
std::string word_form(std::string_view word);
// The rest of a line; text with control characters, or that starts with a quote, is a JSON string.
std::string text_form(std::string_view text);
bool is_one_line(std::string_view text);

// Takes a word off the front of `line`.
std::expected<std::string, std::string> take_word(std::string_view& line);
std::expected<std::string, std::string> take_text(std::string_view text);

struct EventHead {
  std::string_view step;  // without the @
  std::string actor;
  Direction direction = Direction::received;
  std::string frame;
};

// `line` begins with '@'.
std::expected<EventHead, std::string> parse_event_head(std::string_view line);

}  // namespace natstwin::trace
