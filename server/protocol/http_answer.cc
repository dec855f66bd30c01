#include "server/protocol/http_answer.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "server/gojson/go_quote.h"

namespace nats::protocol {
namespace {

constexpr std::size_t line_size_max = 4096;  // of a chunk's size

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

bool read_number(std::string_view text, int base, std::size_t& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

constexpr bool has_no_body(int status) { return status == 204 || status == 304; }

}  // namespace

HttpAnswer::State HttpAnswer::fail(std::string problem) {
  problem_ = std::move(problem);
  return state_ = State::failed;
}

HttpAnswer::State HttpAnswer::feed(Bytes in) {
  if (state_ != State::more) return state_;
  held_.append(in);
  return go_on();
}

HttpAnswer::State HttpAnswer::end() {
  if (state_ != State::more) return state_;
  if (in_head_) return fail(held_.empty() && status_ == 0 ? "EOF" : "unexpected EOF");
  if (chunked_ || length_) return fail("unexpected EOF");
  return state_ = State::done;
}

HttpAnswer::State HttpAnswer::go_on() {
  while (in_head_) {
    std::size_t size = held_.find("\r\n\r\n");
    if (std::min(size, held_.size()) > head_size_max)
      return fail("net/http: server response headers exceeded limit");
    if (size == std::string::npos) {
      // Whatever does not begin like an answer is none.
      if (held_.size() >= 5 && !held_.starts_with("HTTP/") && held_.find('\n') != std::string::npos)
        read_head();
      return state_;
    }
    if (!read_head()) return state_;
    held_.erase(0, size + 4);
    // "Continue" and the like come before the answer.
    in_head_ = status_ < 200;
  }
  return chunked_ ? read_chunks() : read_body();
}

bool HttpAnswer::read_head() {
  std::string_view head(held_);
  head = head.substr(0, head.find("\r\n\r\n"));
  std::string_view first = head.substr(0, head.find('\n'));
  while (first.ends_with('\r') || first.ends_with(' ')) first.remove_suffix(1);
  std::size_t status = 0;
  std::size_t space = first.find(' ');
  bool good = first.starts_with("HTTP/1.") && space != std::string_view::npos && first.size() >= space + 4 &&
              read_number(first.substr(space + 1, 3), 10, status) && status >= 100;
  if (!good) {
    fail("net/http: HTTP/1.x transport connection broken: malformed HTTP response " +
         gojson::go_quote(first));
    return false;
  }
  status_ = static_cast<int>(status);
  length_.reset();
  chunked_ = false;
  for (std::size_t at = head.find('\n'); at != std::string_view::npos;) {
    std::size_t next = head.find('\n', at + 1);
    if (!read_field(trimmed(head.substr(at + 1, next - at - 1)))) return false;
    at = next;
  }
  if (has_no_body(status_)) length_ = 0;
  if (chunked_) length_.reset();
  return true;
}

bool HttpAnswer::read_field(std::string_view line) {
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    fail("malformed MIME header line: " + std::string(line));
    return false;
  }
  std::string_view name = line.substr(0, colon);
  std::string_view value = trimmed(line.substr(colon + 1));
  if (same_name(name, "location")) location_ = value;
  if (same_name(name, "transfer-encoding")) chunked_ = same_name(value, "chunked");
  std::size_t length = 0;
  if (same_name(name, "content-length")) {
    if (!read_number(value, 10, length)) {
      fail("net/http: HTTP/1.x transport connection broken: bad Content-Length " + gojson::go_quote(value));
      return false;
    }
    length_ = length;
  }
  return true;
}

HttpAnswer::State HttpAnswer::read_body() {
  std::size_t left = length_ ? *length_ - std::min(*length_, body_.size()) : held_.size();
  std::size_t now = std::min(left, held_.size());
  if ((length_ && *length_ > body_size_max) || body_.size() + now > body_size_max)
    return fail("body exceeds limit");
  body_.append(held_, 0, now);
  held_.clear();
  if (length_ && body_.size() == *length_) state_ = State::done;
  return state_;
}

HttpAnswer::State HttpAnswer::read_chunks() {
  for (;;) {
    if (in_chunk_) {
      std::size_t now = std::min(chunk_left_, held_.size());
      body_.append(held_, 0, now);
      held_.erase(0, now);
      chunk_left_ -= now;
      if (chunk_left_ > 0 || held_.size() < 2) return state_;
      if (!held_.starts_with("\r\n")) return fail("malformed chunked encoding");
      held_.erase(0, 2);
      in_chunk_ = false;
    }
    std::size_t size = held_.find('\n');
    if (std::min(size, held_.size()) > line_size_max) return fail("header line too long");
    if (size == std::string::npos) return state_;
    std::string line(trimmed(std::string_view(held_).substr(0, size)));
    held_.erase(0, size + 1);
    if (in_trailer_) {
      if (line.empty()) return state_ = State::done;
      continue;
    }
    std::string_view digits = trimmed(std::string_view(line).substr(0, line.find(';')));
    if (!read_number(digits, 16, chunk_left_)) return fail("invalid byte in chunk length");
    if (chunk_left_ > body_size_max - body_.size()) return fail("body exceeds limit");
    in_chunk_ = chunk_left_ > 0;
    in_trailer_ = !in_chunk_;
  }
}

}  // namespace nats::protocol
