// Bytes of a connection as frames with leaves. Decoding loses nothing: two streams that differ in one
// byte differ in some leaf. What cannot be decoded is a RAW frame.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/trace.h"

namespace natstwin::trace {

struct Frame {
  std::string kind;
  std::vector<Leaf> leaves;

  const Leaf* leaf(std::string_view path) const;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual void feed(std::string_view bytes) = 0;
  // A complete frame, or nothing until more bytes come.
  virtual std::optional<Frame> next() = 0;
  // The peer closed: what is left.
  virtual std::vector<Frame> finish() = 0;
  virtual std::size_t buffered() const = 0;
};

std::unique_ptr<Decoder> make_nats_decoder();
// Routes, gateways and leaf nodes: what a server sends to another one.
std::unique_ptr<Decoder> make_link_decoder();
std::unique_ptr<Decoder> make_http_decoder();
std::unique_ptr<Decoder> make_mqtt_decoder();

// Appends the leaves of a JSON text, `prefix` before each path, and `prefix`.format ("compact",
// "indent-2"; with "+newline" where one follows). False, and nothing appended, if it is no JSON.
bool append_json(std::string_view text, std::string_view prefix, std::vector<Leaf>& leaves);
// JSON objects and arrays as leaves, anything else as one string.
void append_payload(std::string_view text, std::string_view prefix, std::vector<Leaf>& leaves);
// body[0], body[1], ...: split at '\n'; joining them with '\n' gives the text again.
void append_lines(std::string_view text, std::string_view prefix, std::vector<Leaf>& leaves);
// Header block of HMSG ("NATS/1.0 503\r\nA: b\r\n\r\n").
void append_nats_headers(std::string_view block, std::vector<Leaf>& leaves);

// Status line, headers and body of one complete HTTP answer.
std::vector<Leaf> http_leaves(std::string_view head, std::string_view body);

}  // namespace natstwin::trace
