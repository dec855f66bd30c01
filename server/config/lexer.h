// Cuts configuration text into items: keys, values, brackets, includes.
//
// Lines and columns are those of the reference's messages, which come from how far its scanner has
// looked: a column counts octets from the last line end that was looked at when the item before was
// finished, so it is 0-based on the first line and 1-based below. NUL ends the text like its end.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace nats::config {

enum class ItemKind : std::uint8_t {
  error,  // text: what is wrong; nothing follows
  end,    // nothing follows
  key,
  string,
  boolean,
  integer,
  floating,
  datetime,
  array_start,
  array_end,
  map_start,
  map_end,
  variable,  // text: the name, without $
  include,   // text: the path
  comment,
};

struct Item {
  ItemKind kind = ItemKind::end;
  std::string text;
  int line = 0;
  int column = 0;
};

class Lexer {
 public:
  // `input` must outlive the lexer.
  explicit Lexer(std::string_view input) : input_(input) {}

  // Must not be called again after error or end.
  Item next();

 private:
  // What may come next. Those that end in _end follow a value.
  enum class State : std::uint8_t {
    top,
    top_end,
    block,  // inside "{" at the top level: the JSON style
    block_end,
    block_value_end,
    key_end,
    map_key,
    map_key_end,
    map_value_end,
    array_value,
    array_value_end,
    value,
    finished,
  };
  // Which rules a raw or double-quoted string goes on by after an escape.
  enum class Quoting : std::uint8_t { raw, quoted };

  char32_t take();
  void untake();
  char32_t peek();
  void drop();
  void emit(ItemKind kind);
  void emit_string();
  void fail(std::string text);
  void pop();
  void finish();

  void step();
  void top();
  void top_end();
  void block();
  void block_end();
  void block_value_end();
  void key_start();
  void raw_key();
  void quoted_key(char32_t quote);
  void key_end();
  void map_key();
  void raw_map_key();
  void quoted_map_key(char32_t quote);
  void map_key_end();
  void map_value();
  void map_value_end();
  void array_value();
  void array_value_end();
  void value();

  // True when "#" or "//" began here: the comment is read and `after` comes next.
  bool comment(char32_t rune, State after);
  bool is_include_keyword();
  void include_path();
  void quoted_include(char32_t quote, const char* name);
  void raw_include();
  void single_quoted();
  void double_quoted();
  void raw_string();
  // Reads what follows a backslash; false: it was wrong.
  bool escape();
  bool escape_hex();
  void block_text();
  void number();
  void negative_number();
  void suffixed_number();
  void date_after_year();
  void fraction();
  void address();
  void close_map();
  void close_array();
  void unterminated();
  bool raw_is_bool() const;

  std::string_view input_;
  std::size_t start_ = 0;  // of the item being read
  std::size_t at_ = 0;
  std::size_t width_ = 0;  // of the rune taken last
  int line_ = 1;
  std::size_t line_start_ = 0;       // the newest line end looked at
  std::size_t item_line_start_ = 0;  // the same when the item being read began
  State state_ = State::top;
  std::vector<State> states_;  // what comes after the value or comment being read
  std::string parts_;          // the string so far, when it has escapes
  bool has_parts_ = false;
  std::deque<Item> ready_;
};

}  // namespace nats::config
