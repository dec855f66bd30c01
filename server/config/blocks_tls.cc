// tls {}: what it asks for, and certificates and keys read.
#include <fmt/core.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/sys/files.h"
#include "server/sys/tls.h"

namespace nats::config {
namespace {

using gojson::go_quote;

struct Cipher {
  std::string_view name;
  bool insecure = false;
};

constexpr Cipher ciphers[] = {
    {"TLS_AES_128_GCM_SHA256"},
    {"TLS_AES_256_GCM_SHA384"},
    {"TLS_CHACHA20_POLY1305_SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", true},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", true},
    {"TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", true},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", true},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {"TLS_ECDHE_RSA_WITH_RC4_128_SHA", true},
    {"TLS_RSA_WITH_3DES_EDE_CBC_SHA", true},
    {"TLS_RSA_WITH_AES_128_CBC_SHA", true},
    {"TLS_RSA_WITH_AES_128_CBC_SHA256", true},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", true},
    {"TLS_RSA_WITH_AES_256_CBC_SHA", true},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", true},
    {"TLS_RSA_WITH_RC4_128_SHA", true},
};

constexpr std::array<std::string_view, 7> curves = {
    "CurveP256",          "CurveP384",         "CurveP521",     "X25519",
    "SecP384r1MLKEM1024", "SecP256r1MLKEM768", "X25519MLKEM768"};

constexpr std::size_t pin_digits = 64;
constexpr Duration first_fallback_default = Duration::from_ms(50);

// An error of tls {} ends it.
Step refuse(Block& block, const Token& at, std::string_view reason) {
  block.report().error(&at, reason);
  return Step::leave;
}

Step unknown_tls_field(Block& block, const Field& field) {
  return refuse(block, field.token,
                fmt::format("error parsing tls config, unknown field {}", go_quote(field.key)));
}

Step set_file(Block& block, const Field& field, std::string TlsBlock::*member) {
  const std::string* name = field.token.string();
  if (!name) {
    return refuse(block, field.token,
                  fmt::format("error parsing tls config, expected '{}' to be filename", field.name));
  }
  block.target<TlsBlock>().*member = *name;
  return Step::next;
}

// What is wrong with a pair or the roots as far as their outside tells; empty: nothing.
std::string outside_problem(const std::string& text, bool key) {
  std::string_view rest = text;
  for (std::size_t at; (at = rest.find("-----BEGIN ")) != std::string_view::npos;) {
    rest.remove_prefix(at + 11);
    std::string_view type = rest.substr(0, rest.find("-----"));
    if (key ? type.ends_with("PRIVATE KEY") : type == "CERTIFICATE") return {};
  }
  return fmt::format("tls: failed to find any PEM data in {} input", key ? "key" : "certificate");
}

Result<std::string> read_pem_file(sys::Files& files, const std::string& path) {
  Result<std::string> text = sys::read_file(files, path);
  if (!text) return fail(text.error().code, text::file_error_text(path, text.error()));
  return text;
}

Result<sys::TlsPair> load_pair(sys::Files& files, const TlsBlock::Pair& paths, sys::Tls* tls) {
  sys::TlsPair pair;
  // Both files are read before either is looked into.
  pair.certificates = NATS_TRY(read_pem_file(files, paths.cert_file));
  pair.key = NATS_TRY(read_pem_file(files, paths.key_file));
  if (tls) {
    NATS_TRY_VOID(tls->check_pair(pair));
    return pair;
  }
  std::string problem = outside_problem(pair.certificates, false);
  if (problem.empty()) problem = outside_problem(pair.key, true);
  if (!problem.empty()) return fail(ErrorCode::malformed, problem);
  return pair;
}

Result<std::vector<sys::TlsPair>> load_pairs(sys::Files& files, const TlsBlock& block, sys::Tls* tls) {
  std::vector<TlsBlock::Pair> paths = block.pairs;
  if (!block.cert_file.empty()) paths = {{block.cert_file, block.key_file}};
  std::vector<sys::TlsPair> pairs;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Result<sys::TlsPair> pair = load_pair(files, paths[i], tls);
    std::string which = block.cert_file.empty() ? fmt::format(" {}/{}", i + 1, paths.size()) : "";
    if (!pair)
      return fail(pair.error().code,
                  fmt::format("error parsing X509 certificate/key pair{}: {}", which, pair.error().detail));
    pairs.push_back(std::move(*pair));
  }
  return pairs;
}

Result<std::string> load_roots(sys::Files& files, const TlsBlock& block, sys::Tls* tls) {
  if (block.ca_file.empty()) return std::string();
  std::string roots = NATS_TRY(read_pem_file(files, block.ca_file));
  if (tls) {
    NATS_TRY_VOID(tls->check_roots(roots));
  } else if (!outside_problem(roots, false).empty()) {
    return fail(ErrorCode::malformed, "failed to parse root ca certificate");
  }
  return roots;
}

Step read_pair(Block& block, const Token& entry, TlsBlock& tls) {
  block.look_at(entry);
  const Map* map = entry.map();
  auto wrong_type = [&](const Token& token) {
    return refuse(block, token,
                  fmt::format("error parsing certificates config: unsupported type {}", token.type_name()));
  };
  if (!map) return wrong_type(entry);
  TlsBlock::Pair pair;
  for (const auto& [key, token] : *map) {
    block.look_at(token);
    const std::string* file = token.string();
    if (!file) return wrong_type(token);
    if (key == "cert_file") {
      pair.cert_file = *file;
    } else if (key == "key_file") {
      pair.key_file = *file;
    } else {
      return refuse(block, token,
                    fmt::format("error parsing tls certs config, unknown field {}", go_quote(key)));
    }
  }
  if (pair.cert_file.empty() || pair.key_file.empty()) {
    return refuse(block, *last_entry(*map, &entry),
                  "error parsing certificates config: both 'cert_file' and 'cert_key' options are required");
  }
  tls.pairs.push_back(std::move(pair));
  return Step::next;
}

}  // namespace

