#include "conformance/trace/decode_client.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace natstwin::trace {
namespace {

constexpr std::size_t line_bytes_max = 1 << 20;
constexpr std::array<std::string_view, 8> verbs{"CONNECT", "PING", "PONG", "SUB",
                                                "UNSUB",   "PUB",  "HPUB", "+OK"};

std::string upper_verb(std::string_view line) {
  std::string verb(line.substr(0, line.find_first_of(" \t")));
  std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return std::toupper(c); });
  return verb;
}

bool is_printable(std::string_view line) {
  return std::ranges::all_of(line, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

std::optional<std::size_t> number_at(std::string_view line, std::size_t words_from_end) {
  std::string_view word;
  for (std::size_t i = 0; i <= words_from_end; ++i) {
    while (line.ends_with(' ')) line.remove_suffix(1);
    const auto blank = line.rfind(' ');
    word = line.substr(blank == std::string_view::npos ? 0 : blank + 1);
    line.remove_suffix(word.size());
  }
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<ClientOp> ClientOpDecoder::take_raw(std::size_t size) {
  ClientOp op;
  op.raw = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return op;
}

std::optional<ClientOp> ClientOpDecoder::next() {
  const auto end = buffer_.find("\r\n");
  if (end == std::string::npos) {
    return buffer_.size() > line_bytes_max ? take_raw(buffer_.size()) : std::nullopt;
  }
  const std::string_view line = std::string_view(buffer_).substr(0, end);
  const std::string verb = upper_verb(line);
  const bool trimmed = !line.empty() && line.front() != ' ' && line.back() != ' ';
  if (!trimmed || !is_printable(line) || std::ranges::find(verbs, verb) == verbs.end())
    return take_raw(end + 2);
  ClientOp op;
  op.publishes = verb == "PUB" || verb == "HPUB";
  if (!op.publishes) {
    op.line = line;
    buffer_.erase(0, end + 2);
    return op;
  }
  const auto size = number_at(line, 0);
  const auto header_size = verb == "HPUB" ? number_at(line, 1) : std::optional<std::size_t>(0);
  if (!size || !header_size || *header_size > *size) return take_raw(end + 2);
  if (buffer_.size() < end + 2 + *size + 2) return std::nullopt;
  if (buffer_.compare(end + 2 + *size, 2, "\r\n") != 0) return take_raw(end + 2);
  op.line = line;
  op.headers = buffer_.substr(end + 2, *header_size);
  op.payload = buffer_.substr(end + 2 + *header_size, *size - *header_size);
  buffer_.erase(0, end + 2 + *size + 2);
  return op;
}

std::optional<ClientOp> ClientOpDecoder::finish() {
  if (buffer_.empty()) return std::nullopt;
  return take_raw(buffer_.size());
}

}  // namespace natstwin::trace
