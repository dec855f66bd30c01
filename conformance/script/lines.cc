#include "conformance/script/lines.h"

#include <algorithm>

#include "conformance/script/text.h"

namespace natstwin::script {
namespace {

// A line that is blank even inside a block of text, where comments are text.
bool is_void(const Line& line) { return line.text.empty(); }

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::vector<Line> split_lines(std::string_view text) {
  std::vector<Line> lines;
  int number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (whole.ends_with('\r')) whole.remove_suffix(1);
    Line& line = lines.emplace_back();
    line.number = ++number;
    line.whole = whole;
    line.indent = static_cast<int>(std::min(whole.find_first_not_of(" \t"), whole.size()));
    line.text = trim(whole);
    line.empty = line.text.empty() || line.text.front() == '#';
  }
  return lines;
}

std::size_t block_end(const std::vector<Line>& lines, std::size_t at, Block kind) {
  std::size_t end = at + 1;
  for (std::size_t i = at + 1; i < lines.size(); ++i) {
    if (is_void(lines[i]) || (kind == Block::statements && lines[i].empty)) continue;
    if (lines[i].indent <= lines[at].indent) break;
    end = i + 1;
  }
  return end;
}

std::string block_text(const std::vector<Line>& lines, std::size_t at) {
  const std::size_t end = block_end(lines, at, Block::text);
  int common = -1;
  for (std::size_t i = at + 1; i < end; ++i) {
    if (!is_void(lines[i]) && (common < 0 || lines[i].indent < common)) common = lines[i].indent;
  }
  std::string text;
  for (std::size_t i = at + 1; i < end; ++i) {
    if (!is_void(lines[i])) text += std::string_view(lines[i].whole).substr(static_cast<std::size_t>(common));
    text += '\n';
  }
  return text;
}

std::vector<Line> bind_lines(const std::vector<Line>& lines, std::size_t begin, std::size_t end,
                             std::string_view name, std::string_view value) {
  const std::string variable = "${" + std::string(name) + "}";
  std::vector<Line> bound(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                          lines.begin() + static_cast<std::ptrdiff_t>(end));
  for (Line& line : bound) {
    replace_all(line.text, variable, value);
    replace_all(line.whole, variable, value);
  }
  return bound;
}

}  // namespace natstwin::script
