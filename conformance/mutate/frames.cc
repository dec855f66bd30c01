#include "conformance/mutate/frames.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace natstwin::mutate {

namespace {

constexpr std::size_t number_max = std::size_t{1} << 30;

std::optional<std::size_t> number(std::string_view text, int base = 10) {
  std::size_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc{} || end != text.data() + text.size() || value > number_max) return std::nullopt;
  return value;
}

std::string_view last_word(std::string_view line) {
  const std::size_t space = line.rfind(' ');
  return space == std::string_view::npos ? line : line.substr(space + 1);
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::optional<std::string> unchunked(std::string_view bytes) {
  std::string body;
  while (true) {
    const std::size_t end = bytes.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const auto size = number(bytes.substr(0, end), 16);
    if (!size || bytes.size() < end + 2 + *size + 2) return std::nullopt;
    body += bytes.substr(end + 2, *size);
    bytes.remove_prefix(end + 2 + *size + 2);
    if (*size == 0) return body;
  }
}

}  // namespace

std::optional<RawFrame> FrameCutter::next() {
  constexpr std::array<std::string_view, 7> kinds{"INFO", "MSG", "HMSG", "+OK", "-ERR", "PING", "PONG"};
  const std::size_t end = buffer_.find("\r\n");
  if (end == std::string::npos) return std::nullopt;
  const std::string_view line = std::string_view(buffer_).substr(0, end);
  RawFrame frame;
  const std::string_view op = line.substr(0, line.find(' '));
  if (std::ranges::find(kinds, op) != kinds.end()) frame.kind = op;
  std::size_t size = end + 2;
  if (frame.kind == "MSG" || frame.kind == "HMSG") {
    const auto payload = number(last_word(line));
    if (payload) size += *payload + 2;
    if (buffer_.size() < size) return std::nullopt;
  }
  frame.bytes = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return frame;
}

std::string FrameCutter::take_rest() { return std::move(buffer_); }

std::optional<HttpAnswer> parse_http(std::string_view bytes, bool ended) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  std::string_view head = bytes.substr(0, head_end + 2);
  const std::string_view rest = bytes.substr(head_end + 4);
  HttpAnswer answer;
  const std::size_t status_end = head.find("\r\n");
  answer.status_line = head.substr(0, status_end);
  head.remove_prefix(status_end + 2);
  std::optional<std::size_t> length;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    while (value.starts_with(' ')) value.remove_prefix(1);
    if (same_name(name, "content-length")) length = number(value);
    if (same_name(name, "transfer-encoding")) answer.chunked = true;
    answer.headers.emplace_back(line);
    head.remove_prefix(end + 2);
  }
  if (answer.chunked) {
    auto body = unchunked(rest);
    if (!body) return std::nullopt;
    answer.body = std::move(*body);
    return answer;
  }
  if (length && rest.size() < *length && !ended) return std::nullopt;
  if (!length && !ended) return std::nullopt;
  answer.body = rest.substr(0, length.value_or(rest.size()));
  return answer;
}

std::string to_bytes(const HttpAnswer& answer) {
  std::string out = answer.status_line + "\r\n";
  for (const std::string& header : answer.headers) {
    const bool length = same_name(std::string_view(header).substr(0, header.find(':')), "content-length");
    out += length ? fmt::format("{}: {}", header.substr(0, header.find(':')), answer.body.size()) : header;
    out += "\r\n";
  }
  out += "\r\n";
  if (!answer.chunked) return out + answer.body;
  if (!answer.body.empty()) out += fmt::format("{:x}\r\n{}\r\n", answer.body.size(), answer.body);
  return out + "0\r\n\r\n";
}

}  // namespace natstwin::mutate
