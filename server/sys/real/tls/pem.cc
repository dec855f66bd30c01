#include "server/sys/real/tls/pem.h"

#include <cstdint>
#include <optional>

namespace nats::sys {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int digits = 0;
  int padding = 0;
  for (char c : text) {
    if (is_space(c)) continue;
    if (c == '=') {
      if (++padding > 2) return std::nullopt;
      continue;
    }
    int value = digit(c);
    if (value < 0 || padding > 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++digits % 4 != 0) continue;
    for (int shift : {16, 8, 0}) out += static_cast<char>(bits >> shift & 0xff);
    bits = 0;
  }
  int rest = digits % 4;
  if (rest == 1 || (rest == 0 ? padding != 0 : padding != 4 - rest)) return std::nullopt;
  if (rest >= 2) out += static_cast<char>(bits >> (rest == 2 ? 4 : 10) & 0xff);
  if (rest == 3) out += static_cast<char>(bits >> 2 & 0xff);
  return out;
}

// Takes a line off the front of `text`, without its end.
std::string_view take_line(std::string_view& text) {
  std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

// `text` begins behind "-----BEGIN ". Nothing: no block begins here.
std::optional<PemBlock> read_block(std::string_view& text) {
  std::string_view line = take_line(text);
  if (!line.ends_with(dashes)) return std::nullopt;
  PemBlock block;
  block.type = line.substr(0, line.size() - dashes.size());
  std::string_view behind = text;
  while (!behind.empty()) {
    std::string_view after = behind;
    std::string_view header = take_line(after);
    if (header.find(':') == std::string_view::npos) break;
    block.has_headers = true;
    behind = after;
  }
  std::size_t end = behind.find(end_mark);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view body = behind.substr(0, end);
  std::string_view trailer = behind.substr(end + end_mark.size());
  if (!trailer.starts_with(block.type + std::string(dashes))) return std::nullopt;
  std::optional<std::string> der = decode_base64(body);
  if (!der) return std::nullopt;
  block.der = std::move(*der);
  text = trailer.substr(block.type.size() + dashes.size());
  return block;
}

}  // namespace

std::vector<PemBlock> read_pem(std::string_view text) {
  std::vector<PemBlock> blocks;
  for (std::size_t at; (at = text.find(begin_mark)) != std::string_view::npos;) {
    bool begins_line = at == 0 || text[at - 1] == '\n';
    text.remove_prefix(at + begin_mark.size());
    if (!begins_line) continue;
    if (std::optional<PemBlock> block = read_block(text)) blocks.push_back(std::move(*block));
  }
  return blocks;
}

}  // namespace nats::sys