namespace {

// Of all that makes a context, keys among it: it tells nothing of them.
std::string fingerprint_of(const sys::TlsSettings& settings) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  auto add = [&](const std::string& text) {
    std::string framed = std::to_string(text.size()) + ":" + text;
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(framed.data()), framed.size());
  };
  auto add_all = [&](const std::vector<std::string>& texts) {
    add(std::to_string(texts.size()));
    for (const std::string& text : texts) add(text);
  };
  for (const sys::TlsPair& pair : settings.pairs) add_all({pair.certificates, pair.key});
  add_all({settings.roots, settings.verify_peer ? "verify" : "", settings.only_tls_1_3 ? "1.3" : ""});
  add_all(settings.cipher_suites);
  add_all(settings.curves);
  std::string sum(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state, reinterpret_cast<unsigned char*>(sum.data()));
  return sum;
}

}  // namespace

Result<TlsContexts> make_tls_contexts(sys::Files& files, const TlsBlock& block, sys::Tls* tls) {
  if (!block.cert_file.empty() && block.key_file.empty())
    return fail(ErrorCode::invalid_argument, "missing 'key_file' in TLS configuration");
  if (block.cert_file.empty() && !block.key_file.empty())
    return fail(ErrorCode::invalid_argument, "missing 'cert_file' in TLS configuration");
  sys::TlsSettings settings;
  settings.pairs = NATS_TRY(load_pairs(files, block, tls));
  settings.roots = NATS_TRY(load_roots(files, block, tls));
  settings.verify_peer = block.verify;
  settings.guard_peers = block.ocsp_peer.verify;
  settings.cipher_suites = block.cipher_suites;
  settings.curves = block.curves;
  settings.only_tls_1_3 = block.only_tls_1_3;
  if (!tls) return TlsContexts{};
  TlsContexts contexts;
  contexts.fingerprint = fingerprint_of(settings);
  contexts.has_roots = !settings.roots.empty();
  contexts.clients = NATS_TRY(tls->server_context(settings));
  contexts.monitoring = contexts.clients;
  if (std::exchange(settings.verify_peer, false))
    contexts.monitoring = NATS_TRY(tls->server_context(settings));
  return contexts;
}

