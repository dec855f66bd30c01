// MQTT 3.1.1 packets that a server sends.
#include <fmt/core.h>

#include <array>

#include "conformance/trace/decode.h"
#include "conformance/trace/json_text.h"

namespace natstwin::trace {
namespace {

constexpr std::array<std::string_view, 16> kinds{
    "RESERVED",  "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
    "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
enum Kind : unsigned { connack = 2, publish = 3, puback = 4, pubcomp = 7, suback = 9, unsuback = 11 };

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }
unsigned word_at(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

// The fields of a body that has its usual shape; others stay bytes.
bool decode_body(unsigned kind, unsigned flags, std::string_view body, std::vector<Leaf>& leaves) {
  const auto number = [&](const char* name, unsigned value) {
    leaves.push_back({name, std::to_string(value)});
  };
  if (kind == connack && body.size() == 2) {
    number("session_present", byte_at(body, 0));
    number("code", byte_at(body, 1));
    return true;
  }
  const bool has_only_id = (kind >= puback && kind <= pubcomp) || kind == unsuback;
  if (has_only_id && body.size() == 2) {
    number("id", word_at(body, 0));
    return true;
  }
  if (kind == suback && body.size() >= 3) {
    number("id", word_at(body, 0));
    for (std::size_t i = 2; i < body.size(); ++i) {
      leaves.push_back({fmt::format("codes[{}]", i - 2), std::to_string(byte_at(body, i))});
    }
    return true;
  }
  const unsigned quality = flags >> 1 & 3u;
  const std::size_t id_size = quality > 0 ? 2 : 0;
  if (kind != publish || body.size() < 2 || body.size() < 2 + word_at(body, 0) + id_size) return body.empty();
  const std::size_t topic = word_at(body, 0);
  leaves.push_back({"topic", quote_bytes(body.substr(2, topic))});
  if (id_size > 0) number("id", word_at(body, 2 + topic));
  append_payload(body.substr(2 + topic + id_size), "payload", leaves);
  return true;
}

class MqttDecoder final : public Decoder {
 public:
  void feed(std::string_view bytes) override { buffer_ += bytes; }

  std::optional<Frame> next() override {
    std::size_t length = 0;
    std::size_t at = 1;
    for (unsigned shift = 0;; shift += 7, ++at) {
      if (buffer_.size() <= at) return std::nullopt;
      if (shift > 21) return take_raw();
      length |= static_cast<std::size_t>(byte_at(buffer_, at) & 0x7fu) << shift;
      if ((byte_at(buffer_, at) & 0x80u) == 0) break;
    }
    const std::size_t head = at + 1;
    if (buffer_.size() < head + length) return std::nullopt;
    const unsigned first = byte_at(buffer_, 0);
    Frame frame{std::string(kinds[first >> 4]),
                {{"flags", std::to_string(first & 15u)}, {"length", std::to_string(length)}}};
    const std::string body = buffer_.substr(head, length);
    if (!decode_body(first >> 4, first & 15u, body, frame.leaves))
      frame.leaves.push_back({"bytes", quote_bytes(body)});
    // 127 may be spelled in more than one byte.
    if (head > 2 && length < 128) frame.leaves.push_back({"head", quote_bytes(buffer_.substr(0, head))});
    buffer_.erase(0, head + length);
    return frame;
  }

  std::vector<Frame> finish() override {
    std::vector<Frame> frames;
    while (auto frame = next()) frames.push_back(std::move(*frame));
    if (!buffer_.empty()) frames.push_back(*take_raw());
    return frames;
  }

  std::size_t buffered() const override { return buffer_.size(); }

 private:
  std::optional<Frame> take_raw() {
    Frame frame{"RAW", {{"bytes", quote_bytes(buffer_)}}};
    buffer_.clear();
    return frame;
  }

  std::string buffer_;
};

}  // namespace

std::unique_ptr<Decoder> make_mqtt_decoder() { return std::make_unique<MqttDecoder>(); }

}  // namespace natstwin::trace
