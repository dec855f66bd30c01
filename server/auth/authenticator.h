// The configured users, token and single user, and what a CONNECT gets from them: an immutable snapshot,
// made anew by a reload.
//
// Per CONNECT: when needs_worker(), run check() on the worker pool, else at once. Copy the outcome's
// credentials back into the connection; when accepted, give it the user's account and permissions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/auth/certificate_map.h"
#include "server/auth/credentials.h"
#include "server/auth/pattern_set.h"
#include "server/auth/permissions.h"
#include "server/base/key_text.h"
#include "server/base/time.h"

namespace nats::config {
struct Options;
struct NkeyUser;
}  // namespace nats::config

namespace nats::auth {

// One configured user.
struct User {
  std::string name;                                // or the text of the nkey
  std::string password;                            // plain or bcrypt; empty for an nkey
  std::string account;                             // empty: the global account
  std::shared_ptr<const Permissions> permissions;  // null: everything is allowed
  std::uint8_t types = 0;                          // set of ConnectionType as bits; 0: all
  bool proxy_required = false;

  bool allows(ConnectionType type) const { return types == 0 || (types >> static_cast<int>(type) & 1) != 0; }
};

enum class AuthVerdict : std::uint8_t {
  accepted,
  refused,            // closed as "Authentication Failure"
  proxy_required,     // closed as "Proxy Required"
  proxy_not_trusted,  // closed as "Proxy Not Trusted"
};

// What is said while a certificate is looked at, before what comes of it.
struct CertificateReport {
  std::vector<std::string> debug_lines;
  std::string warning;  // of the server, not of the connection; empty: none
};

struct AuthOutcome {
  AuthVerdict verdict = AuthVerdict::refused;
  // As they stand afterwards: no_auth_user fills them in, even when it is then refused.
  Credentials credentials;
  // Null when no user entry was involved (no authorization, a token, the single user): the connection
  // keeps the account and the permissions it has.
  std::shared_ptr<const User> user;
  std::string proxy_key;  // of the trusted proxy that the client came through; empty: none
  // What the reference says at debug level.
  std::vector<std::string> debug_lines;
  CertificateReport certificate;
};

class Authenticator {
 public:
  // `entropy` makes the name of the user that the reference invents for clients without credentials when
  // only the system account has users. A reload passes the same.
  static std::shared_ptr<const Authenticator> build(const config::Options& options, std::uint64_t entropy);

  // auth_required of /varz. The first thing a client says must then be CONNECT, before timeout() is over.
  bool auth_required() const { return auth_required_; }
  // auth_required of the first INFO: false where no_auth_user takes whoever comes.
  bool announces_auth_required() const {
    return auth_required_ && (no_auth_user_.empty() || no_auth_user_is_invented_);
  }
  bool nonce_required() const { return !nkeys_.empty() || !trusted_proxies_.empty(); }
  Duration timeout() const { return timeout_; }

  // May a client that never says CONNECT be checked (with empty credentials) on its first other op?
  bool may_skip_connect(ConnectionType type) const;

  // Will check() hash a password or verify a signature?
  bool needs_worker(const Credentials& credentials) const;
  AuthOutcome check(Credentials credentials) const;

  // Null when there is no such user.
  std::shared_ptr<const User> find_user(std::string_view name) const { return find(users_, name); }
  std::shared_ptr<const User> find_nkey(std::string_view nkey) const { return find(nkeys_, nkey); }

  bool trusts_proxy(std::string_view key) const;

  // The warning at start: "Plaintext passwords detected, use nkeys or bcrypt".
  bool has_plaintext_password() const { return has_plaintext_password_; }

 private:
  using Users = std::unordered_map<std::string, std::shared_ptr<const User>, TextHash, std::equal_to<>>;

  struct TrustedProxy {
    std::string text;
    PublicKey key;
  };

  // What is left to find out once the credentials have been looked up.
  enum class Proof : std::uint8_t { nothing, password, signature };
  struct Decision {
    AuthVerdict verdict = AuthVerdict::refused;  // if the proof holds
    Proof proof = Proof::nothing;
    std::shared_ptr<const User> user;
    std::string_view expected;  // the configured password or token
    std::string_view offered;   // within the credentials
    std::string_view debug_line;
    CertificateReport certificate;
  };

  static std::shared_ptr<const User> find(const Users& users, std::string_view name);
  void add_users(const config::Options& options);
  void invent_user(std::uint64_t entropy);

  // Null: none of those that are trusted has signed.
  const TrustedProxy* find_proxy(const Credentials& credentials, AuthOutcome& outcome) const;
  void fill_in_no_auth_user(Credentials& credentials) const;
  Decision decide(Credentials& credentials, bool proxied) const;
  Decision decide_user(const std::shared_ptr<const User>& user, const Credentials& credentials,
                       bool proxied) const;
  Decision decide_certificate(Credentials& credentials, bool proxied) const;
  Decision decide_nkey(const std::shared_ptr<const User>& user, bool proxied) const;
  Decision decide_single(const Credentials& credentials, bool proxied) const;

  bool auth_required_ = false;
  bool single_proxy_required_ = false;
  bool no_auth_user_is_invented_ = false;
  bool has_plaintext_password_ = false;
  Duration timeout_;
  std::string no_auth_user_;
  std::string single_user_;
  std::string single_password_;
  std::string token_;
  Users users_;
  Users nkeys_;
  std::vector<TrustedProxy> trusted_proxies_;
  bool maps_certificates_ = false;
  CertificateUsers certificate_users_;  // while maps_certificates_
};

}  // namespace nats::auth