namespace {

// Also makes the contexts.
Step read_tls_block(Block& outer, const Field& field, TlsBlock& tls, Outcome& outcome,
                    TlsContexts& contexts) {
  outcome = Outcome::refused;
  Block block(outer.loading(), "tls{}", &tls, &outer, Faults::caught);
  block.look_at(field.token);
  const Map* map = field.token.map();
  if (!map) {
    block.wrong_type(field.token, "map[string]interface {}");
    return Step::next;
  }
  if (block.read(*map, unknown_tls_field) != Step::next) return Step::next;
  if (!tls.pairs.empty() && !tls.cert_file.empty()) {
    return outer.error(field,
                       "error parsing tls config, cannot combine 'cert_file' option with 'certs' option");
  }
  if (!tls.allow_insecure && !tls.insecure_ciphers.empty()) {
    std::string names;
    for (const std::string& name : tls.insecure_ciphers) names += (names.empty() ? "" : ", ") + name;
    return outer.error(
        field,
        "insecure cipher suites configured without 'allow_insecure_cipher_suites' option set: " + names);
  }
  auto made = make_tls_contexts(outer.loading().files, tls, outer.loading().tls);
  if (!made && made.error().code == ErrorCode::unsupported) {
    outer.options().unbuilt.push_back({"tls: " + made.error().detail, field.token.spot.position()});
  } else if (!made) {
    return outer.error(field, made.error().detail);
  } else {
    contexts = std::move(*made);
  }
  outcome = Outcome::done;
  return Step::next;
}

}  // namespace

Step check_tls_block(Block& outer, const Field& field, bool both_sides, Outcome& outcome) {
  TlsBlock block;
  block.both_sides = both_sides;
  TlsContexts contexts;
  return read_tls_block(outer, field, block, outcome, contexts);
}

Step read_tls(Block& block, const Field& field) {
  TlsBlock settings;
  TlsContexts contexts;
  Outcome outcome;
  Step step = read_tls_block(block, field, settings, outcome, contexts);
  if (step != Step::next || outcome != Outcome::done) return step;
  auto tls = std::make_shared<Tls>();
  tls->context = std::move(contexts.clients);
  tls->monitoring_context = std::move(contexts.monitoring);
  tls->fingerprint = std::move(contexts.fingerprint);
  tls->has_roots = contexts.has_roots;
  tls->timeout_seconds = settings.timeout_seconds;
  tls->verify = settings.verify;
  tls->map = settings.map;
  tls->handshake_first = settings.handshake_first;
  tls->first_fallback = settings.first_fallback;
  tls->rate_limit = settings.rate_limit;
  tls->pinned_certs = std::move(settings.pinned_certs);
  tls->cert_file = settings.cert_file;
  tls->ocsp_peer = settings.ocsp_peer;
  std::ranges::sort(tls->pinned_certs);
  block.options().tls = std::move(tls);
  return Step::next;
}

Step check_tls(Block& block, const Field& field) {
  Outcome outcome;
  return check_tls_block(block, field, false, outcome);
}

Step check_tls_both_sides(Block& block, const Field& field) {
  Outcome outcome;
  return check_tls_block(block, field, true, outcome);
}

Step set_tls_cert_file(Block& block, const Field& field) {
  return set_file(block, field, &TlsBlock::cert_file);
}
Step set_tls_key_file(Block& block, const Field& field) {
  return set_file(block, field, &TlsBlock::key_file);
}
Step set_tls_ca_file(Block& block, const Field& field) { return set_file(block, field, &TlsBlock::ca_file); }

Step check_tls_bool(Block& block, const Field& field) {
  if (field.token.boolean()) return Step::next;
  return refuse(block, field.token,
                fmt::format("error parsing tls config, expected '{}' to be a boolean", field.name));
}

