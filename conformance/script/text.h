// Text with variables, as scenarios write it: "id ${c1.client_id}" is a Template, "A"*5000 a Piece.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace natstwin::script {

struct Segment {
  bool variable = false;
  std::string text;  // the bytes, or the variable's name

  friend bool operator==(const Segment&, const Segment&) = default;
};

using Template = std::vector<Segment>;

struct Piece {
  Template text;
  long times = 1;
};

using Lookup = std::function<std::expected<std::string, std::string>(std::string_view name)>;

// "${" opens a variable, "$${" is a literal "${".
std::expected<Template, std::string> parse_template(std::string_view text);

// `"A"*5000 "\r\n"`: one or more quoted strings with escapes, and nothing else.
std::expected<std::vector<Piece>, std::string> parse_pieces(std::string_view text);

// Words separated by blanks; a word may be quoted (with escapes), which keeps blanks in it.
std::expected<std::vector<Template>, std::string> parse_words(std::string_view text);

std::expected<std::string, std::string> expand(const Template& text, const Lookup& lookup);
std::expected<std::string, std::string> expand(const std::vector<Piece>& pieces, const Lookup& lookup);

bool is_blank(char c);
std::string_view trim(std::string_view text);
// The first word, and what follows it without leading blanks.
std::pair<std::string_view, std::string_view> split_word(std::string_view text);

}  // namespace natstwin::script
