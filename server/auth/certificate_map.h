// verify_and_map: which of the configured users a client's certificate names. Pinned certificates.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/auth/distinguished_name.h"
#include "server/sys/tls.h"

namespace nats::auth {

struct User;

using PeerCertificates = std::shared_ptr<const std::vector<sys::Certificate>>;

// The users that certificates may name, in an order that does not change.
class CertificateUsers {
 public:
  struct Named {
    std::shared_ptr<const User> user;
    std::vector<std::string> debug_lines;  // what the reference says on the way
  };

  void add(std::shared_ptr<const User> user);
  bool empty() const { return users_.empty(); }

  // `certificates` null: the connection has no TLS; empty: the client showed none. `may_connect` says of
  // a user whether connections of this kind are its.
  Named find(const PeerCertificates& certificates, const std::function<bool(const User&)>& may_connect) const;

 private:
  struct Entry {
    std::shared_ptr<const User> user;
    std::optional<Dn> dn;  // where its name is one
  };
  using MayConnect = std::function<bool(const User&)>;
  std::shared_ptr<const User> find_name(const std::string& name, const MayConnect& may_connect) const;
  std::shared_ptr<const User> find_dn(const Dn& dn, const MayConnect& may_connect) const;

  std::vector<Entry> users_;  // by name
};

// What the reference says at debug level where the client's certificate is none of `pinned` (sorted,
// lower-case hex); empty: it is one.
std::string pin_objection(const std::vector<std::string>& pinned,
                          const std::vector<sys::Certificate>& certificates);

// "CN=bob,O=Twin SHA-256: 75d1...", one after the other in parentheses and behind a space: what the log
// says of certificates that were refused. Empty for none.
std::string refused_certificates_text(const std::vector<sys::Certificate>& certificates);

}  // namespace nats::auth
