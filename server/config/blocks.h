// What the setters of nested blocks fill while their block is being read, and the functions that
// read one kind of block for several owners.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/block.h"
#include "server/config/options.h"

namespace nats::config {

// How reading a block that other blocks hold ended.
enum class Outcome : std::uint8_t {
  done,
  refused,  // an error that ends the block is reported
  nothing,  // a fault was caught inside: the reference's function returned no value and no error
  unwind,   // a fault was reported that somebody further out catches
};

struct Users {
  std::vector<User> users;
  std::vector<NkeyUser> nkeys;
};

// authorization {}
struct AuthorizationBlock {
  std::string user;
  std::string password;
  std::string token;
  double timeout_seconds = 0;
  std::optional<Users> users;  // `users` was there, empty or not
  std::optional<Permissions> default_permissions;
  bool has_callout = false;
  bool proxy_required = false;
};
Outcome read_authorization_block(Block& outer, const Token& token, AuthorizationBlock& out);
void apply_default_permissions(Users& users, const std::optional<Permissions>& permissions);

// auth_callout {}
struct CalloutBlock {
  std::string issuer;
  std::vector<std::string> users;
  std::vector<std::string> allowed_accounts;
};

// One of users [].
struct UserBlock {
  std::string user;
  std::string password;
  std::string nkey;
  std::optional<Permissions> permissions;
  std::vector<std::string> connection_types;
  bool proxy_required = false;
};
// `at` is where the reference says that `token` stands; null: it does not say.
Outcome read_users(Block& outer, const Token& token, const Token* at, Users& out);

// permissions {}
Outcome read_permissions(Block& outer, const Token& token, const Token* at, Permissions& out);
// The same where a fault inside takes away what was there.
Step read_optional_permissions(Block& block, const Field& field, std::optional<Permissions>& out);
enum class QueueNames : std::uint8_t { refused, allowed };
// A subject or an array of them; errors are at `at`, which may be null.
Outcome read_subjects(Block& outer, const Token& token, const Token* at, QueueNames queues,
                      std::optional<std::vector<std::string>>& out);
// The first thing wrong with a list of subjects; empty: nothing.
std::string check_subjects(const std::optional<std::vector<std::string>>& subjects, QueueNames queues);
std::string check_cluster_subjects(const Permissions& permissions);

// A string or an array of strings. False: it is neither, which is reported.
bool read_strings(Block& block, const Field& field, std::string_view name, std::vector<std::string>& out);
// Seconds as a number or a duration: authorization's and tls's timeouts.
struct Seconds {
  enum class Kind { value, wrong_type, wrong_duration } kind = Kind::value;
  double value = 0;
  std::string problem;
};
Seconds read_seconds(const Token& token);
// Says so where an authorization timeout looks like a number that was meant otherwise.
void warn_of_high_timeout(Block& block, const Field& field, double seconds);

// An array of URLs; duplicates earn a warning. False: one was wrong. `out` may be null.
bool check_urls(Block& block, const Array& urls, std::string_view what, std::vector<std::string>* out);
// The string at `field`.
bool check_one_url(Block& block, const Field& field, std::string_view what);

// mappings {}
Step read_mapping_block(Block& outer, const Token& token, std::vector<Mapping>& out);
// What the reference says to a mapping; empty: it is fine.
std::string check_mapping(const Mapping& mapping);

// tls {}
struct TlsBlock {
  bool both_sides = false;  // cluster and gateway: the server is client and server at once
  std::string cert_file;
  std::string key_file;
  std::string ca_file;
  bool verify = false;
  bool map = false;
  bool handshake_first = false;
  Duration first_fallback;
  double timeout_seconds = 0;
  std::int64_t rate_limit = 0;
  bool only_tls_1_3 = false;
  bool allow_insecure = false;
  std::vector<std::string> cipher_suites;
  std::vector<std::string> curves;
  std::vector<std::string> pinned_certs;
  std::vector<std::string> insecure_ciphers;
  struct Pair {
    std::string cert_file;
    std::string key_file;
  };
  std::vector<Pair> pairs;
  OcspPeer ocsp_peer;
};
struct TlsContexts {
  std::shared_ptr<const sys::TlsContext> clients;
  std::shared_ptr<const sys::TlsContext> monitoring;  // asks nobody for a certificate
  std::string fingerprint;                            // as in Tls
  bool has_roots = false;
};
// Reads certificates and keys. The error says what the reference says when it makes a TLS configuration
// of the settings, or is `unsupported`. Without `tls` they are looked at from outside, and there are no
// contexts.
Result<TlsContexts> make_tls_contexts(sys::Files& files, const TlsBlock& block, sys::Tls* tls);
Step check_tls_block(Block& outer, const Field& field, bool both_sides, Outcome& outcome);

// leafnodes {}
struct LeafNodesBlock {
  int port = 0;
  bool has_remotes = false;
};
struct LeafUser {
  std::string user;
};
struct LeafAuthorization {
  std::string user;
  std::string nkey;
  std::vector<LeafUser> users;
};
struct LeafProxy {
  std::string url;
  std::string username;
  std::string password;
  Duration timeout;
  bool tls = false;
  double tls_timeout = 0;
};
struct LeafRemote {
  std::vector<std::string> urls;
  std::string account;
  std::string credentials;
  std::string nkey;
  bool tls = false;
  LeafProxy proxy;
  const Token* proxy_token = nullptr;
};

// accounts {}
struct ImportSource {
  std::string account;
  std::string subject;
};
struct Export {
  std::string subject;
  std::vector<std::string> accounts;
  bool single_response = true;
  std::optional<std::string> latency_subject;
};
struct Import {
  ImportSource source;
  std::string to;
};
// A value as Go's %q prints it.
std::string quote_value(const Token& token);
// The same for %s.
std::string string_value(const Token& token);
struct ExportBlock {
  std::optional<Export> stream;
  std::optional<Export> service;
  std::vector<std::string> accounts;
  int account_token_position = 0;
  bool response_seen = false;
  bool single_response = true;
  std::optional<std::string> latency_subject;
  bool threshold_seen = false;
  const Token* response = nullptr;
  const Token* latency = nullptr;
  const Token* allow_trace = nullptr;
};
struct ImportBlock {
  std::optional<Import> stream;
  std::optional<Import> service;
  std::string prefix;
  std::string to;
  const Token* allow_trace = nullptr;
};
struct AccountBlock {
  Account account;
  Users users;
  const Token* users_token = nullptr;
  std::vector<Export> export_streams;
  std::vector<Export> export_services;
  std::vector<Import> import_streams;
  std::vector<Import> import_services;
};

}  // namespace nats::config
