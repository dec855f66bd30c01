// The outer shape of a scenario: lines with indentation, comments left out, blocks of text kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace natstwin::script {

struct Line {
  int number = 0;
  int indent = 0;      // blanks before the text
  std::string text;    // without indentation and trailing blanks
  std::string whole;   // as written, for blocks of text
  bool empty = false;  // nothing or a comment
};

std::vector<Line> split_lines(std::string_view text);

// Lines below `at` that are indented deeper than it: [at + 1, end). Among statements a comment may
// stand at any depth; in a block of text it is text.
enum class Block { statements, text };
std::size_t block_end(const std::vector<Line>& lines, std::size_t at, Block kind);

// The block of text below `at` without its common indentation; every line ends with '\n'.
std::string block_text(const std::vector<Line>& lines, std::size_t at);

// Replaces each "${name}" in the lines [begin, end) of a copy.
std::vector<Line> bind_lines(const std::vector<Line>& lines, std::size_t begin, std::size_t end,
                             std::string_view name, std::string_view value);

}  // namespace natstwin::script
