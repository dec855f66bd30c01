// OCSP: stapling, checking of peers, and the cache of answers.
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

using gojson::go_quote;

// Where what is being read goes to, and the value that an error would name.
struct PeerTarget {
  const Token* owner;
  OcspPeer peer;
};

// The reference wraps an error of ocsp_peer {} in one of tls {}: two positions before the reason.
Step refuse_peer(Block& block, const Field& field, std::string_view reason) {
  const Token& owner = *block.target<PeerTarget>().owner;
  std::string inner =
      field.token.bare ? std::string(reason) : fmt::format("{}: {}", field.token.spot.text(), reason);
  block.report().error(&owner, inner);
  return Step::leave;
}

Step refuse_peer_field(Block& block, const Field& field) {
  return refuse_peer(block, field,
                     fmt::format("error parsing tls peer config, unknown field [{}]", go_quote(field.key)));
}

Step refuse_cache(Block& block, const Field& field, std::string_view reason) {
  block.error(field, reason);
  return Step::leave;
}

Step refuse_cache_field(Block& block, const Field& field) {
  return refuse_cache(
      block, field,
      fmt::format("error parsing OCSP peer cache config, unknown field [{}]", go_quote(field.key)));
}

Duration from_seconds(double seconds) { return {static_cast<std::int64_t>(seconds * 1e9)}; }

// Empty: it is none.
std::optional<OcspMode> mode_of(std::string_view name) {
  if (name == "always") return OcspMode::always;
  if (name == "must") return OcspMode::must;
  if (name == "never") return OcspMode::never;
  if (name == "auto") return OcspMode::automatic;
  return std::nullopt;
}

}  // namespace

Step set_tls_ocsp_peer(Block& block, const Field& field) {
  OcspPeer& target = block.target<TlsBlock>().ocsp_peer;
  if (const bool* wanted = field.token.boolean()) {
    target = OcspPeer{};
    target.verify = *wanted;
    return Step::next;
  }
  const Map* map = field.token.map();
  if (!map) {
    // The type named is that of the whole tls block.
    block.error(field, "error parsing ocsp peer config: unsupported type map[string]interface {}");
    return Step::leave;
  }
  PeerTarget read{&field.token, {}};
  // Faults pass the block: its own catching function is given the bare map and has no token yet.
  Block inner(block.loading(), "tls{}.ocsp_peer{}", &read, &block, Faults::passed_on);
  Step step = inner.read(*map, refuse_peer_field);
  target = read.peer;
  return step;
}

Step set_ocsp_peer_bool(Block& block, const Field& field) {
  const bool* value = field.token.boolean();
  if (!value) return refuse_peer_field(block, field);
  OcspPeer& peer = block.target<PeerTarget>().peer;
  bool& target = field.name == "verify"            ? peer.verify
                 : field.name == "warn_only"       ? peer.warn_only
                 : field.name == "unknown_is_good" ? peer.unknown_is_good
                                                   : peer.allow_when_ca_unreachable;
  target = *value;
  return Step::next;
}

Step set_ocsp_peer_seconds(Block& block, const Field& field) {
  Seconds seconds = read_seconds(field.token);
  if (seconds.kind == Seconds::Kind::value) {
    OcspPeer& peer = block.target<PeerTarget>().peer;
    Duration& target = field.name == "allowed_clockskew" ? peer.allowed_clockskew
                       : field.name == "ca_timeout"      ? peer.ca_timeout
                                                         : peer.unset_ttl;
    // Less than nothing changes nothing.
    if (seconds.value >= 0) target = from_seconds(seconds.value);
    return Step::next;
  }
  bool named = seconds.kind == Seconds::Kind::wrong_duration && field.name != "allowed_clockskew";
  return refuse_peer(block, field,
                     "error parsing tls peer config, conversion error: " +
                         (named ? seconds.problem : std::string("unexpected type")));
}

