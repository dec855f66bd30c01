#include "server/gojson/writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "server/base/check.h"
#include "server/gojson/time_text.h"
#include "server/gojson/utf8.h"

namespace nats::gojson {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

// ASCII that stands for itself inside a string.
constexpr std::array<bool, 128> plain = [] {
  std::array<bool, 128> table{};
  for (int c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
  return table;
}();

void append_ascii_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex_digits[c >> 4];
      out += hex_digits[c & 15];
  }
}

}  // namespace

void Writer::key(std::string_view name) {
  before_value();
  append_quoted(name);
  out_ += indent_.empty() ? std::string_view(":") : std::string_view(": ");
  after_key_ = true;
}

void Writer::string(std::string_view text) {
  before_value();
  append_quoted(text);
}

void Writer::integer(std::int64_t number) {
  before_value();
  char buffer[24];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out_.append(buffer, end);
}

void Writer::unsigned_integer(std::uint64_t number) {
  before_value();
  char buffer[24];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out_.append(buffer, end);
}

void Writer::number(double number) {
  NATS_CHECK(std::isfinite(number));
  before_value();
  const double size = std::fabs(number);
  const bool scientific = size != 0 && (size < 1e-6 || size >= 1e21);
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, number,
                           scientific ? std::chars_format::scientific : std::chars_format::fixed)
                 .ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  // Go drops the zero that pads a small negative exponent: 1e-09 is 1e-9.
  if (scientific && text.size() > 4 && text.substr(text.size() - 4, 3) == "e-0") {
    out_.append(text.substr(0, text.size() - 2));
    out_ += text.back();
  } else {
    out_.append(text);
  }
}

void Writer::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
}

void Writer::null() {
  before_value();
  out_ += "null";
}

void Writer::time(WallTime at, Duration utc_offset) {
  before_value();
  out_ += '"';
  append_rfc3339_nano(out_, at, utc_offset);
  out_ += '"';
}

void Writer::raw(std::string_view json) {
  before_value();
  out_ += json;
}

void Writer::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) out_ += ',';
  first_ = false;
  out_ += line_start_;
}

void Writer::open(char bracket) {
  before_value();
  out_ += bracket;
  ++depth_;
  if (!indent_.empty()) line_start_ += indent_;
  first_ = true;
}

void Writer::close(char bracket) {
  NATS_CHECK(depth_ > 0 && !after_key_);
  --depth_;
  line_start_.resize(line_start_.size() - indent_.size());
  if (!first_) out_ += line_start_;
  out_ += bracket;
  first_ = false;
}

void Writer::append_quoted(std::string_view text) {
  const auto is_plain = [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x80 && plain[octet];
  };
  out_ += '"';
  if (std::ranges::all_of(text, is_plain)) {
    out_ += text;
    out_ += '"';
    return;
  }
  std::size_t done = 0;  // text before this is in out_
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      if (!plain[c]) {
        out_.append(text, done, at - done);
        append_ascii_escape(out_, c);
        done = at + 1;
      }
      ++at;
      continue;
    }
    const Rune rune = decode_rune(text.substr(at));
    std::string_view escape;
    if (rune.value == replacement_rune && rune.size == 1) escape = "\\ufffd";
    if (rune.value == 0x2028) escape = "\\u2028";
    if (rune.value == 0x2029) escape = "\\u2029";
    if (!escape.empty()) {
      out_.append(text, done, at - done);
      out_ += escape;
      done = at + rune.size;
    }
    at += rune.size;
  }
  out_.append(text, done);
  out_ += '"';
}

std::string quoted_json(std::string_view text) {
  std::string out;
  Writer(out).string(text);
  return out;
}

}  // namespace nats::gojson
