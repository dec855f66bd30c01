// websocket {} and mqtt {}: checked, not built. Without a port they ask for nothing.
#include <fmt/core.h>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"

namespace nats::config {
namespace {

constexpr std::int64_t ack_pending_max = 0xffff;

struct PortBlock {
  int port = 0;
};

Step read_listener(Block& block, const Field& field, std::string_view rows, std::string_view what) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field, fmt::format("Expected {} to be a map, got {}", what, field.token.type_name()));
  }
  PortBlock read;
  Block inner(block.loading(), rows, &read, &block, Faults::caught);
  inner.look_at(field.token);
  inner.read(*map, unknown_field);
  if (read.port == 0) block.harmless();
  return Step::next;
}

Step set_address(Block& block, const Field& field) {
  if (auto address = read_listen(block, field)) block.target<PortBlock>().port = address->port;
  return Step::next;
}

}  // namespace

Step read_websocket(Block& block, const Field& field) {
  return read_listener(block, field, "websocket{}", "websocket");
}

Step read_mqtt(Block& block, const Field& field) { return read_listener(block, field, "mqtt{}", "mqtt"); }

Step set_ws_listen(Block& block, const Field& field) { return set_address(block, field); }
Step set_ws_port(Block& block, const Field& field) { return set_int<&PortBlock::port>(block, field); }
Step set_mqtt_listen(Block& block, const Field& field) { return set_address(block, field); }
Step set_mqtt_port(Block& block, const Field& field) { return set_int<&PortBlock::port>(block, field); }

Step check_ws_origins(Block& block, const Field& field) {
  std::vector<std::string> origins;
  read_strings(block, field, "allowed origins", origins);
  return Step::next;
}

Step check_ws_handshake_timeout(Block& block, const Field& field) {
  if (field.token.integer()) return Step::next;
  const std::string* value = field.token.string();
  if (!value) {
    return block.error(
        field, fmt::format("error parsing handshake timeout: unsupported type {}", field.token.type_name()));
  }
  Result<Duration> length = text::parse_duration(*value);
  return length ? Step::next : block.error(field, length.error().detail);
}

Step check_simple_authorization(Block& block, const Field& field) {
  Block inner(block.loading(), "websocket.authorization{} / mqtt.authorization{}", nullptr, &block,
              Faults::caught);
  inner.look_at(field.token);
  const Map* map = field.token.map();
  if (!map) {
    inner.wrong_type(field.token, "map[string]interface {}");
    return block.nil_fault();
  }
  inner.read(*map, unknown_field);
  return inner.failed() ? block.nil_fault() : Step::next;
}

Step check_ws_headers(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field,
                       fmt::format("error parsing headers: unsupported type {}", field.token.type_name()));
  }
  for (const auto& [key, token] : *map) {
    if (token.string()) continue;
    block.report().error(
        &token, fmt::format("error parsing header key {}: unsupported type {}", key, token.type_name()));
  }
  return Step::next;
}

Step check_mqtt_max_ack_pending(Block& block, const Field& field) {
  const std::int64_t* count = field.token.integer();
  if (!count) return block.wrong_type(field.token, "int64");
  if (*count >= 0 && *count <= ack_pending_max) return Step::next;
  return block.error(field,
                     fmt::format("invalid value {}, should in [0..{}] range", *count, ack_pending_max));
}

Step check_mqtt_consumer_replicas(Block& block, const Field& field) {
  block.report().misuse(field.token, field.key, "consumer replicas setting ignored in this server version");
  return Step::next;
}

}  // namespace nats::config