Step read_ocsp(Block& block, const Field& field) {
  OcspStapling stapling;
  if (const bool* wanted = field.token.boolean()) {
    if (!*wanted) stapling.mode = OcspMode::never;
    block.options().ocsp = stapling;
    return Step::next;
  }
  const Map* map = field.token.map();
  if (!map) {
    return block.error(
        field, fmt::format("error parsing ocsp config: unsupported type {}", field.token.type_name()));
  }
  for (const auto& [key, token] : *map) {
    Field entry{key, token, key};
    // Keys are compared as written, and faults are blamed on the whole block.
    if (key == "mode") {
      if (Step step = check_ocsp_mode(block, entry); step != Step::next) return step;
      stapling.mode = mode_of(text::lower(*token.string())).value_or(stapling.mode);
    } else if (key == "url") {
      if (!token.string()) return block.wrong_type(token, "string");
      stapling.urls = {*token.string()};
    } else if (key == "urls") {
      return check_ocsp_urls(block, entry);
    } else {
      return block.error(entry, "error parsing ocsp config: unsupported field string");
    }
  }
  block.options().ocsp = std::move(stapling);
  return Step::next;
}

Step check_ocsp_mode(Block& block, const Field& field) {
  const std::string* value = field.token.string();
  if (!value) return block.wrong_type(field.token, "string");
  if (mode_of(text::lower(*value))) return Step::next;
  return block.error(field, "error parsing ocsp config: unsupported ocsp mode string");
}

// The reference takes no array that a file can give it.
Step check_ocsp_urls(Block& block, const Field& field) { return block.wrong_type(field.token, "[]string"); }

Step read_ocsp_cache(Block& block, const Field& field) {
  OcspCacheOptions cache;
  if (const bool* wanted = field.token.boolean()) {
    cache.local = *wanted;
    block.options().ocsp_cache = cache;
    return Step::next;
  }
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field,
                       fmt::format("error parsing tags: unsupported type {}", field.token.type_name()));
  }
  Block inner(block.loading(), "ocsp_cache{}", &cache, &block, Faults::caught);
  inner.read(*map, refuse_cache_field);
  block.options().ocsp_cache = std::move(cache);
  return Step::next;
}

Step set_ocsp_cache_type(Block& block, const Field& field) {
  const std::string* value = field.token.string();
  if (!value) return refuse_cache_field(block, field);
  std::string type = text::lower(*value);
  if (type == "none" || type == "local") {
    block.target<OcspCacheOptions>().local = type == "local";
    return Step::next;
  }
  return refuse_cache(block, field,
                      fmt::format("error parsing OCSP peer cache config, unknown type [{}]", *value));
}

Step set_ocsp_cache_string(Block& block, const Field& field) {
  const std::string* value = field.token.string();
  if (!value) return refuse_cache_field(block, field);
  block.target<OcspCacheOptions>().local_store = *value;
  return Step::next;
}

Step set_ocsp_cache_bool(Block& block, const Field& field) {
  const bool* value = field.token.boolean();
  if (!value) return refuse_cache_field(block, field);
  block.target<OcspCacheOptions>().preserve_revoked = *value;
  return Step::next;
}

Step set_ocsp_cache_interval(Block& block, const Field& field) {
  Seconds seconds = read_seconds(field.token);
  if (seconds.kind == Seconds::Kind::value) {
    // Whole seconds, one at least.
    auto whole = static_cast<std::int64_t>(std::clamp(seconds.value, 1.0, 9e9));
    block.target<OcspCacheOptions>().save_interval = Duration::from_seconds(whole);
    return Step::next;
  }
  if (seconds.kind == Seconds::Kind::wrong_type) {
    return refuse_cache(block, field,
                        "error parsing OCSP peer cache config, conversion error: unexpected type");
  }
  return refuse_cache(block, field, "error parsing tls peer config, conversion error: " + seconds.problem);
}

}  // namespace nats::config
