#include "conformance/trace/lines.h"

#include <algorithm>

#include "conformance/trace/json_text.h"

namespace natstwin::trace {

std::optional<std::string_view> LineReader::next() {
  if (rest_.empty()) return std::nullopt;
  ++number_;
  const std::size_t end = rest_.find('\n');
  const std::string_view line = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
  return line;
}

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

std::string word_form(std::string_view word) {
  const bool plain = !word.empty() && word.front() != '"' && std::ranges::all_of(word, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F;
  });
  return plain ? std::string(word) : quote_bytes(word);
}

std::string text_form(std::string_view text) {
  const bool plain = is_one_line(text) && !text.starts_with('"');
  return plain ? std::string(text) : quote_bytes(text);
}

std::expected<std::string, std::string> take_word(std::string_view& line) {
  if (line.empty() || line.front() == ' ') return std::unexpected("a word is missing");
  std::size_t end = 1;
  if (line.front() == '"') {
    while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
    if (end >= line.size()) return std::unexpected("a quote is not closed");
    ++end;
    auto word = unquote_bytes(line.substr(0, end));
    line.remove_prefix(end);
    return word;
  }
  end = std::min(line.find(' '), line.size());
  std::string word(line.substr(0, end));
  line.remove_prefix(end);
  return word;
}

std::expected<std::string, std::string> take_text(std::string_view text) {
  if (text.starts_with('"')) return unquote_bytes(text);
  return std::string(text);
}

}  // namespace natstwin::trace
