#include "server/broker/session/connect_options.h"

#include <limits>
#include <optional>
#include <vector>

#include "server/gojson/decoder.h"
#include "server/gojson/document.h"

namespace nats::broker {
namespace {

// Routes and leafnodes say what they import and export; a client's are only checked for their type.
struct LinkPermission {
  static constexpr std::string_view go_type = "server.SubjectPermission";
  std::vector<std::string> allow;
  std::vector<std::string> deny;
};

void decode(gojson::Decoder& decoder, gojson::Value value, LinkPermission& permission) {
  decoder.struct_type(LinkPermission::go_type);
  decoder.object(value, {{"allow", permission.allow}, {"deny", permission.deny}});
  decoder.struct_type("server.ClientOpts");
}

// Integers of Go types other than int.
struct Int32 {
  std::int64_t value = 0;
};
struct Uint8 {
  std::int64_t value = 0;
};
void decode(gojson::Decoder& decoder, gojson::Value value, Int32& number) {
  decoder.read_int(value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(),
                   "int32", number.value);
}
void decode(gojson::Decoder& decoder, gojson::Value value, Uint8& number) {
  decoder.read_int(value, 0, std::numeric_limits<std::uint8_t>::max(), "uint8", number.value);
}

}  // namespace

Result<void> apply_connect(std::string_view json, ConnectOptions& options) {
  gojson::Document document = NATS_TRY(gojson::Document::parse(json));
  gojson::Decoder decoder("ClientOpts", "server.ClientOpts");
  std::optional<LinkPermission> import_permission;
  std::optional<LinkPermission> export_permission;
  decoder.object(document.root(), {
                                      {"echo", options.echo},
                                      {"verbose", options.verbose},
                                      {"pedantic", options.pedantic},
                                      {"tls_required", options.tls_required},
                                      {"nkey", options.nkey},
                                      {"jwt", options.jwt},
                                      {"sig", options.signature},
                                      {"auth_token", options.auth_token},
                                      {"user", options.user},
                                      {"pass", options.password},
                                      {"name", options.name},
                                      {"lang", options.lang},
                                      {"version", options.version},
                                      {"protocol", options.protocol},
                                      {"account", options.account},
                                      {"new_account", options.new_account},
                                      {"headers", options.headers},
                                      {"no_responders", options.no_responders},
                                      {"import", import_permission},
                                      {"export", export_permission},
                                      {"remote_account", options.remote_account},
                                      {"proxy_sig", options.proxy_signature},
                                  });
  return decoder.result();
}

Result<void> check_info(std::string_view json) {
  gojson::Document document = NATS_TRY(gojson::Document::parse(json));
  gojson::Decoder decoder("Info", "server.Info");
  std::string text;
  bool flag = false;
  std::int64_t number = 0;
  std::uint64_t id = 0;
  Int32 payload;
  Uint8 code;
  std::vector<std::string> list;
  std::optional<LinkPermission> permission;
  decoder.object(document.root(), {
                                      {"server_id", text},
                                      {"server_name", text},
                                      {"version", text},
                                      {"proto", number},
                                      {"git_commit", text},
                                      {"go", text},
                                      {"host", text},
                                      {"port", number},
                                      {"headers", flag},
                                      {"auth_required", flag},
                                      {"tls_required", flag},
                                      {"tls_verify", flag},
                                      {"tls_available", flag},
                                      {"max_payload", payload},
                                      {"jetstream", flag},
                                      {"ip", text},
                                      {"client_id", id},
                                      {"client_ip", text},
                                      {"nonce", text},
                                      {"cluster", text},
                                      {"cluster_dynamic", flag},
                                      {"domain", text},
                                      {"connect_urls", list},
                                      {"ws_connect_urls", list},
                                      {"ldm", flag},
                                      {"compression", text},
                                      {"connect_info", flag},
                                      {"remote_account", text},
                                      {"acc_is_sys", flag},
                                      {"api_lvl", number},
                                      {"import", permission},
                                      {"export", permission},
                                      {"lnoc", flag},
                                      {"lnocu", flag},
                                      {"info_on_connect", flag},
                                      {"route_pool_size", number},
                                      {"route_pool_idx", number},
                                      {"route_account", text},
                                      {"route_acc_add_reqid", text},
                                      {"gossip_mode", code},
                                      {"gateway", text},
                                      {"gateway_urls", list},
                                      {"gateway_url", text},
                                      {"gateway_cmd", code},
                                      {"gateway_cmd_payload", text},
                                      {"gateway_nrp", flag},
                                      {"gateway_iom", flag},
                                      {"leafnode_urls", list},
                                      {"xkey", text},
                                  });
  return decoder.result();
}

}  // namespace nats::broker