Step set_tls_allow_insecure(Block& block, const Field& field) {
  Step step = check_tls_bool(block, field);
  if (step == Step::next) block.target<TlsBlock>().allow_insecure = *field.token.boolean();
  return step;
}

Step set_tls_verify(Block& block, const Field& field) {
  Step step = check_tls_bool(block, field);
  if (step == Step::next) block.target<TlsBlock>().verify = *field.token.boolean();
  return step;
}

Step set_tls_map(Block& block, const Field& field) {
  Step step = check_tls_bool(block, field);
  if (step != Step::next) return step;
  TlsBlock& tls = block.target<TlsBlock>();
  tls.map = *field.token.boolean();
  if (tls.map) tls.verify = true;
  return step;
}

Step check_tls_known_urls(Block& block, const Field& field) {
  Step step = check_tls_bool(block, field);
  if (step != Step::next || block.target<TlsBlock>().both_sides || !*field.token.boolean()) return step;
  return refuse(block, field.token, "verify_cert_and_check_known_urls not supported in this context");
}

Step set_tls_cipher_suites(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) return block.wrong_type(field.token, "[]interface {}");
  if (array->empty())
    return refuse(block, field.token, "error parsing tls config, 'cipher_suites' cannot be empty");
  for (const Token& entry : *array) {
    block.look_at(entry);
    const std::string* name = entry.string();
    if (!name) return block.wrong_type(entry, "string");
    auto cipher = std::ranges::find(ciphers, *name, &Cipher::name);
    if (cipher == std::end(ciphers)) return refuse(block, entry, "unrecognized cipher " + *name);
    TlsBlock& tls = block.target<TlsBlock>();
    tls.cipher_suites.push_back(*name);
    if (cipher->insecure) tls.insecure_ciphers.push_back(*name);
  }
  return Step::next;
}

Step set_tls_curves(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) return block.wrong_type(field.token, "[]interface {}");
  if (array->empty()) {
    return refuse(block, field.token, "error parsing tls config, 'curve_preferences' cannot be empty");
  }
  for (const Token& entry : *array) {
    block.look_at(entry);
    const std::string* name = entry.string();
    if (!name) return block.wrong_type(entry, "string");
    if (std::ranges::find(curves, *name) == curves.end()) {
      return refuse(block, entry, "unrecognized curve preference " + *name);
    }
    block.target<TlsBlock>().curves.push_back(*name);
  }
  return Step::next;
}

Step set_tls_timeout(Block& block, const Field& field) {
  Seconds seconds = read_seconds(field.token);
  if (seconds.kind == Seconds::Kind::value) {
    block.target<TlsBlock>().timeout_seconds = seconds.value;
    return Step::next;
  }
  return refuse(block, field.token,
                "error parsing tls config, 'timeout' " +
                    (seconds.kind == Seconds::Kind::wrong_type ? "wrong type" : seconds.problem));
}

Step set_tls_rate_limit(Block& block, const Field& field) {
  if (const std::int64_t* limit = field.token.integer()) {
    block.target<TlsBlock>().rate_limit = *limit;
    return Step::next;
  }
  return refuse(block, field.token, "error parsing tls config, 'connection_rate_limit' wrong type");
}

Step set_tls_pinned_certs(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) {
    return refuse(
        block, field.token,
        "error parsing tls config, expected 'pinned_certs' to be a list of hex-encoded sha256 of DER "
        "encoded SubjectPublicKeyInfo");
  }
  for (const Token& entry : *array) {
    block.look_at(entry);
    const std::string* value = entry.string();
    if (!value) return block.wrong_type(entry, "string");
    std::string pin = text::lower(*value);
    bool hex =
        std::ranges::all_of(pin, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (pin.size() == pin_digits && hex) {
      block.target<TlsBlock>().pinned_certs.push_back(std::move(pin));
      continue;
    }
    return refuse(
        block, entry,
        fmt::format("error parsing tls config, 'pinned_certs' key {} does not look like hex-encoded sha256 "
                    "of DER encoded SubjectPublicKeyInfo",
                    pin));
  }
  return Step::next;
}

