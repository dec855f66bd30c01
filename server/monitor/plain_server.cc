#include "server/monitor/plain_server.h"

#include <string_view>

#include "server/gojson/writer.h"

namespace nats::monitor {

namespace {

using gojson::Writer;

void write_head(Writer& w, const Identity& identity) {
  w.string("server_id", identity.server_id);
  w.time("now", identity.now);
}

void write_empty_object(Writer& w, std::string_view name) {
  w.key(name);
  w.begin_object();
  w.end_object();
}

void write_empty_array(Writer& w, std::string_view name) {
  w.key(name);
  w.begin_array();
  w.end_array();
}

void write_zeros(Writer& w, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) w.integer(name, 0);
}

}  // namespace

std::string routez_without_routes(const Identity& identity) {
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  w.string("server_id", identity.server_id);
  w.string("server_name", identity.server_name);
  w.time("now", identity.now);
  w.integer("num_routes", 0);
  write_empty_array(w, "routes");
  w.end_object();
  return out;
}

std::string gatewayz_without_gateways(const Identity& identity) {
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  write_head(w, identity);
  write_empty_object(w, "outbound_gateways");
  write_empty_object(w, "inbound_gateways");
  w.end_object();
  return out;
}

std::string leafz_without_leafs(const Identity& identity) {
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  write_head(w, identity);
  w.integer("leafnodes", 0);
  write_empty_array(w, "leafs");
  w.end_object();
  return out;
}

std::string jsz_disabled(const Identity& identity) {
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  write_zeros(w, {"memory", "storage", "reserved_memory", "reserved_storage", "accounts", "ha_assets"});
  w.key("api");
  w.begin_object();
  write_zeros(w, {"level", "total", "errors"});
  w.end_object();
  write_head(w, identity);
  w.boolean("disabled", true);
  w.key("config");
  w.begin_object();
  write_zeros(w, {"max_memory", "max_storage"});
  w.end_object();
  write_zeros(w, {"streams", "consumers", "messages", "bytes", "total"});
  w.end_object();
  return out;
}

}  // namespace nats::monitor
