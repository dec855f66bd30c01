#include "server/auth/certificate_map.h"

#include <algorithm>
#include <utility>

#include "server/auth/authenticator.h"
#include "server/gojson/go_quote.h"

namespace nats::auth {
namespace {

using gojson::go_quote;

std::string using_line(std::string_view what, const User& user) {
  return "Using " + std::string(what) + " for auth [" + go_quote(user.name) + "]";
}

bool names_somebody(const sys::Certificate& certificate) {
  return !certificate.emails.empty() || !certificate.dns_names.empty() || !certificate.uris.empty() ||
         !subject_text(certificate.subject).empty();
}

}  // namespace

void CertificateUsers::add(std::shared_ptr<const User> user) {
  std::optional<Dn> dn = parse_dn(user->name);
  auto at = std::ranges::lower_bound(users_, user->name, {}, [](const Entry& e) { return e.user->name; });
  // The last of two with one name counts.
  if (at != users_.end() && at->user->name == user->name)
    *at = {std::move(user), std::move(dn)};
  else
    users_.insert(at, {std::move(user), std::move(dn)});
}

std::shared_ptr<const User> CertificateUsers::find_name(const std::string& name,
                                                        const MayConnect& may_connect) const {
  auto at = std::ranges::lower_bound(users_, name, {}, [](const Entry& e) { return e.user->name; });
  bool found = !name.empty() && at != users_.end() && at->user->name == name;
  return found && may_connect(*at->user) ? at->user : nullptr;
}

// As it stands before reordered.
std::shared_ptr<const User> CertificateUsers::find_dn(const Dn& dn, const MayConnect& may_connect) const {
  for (bool (*matches)(const Dn&, const Dn&) :
       {static_cast<bool (*)(const Dn&, const Dn&)>(equal), is_within})
    for (const Entry& entry : users_)
      if (entry.dn && may_connect(*entry.user) && matches(*entry.dn, dn)) return entry.user;
  return nullptr;
}

CertificateUsers::Named CertificateUsers::find(const PeerCertificates& certificates,
                                               const MayConnect& may_connect) const {
  Named named;
  auto say = [&](std::string line) { named.debug_lines.push_back(std::move(line)); };
  auto take = [&](std::shared_ptr<const User> user, std::string_view what) {
    if (!user) return false;
    say(using_line(what, *user));
    named.user = std::move(user);
    return true;
  };
  if (!certificates || certificates->empty()) {
    say(certificates ? "User required in cert, no peer certificates found"
                     : "User required in cert, no TLS connection state");
    return named;
  }
  const sys::Certificate& own = certificates->front();
  if (certificates->size() > 1) say("Multiple peer certificates found, selecting first");
  if (!names_somebody(own)) {
    say("User required in cert, none found");
    return named;
  }
  for (const auto& [list, what] :
       {std::pair{&own.emails, "email found in cert"}, std::pair{&own.dns_names, "SAN found in cert"},
        std::pair{&own.uris, "URI found in cert"}})
    for (const std::string& name : *list)
      if (take(find_name(name, may_connect), what)) return named;

  std::string subject = well_known_text(own.subject);
  if (std::optional<Dn> dn = dn_of(own.subject)) {
    if (take(find_dn(*dn, may_connect), "DistinguishedNameMatch")) return named;
    say("DistinguishedNameMatch could not be used for auth [" + go_quote(subject) + "]");
  }
  if (std::string components = domain_components_text(own.subject); !components.empty()) {
    std::string name = subject + "," + components;
    if (take(find_name(name, may_connect), "RDNSequence")) return named;
    say("RDNSequence could not be used for auth [" + go_quote(name) + "]");
  }
  if (take(find_name(subject, may_connect), "certificate subject")) return named;
  say("User in cert [" + go_quote(subject) + "], not found");
  return named;
}

std::string pin_objection(const std::vector<std::string>& pinned,
                          const std::vector<sys::Certificate>& certificates) {
  if (certificates.empty()) return "Failed pinned cert test as client did not provide a certificate";
  const std::string& key = certificates.front().key_sha256;
  if (std::ranges::binary_search(pinned, key)) return {};
  return "Failed pinned cert test for key id: " + key;
}

std::string refused_certificates_text(const std::vector<sys::Certificate>& certificates) {
  std::string text;
  for (const sys::Certificate& certificate : certificates)
    text +=
        (text.empty() ? " (" : "; ") + subject_text(certificate.subject) + " SHA-256: " + certificate.sha256;
  return text.empty() ? text : text + ")";
}

}  // namespace nats::auth
