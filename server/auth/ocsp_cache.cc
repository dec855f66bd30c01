#include "server/auth/ocsp_cache.h"

#include <fmt/core.h>
#include <sodium.h>

#include <cctype>
#include <utility>

#include "server/auth/ocsp_time.h"
#include "server/gojson/decoder.h"
#include "server/gojson/document.h"
#include "server/gojson/go_quote.h"
#include "server/gojson/time_text.h"
#include "server/gojson/writer.h"
#include "server/protocol/s2.h"

namespace nats::auth {
namespace {

using Status = sys::OcspAnswer::Status;

constexpr std::size_t answer_size_max = 1 << 20;
constexpr std::int64_t second_ns = 1'000'000'000;

std::string to_base64(std::string_view octets) {
  std::string out(sodium_base64_encoded_len(octets.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(octets.data()),
                    octets.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // its NUL
  return out;
}

Result<std::string> from_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  int outcome = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                                  text.size(), "\r\n", &size, &end, sodium_base64_VARIANT_ORIGINAL);
  auto at = static_cast<std::size_t>(end - text.data());
  if (outcome != 0 || at != text.size())
    return fail(ErrorCode::malformed, fmt::format("illegal base64 data at input byte {}", at));
  out.resize(size);
  return out;
}

// RFC 3339, as far as a file of the reference can have it: "2026-11-27T16:21:11.5+01:00".
bool is_time(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= shape.size()) return false;
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  auto fits = [&](std::string_view part, std::string_view wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i] == 'd' ? !digit(part[i]) : part[i] != wanted[i]) return false;
    return true;
  };
  if (!fits(text, shape)) return false;
  text.remove_prefix(shape.size());
  if (text[0] == '.') {
    std::size_t end = text.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return false;
    text.remove_prefix(end);
  }
  constexpr std::string_view zone = "dd:dd";
  return text == "Z" ||
         (text.size() == zone.size() + 1 && (text[0] == '+' || text[0] == '-') && fits(text.substr(1), zone));
}

Status status_of(std::string_view text) {
  for (Status status : {Status::good, Status::revoked})
    if (text == status_text(status)) return status;
  return Status::unknown;
}

struct Fields {
  static constexpr std::string_view go_type = "server.OCSPResponseCacheItem";
  std::string subject, cached_at, status, expires, packed;
};

void decode(gojson::Decoder& decoder, gojson::Value value, Fields& fields) {
  decoder.struct_type("server.OCSPResponseCacheItem");
  decoder.object(value, {{"subject", fields.subject},
                         {"cached_at", fields.cached_at},
                         {"resp_status", fields.status},
                         {"resp_expires", fields.expires},
                         {"resp", fields.packed}});
}

Result<OcspCache::Item> item_of(Fields&& fields) {
  OcspCache::Item item;
  for (auto [from, to] : {std::pair{&fields.cached_at, &item.cached_at}, {&fields.expires, &item.expires}}) {
    if (from->empty()) {
      *to = gojson::rfc3339_nano(gojson::zero_time);
    } else if (is_time(*from)) {
      *to = std::move(*from);
    } else {
      std::string quoted = gojson::go_quote(*from);
      return fail(ErrorCode::malformed,
                  fmt::format("parsing time {} as \"2006-01-02T15:04:05Z07:00\": cannot parse {} as \"2006\"",
                              quoted, quoted));
    }
  }
  item.subject = std::move(fields.subject);
  item.status = status_of(fields.status);
  item.packed = NATS_TRY(from_base64(fields.packed));
  return item;
}

}  // namespace

std::string ocsp_fingerprint(std::string_view sha256) { return to_base64(sha256); }

Result<void> OcspCache::load(std::string_view json) {
  items_.clear();
  dirty_ = true;  // until it is known to be good
  gojson::Document document = NATS_TRY(gojson::Document::parse(json));
  std::map<std::string, Fields> read;
  gojson::Decoder decoder("", "map[string]server.OCSPResponseCacheItem");
  decoder.read(document.root(), read);
  NATS_TRY_VOID(decoder.result());
  std::map<std::string, Item> items;
  for (auto& [key, fields] : read) items.emplace(key, NATS_TRY(item_of(std::move(fields))));
  items_ = std::move(items);
  dirty_ = false;
  return {};
}

void OcspCache::go_online() {
  stats_ = {};
  for (const auto& [key, item] : items_) count(item, 1);
  online_ = true;
}

void OcspCache::count(const Item& item, int by) {
  stats_.responses += by;
  std::int64_t& kind = item.status == Status::good      ? stats_.good
                       : item.status == Status::revoked ? stats_.revoked
                                                        : stats_.unknown;
  kind += by;
}

std::string OcspCache::get(const std::string& key) {
  if (!online_ || !options_.local) return {};
  auto found = items_.find(key);
  if (found == items_.end()) {
    ++stats_.misses;
    log_.debug("OCSP peer cache miss for key [{}]", key);
    return {};
  }
  ++stats_.hits;
  log_.debug("OCSP peer cache hit for key [{}]", key);
  Result<std::string> raw = protocol::s2_decompress(found->second.packed, answer_size_max);
  if (!raw) {
    log_.error("Unable to decompress OCSP response for key [{}]: error reading compression reader: {}", key,
               raw.error().detail);
    return {};
  }
  return std::move(*raw);
}

void OcspCache::put(const std::string& key, std::string_view raw, const sys::OcspAnswer& answer,
                    const std::string& subject, WallTime now) {
  if (!online_ || !options_.local) return;
  log_.debug("Caching OCSP response for [{}], key [{}]", subject, key);
  Item item;
  item.packed = protocol::s2_compress(raw);
  log_.debug("OCSP response compression ratio: [{:f}]",
             static_cast<double>(item.packed.size()) / static_cast<double>(raw.size()));
  WallTime rounded{(now.unix_ns + second_ns / 2) / second_ns * second_ns};
  item.subject = subject;
  item.cached_at = gojson::rfc3339_nano(rounded);
  item.expires = next_update_text(answer);
  item.status = answer.status;
  auto [at, fresh] = items_.try_emplace(key);
  if (!fresh) count(at->second, -1);
  at->second = std::move(item);
  count(at->second, 1);
  dirty_ = true;
}

void OcspCache::drop_useless(const std::string& key) {
  if (!online_ || !options_.local) return;
  auto found = items_.find(key);
  if (found == items_.end()) return;
  ++stats_.misses;
  --stats_.hits;
  if (found->second.status == Status::revoked && options_.preserve_revoked) {
    log_.debug("Revoked OCSP response for key [{}] preserved by cache policy", key);
    return;
  }
  log_.debug("Deleting OCSP peer cached response for key [{}]", key);
  count(found->second, -1);
  items_.erase(found);
  dirty_ = true;
}

std::string OcspCache::to_json() const {
  std::string out;
  gojson::Writer w(out, " ");
  w.begin_object();
  for (const auto& [key, item] : items_) {
    w.key(key);
    w.begin_object();
    w.string_unless_empty("subject", item.subject);
    w.string("cached_at", item.cached_at);
    w.string("resp_status", status_text(item.status));
    w.string("resp_expires", item.expires);
    w.string("resp", to_base64(item.packed));
    w.end_object();
  }
  w.end_object();
  return out;
}

}  // namespace nats::auth