Step set_tls_min_version(Block& block, const Field& field) {
  auto wrong = [&](std::string_view reason) {
    return refuse(block, field.token, fmt::format("error parsing tls config: {}", reason));
  };
  const std::string* version = field.token.string();
  if (!version) return wrong("'min_version' wrong type: " + field.token.text());
  if (*version == "1.2" || *version == "1.3") {
    block.target<TlsBlock>().only_tls_1_3 = *version == "1.3";
    return Step::next;
  }
  bool old = *version == "1.0" || *version == "1.1";
  return wrong(old ? "unsupported TLS version: TLS " + *version : "unknown version: " + *version);
}

Step set_tls_handshake_first(Block& block, const Field& field) {
  TlsBlock& tls = block.target<TlsBlock>();
  if (const bool* first = field.token.boolean()) {
    tls.handshake_first = *first;
    return Step::next;
  }
  const std::string* value = field.token.string();
  if (!value) {
    return refuse(block, field.token,
                  fmt::format("field {} should be a boolean or a string, got {}", go_quote(field.key),
                              field.token.type_name()));
  }
  std::string word = text::lower(*value);
  tls.handshake_first = word != "false" && word != "off";
  if (word == "true" || word == "on" || !tls.handshake_first) return Step::next;
  if (word == "auto" || word == "auto_fallback") {
    tls.first_fallback = first_fallback_default;
    return Step::next;
  }
  if (Result<Duration> delay = text::parse_duration(*value)) {
    tls.first_fallback = *delay;
    return Step::next;
  }
  return refuse(block, field.token,
                fmt::format("field {}'s value {} is invalid", go_quote(field.key), go_quote(*value)));
}

Step set_tls_certs(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) {
    // The type named is that of the whole block.
    return refuse(block, field.token,
                  "error parsing certificates config: unsupported type map[string]interface {}");
  }
  TlsBlock& tls = block.target<TlsBlock>();
  tls.pairs.clear();
  for (const Token& entry : *array) {
    if (Step step = read_pair(block, entry, tls); step != Step::next) return step;
  }
  return Step::next;
}

Step check_tls_cert_store(Block& block, const Field& field) {
  const std::string* store = field.token.string();
  if (!store || store->empty()) {
    return refuse(block, field.token, "expected 'cert_store' to be a valid non-empty string");
  }
  std::string name = text::lower(*store);
  bool known = name == "windowscurrentuser" || name == "windowslocalmachine";
  return refuse(
      block, field.token,
      known ? "cert_store not compatible with current operating system" : "cert store type not implemented");
}

Step check_tls_cert_match_by(Block& block, const Field& field) {
  const std::string* by = field.token.string();
  if (!by || by->empty()) {
    return refuse(block, field.token, "expected 'cert_match_by' to be a valid non-empty string");
  }
  std::string name = text::lower(*by);
  if (name == "issuer" || name == "subject" || name == "thumbprint") return Step::next;
  return refuse(block, field.token, "cert match by type not implemented");
}

Step check_tls_cert_match(Block& block, const Field& field) {
  const std::string* match = field.token.string();
  if (match && !match->empty()) return Step::next;
  return refuse(block, field.token, "expected 'cert_match' to be a valid non-empty string");
}

Step check_tls_skip_invalid(Block& block, const Field& field) {
  if (field.token.boolean()) return Step::next;
  return refuse(block, field.token, "expected 'cert_match_skip_invalid' to be a boolean");
}

Step check_tls_ca_certs_match(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) return Step::next;
  for (const Token& entry : *array) {
    if (entry.bare) {
      return refuse(block, field.token,
                    fmt::format("error parsing ca_cert_match: unsupported type {}", entry.type_name()));
    }
    if (!entry.string()) {
      return refuse(block, field.token,
                    "error parsing ca_cert_match: unsupported type *conf.token where string is expected");
    }
  }
  return Step::next;
}

}  // namespace nats::config
