#include "server/auth/authenticator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/auth/nkey.h"
#include "server/auth/password.h"
#include "server/config/options.h"
#include "server/gojson/go_quote.h"

namespace nats::auth {
namespace {

constexpr double default_timeout_seconds = 2;
constexpr std::string_view default_system_account = "$SYS";

constexpr std::string_view proxy_required_line = "proxy connection required";
constexpr std::string_view proxy_not_trusted_line = "proxy is not trusted";

std::uint8_t types_of(const std::vector<std::string>& names) {
  std::uint8_t types = 0;
  for (const std::string& name : names)
    if (auto type = parse_connection_type(name))
      types = static_cast<std::uint8_t>(types | 1 << static_cast<int>(*type));
  return types;
}

// Fields that users and nkeys have in common.
template <class Configured>
User make_user(const Configured& configured, std::string name, std::string password) {
  User user;
  user.name = std::move(name);
  user.password = std::move(password);
  user.account = configured.account;
  if (configured.permissions) user.permissions = Permissions::build(*configured.permissions);
  user.types = types_of(configured.allowed_connection_types);
  user.proxy_required = configured.proxy_required;
  return user;
}

bool only_system_account_is_configured(const config::Options& options) {
  if (options.accounts.size() != 1 || !options.no_auth_user.empty()) return false;
  if (options.authorization.block_defined) return false;
  std::string_view system = options.system_account;
  return options.accounts[0].name == (system.empty() ? default_system_account : system);
}

// What a signature check says at debug level; empty when it holds.
std::string_view signature_objection(const Credentials& credentials) {
  if (credentials.signature.empty()) return "Signature missing";
  std::optional<std::string> signature = decode_signature_text(credentials.signature);
  if (!signature) return "Signature not valid base64";
  std::optional<PublicKey> key = parse_public_key(credentials.nkey);
  if (!key || !verify_signature(*key, credentials.nonce, *signature)) return "Signature not verified";
  return {};
}

}  // namespace

std::shared_ptr<const Authenticator> Authenticator::build(const config::Options& options,
                                                          std::uint64_t entropy) {
  auto made = std::make_shared<Authenticator>();
  const config::Authorization& authorization = options.authorization;
  made->single_user_ = authorization.user;
  made->single_password_ = authorization.password;
  made->token_ = authorization.token;
  made->single_proxy_required_ = authorization.proxy_required;
  made->no_auth_user_ = options.no_auth_user;
  double seconds =
      authorization.timeout_seconds == 0 ? default_timeout_seconds : authorization.timeout_seconds;
  made->timeout_ = Duration{static_cast<std::int64_t>(seconds * 1e9)};
  made->has_plaintext_password_ = !authorization.password.empty() && !is_bcrypt(authorization.password);
  made->maps_certificates_ = options.tls && options.tls->map;
  for (const std::string& key : options.trusted_proxies)
    if (std::optional<PublicKey> parsed = parse_public_key(key))
      made->trusted_proxies_.push_back({key, *parsed});
  made->add_users(options);
  if (only_system_account_is_configured(options)) made->invent_user(entropy);
  made->auth_required_ =
      !made->users_.empty() || !made->nkeys_.empty() || !made->single_user_.empty() || !made->token_.empty();
  return made;
}

void Authenticator::add_users(const config::Options& options) {
  for (const config::User& user : options.authorization.users) {
    users_[user.user] = std::make_shared<User>(make_user(user, user.user, user.password));
    bool by_certificate =
        maps_certificates_ && user.password.empty() && users_[user.user]->allows(ConnectionType::standard);
    if (!is_bcrypt(user.password) && !by_certificate) has_plaintext_password_ = true;
    if (maps_certificates_) certificate_users_.add(users_[user.user]);
  }
  for (const config::NkeyUser& user : options.authorization.nkeys)
    nkeys_[user.nkey] = std::make_shared<User>(make_user(user, user.nkey, {}));
}

void Authenticator::invent_user(std::uint64_t entropy) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  User user;
  user.name = "nats-";
  for (int i = 0; i < 8; ++i, entropy /= digits.size()) user.name += digits[entropy % digits.size()];
  user.password = user.name.substr(6);
  no_auth_user_ = user.name;
  no_auth_user_is_invented_ = true;
  users_[user.name] = std::make_shared<User>(user);
}

std::shared_ptr<const User> Authenticator::find(const Users& users, std::string_view name) {
  auto found = users.find(name);
  return found == users.end() ? nullptr : found->second;
}

bool Authenticator::may_skip_connect(ConnectionType type) const {
  if (!auth_required_) return true;
  std::shared_ptr<const User> user = no_auth_user_.empty() ? nullptr : find_user(no_auth_user_);
  return user && !user->proxy_required && user->allows(type);
}

void Authenticator::fill_in_no_auth_user(Credentials& credentials) const {
  bool nothing_said = credentials.user.empty() && credentials.password.empty() && credentials.token.empty();
  if (no_auth_user_.empty() || !nothing_said) return;
  if (credentials.nkey.empty() && nkeys_.contains(no_auth_user_)) {
    credentials.nkey = no_auth_user_;
  } else if (auto user = find_user(no_auth_user_); user && (credentials.nkey.empty() || nkeys_.empty())) {
    credentials.user = user->name;
    credentials.password = user->password;
  }
}

Authenticator::Decision Authenticator::decide(Credentials& credentials, bool proxied) const {
  if (!auth_required_) return {.verdict = AuthVerdict::accepted};
  bool by_certificate = maps_certificates_ && !users_.empty();
  if (!by_certificate || nkeys_.contains(no_auth_user_)) fill_in_no_auth_user(credentials);
  if (!nkeys_.empty() && !credentials.nkey.empty()) {
    std::shared_ptr<const User> user = find_nkey(credentials.nkey);
    return user && user->allows(credentials.type) ? decide_nkey(user, proxied) : Decision{};
  }
  if (by_certificate) return decide_certificate(credentials, proxied);
  if (!users_.empty() && !credentials.user.empty()) {
    std::shared_ptr<const User> user = find_user(credentials.user);
    return user && user->allows(credentials.type) ? decide_user(user, credentials, proxied) : Decision{};
  }
  return decide_single(credentials, proxied);
}

// The user is whom the certificate names, whatever CONNECT says; a password that is configured is asked
// for all the same.
Authenticator::Decision Authenticator::decide_certificate(Credentials& credentials, bool proxied) const {
  CertificateUsers::Named named = certificate_users_.find(
      credentials.certificates, [&](const User& user) { return user.allows(credentials.type); });
  CertificateReport report{std::move(named.debug_lines), {}};
  if (!named.user) return {.certificate = std::move(report)};
  if (!credentials.user.empty()) {
    report.warning =
        "User " + gojson::go_quote(credentials.user) + " found in connect proto, but user required from cert";
  }
  credentials.user = named.user->name;
  Decision decision = decide_user(named.user, credentials, proxied);
  decision.certificate = std::move(report);
  return decision;
}

Authenticator::Decision Authenticator::decide_nkey(const std::shared_ptr<const User>& user,
                                                   bool proxied) const {
  if (user->proxy_required && !proxied)
    return {.verdict = AuthVerdict::proxy_required, .debug_line = proxy_required_line};
  bool proven = user->name == no_auth_user_;
  return {
      .verdict = AuthVerdict::accepted, .proof = proven ? Proof::nothing : Proof::signature, .user = user};
}

Authenticator::Decision Authenticator::decide_user(const std::shared_ptr<const User>& user,
                                                   const Credentials& credentials, bool proxied) const {
  if (user->proxy_required && !proxied)
    return {.verdict = AuthVerdict::proxy_required, .debug_line = proxy_required_line};
  return {.verdict = AuthVerdict::accepted,
          .proof = Proof::password,
          .user = user,
          .expected = user->password,
          .offered = credentials.password};
}

Authenticator::Decision Authenticator::decide_single(const Credentials& credentials, bool proxied) const {
  if (single_proxy_required_ && !proxied)
    return {.verdict = AuthVerdict::proxy_required, .debug_line = proxy_required_line};
  Decision decision{.verdict = AuthVerdict::accepted, .proof = Proof::password};
  if (!token_.empty()) {
    decision.expected = token_;
    decision.offered = credentials.token;
  } else if (!single_user_.empty() && single_user_ == credentials.user) {
    decision.expected = single_password_;
    decision.offered = credentials.password;
  } else {
    return {};
  }
  return decision;
}

bool Authenticator::trusts_proxy(std::string_view key) const {
  return std::ranges::find(trusted_proxies_, key, &TrustedProxy::text) != trusted_proxies_.end();
}

const Authenticator::TrustedProxy* Authenticator::find_proxy(const Credentials& credentials,
                                                             AuthOutcome& outcome) const {
  const std::optional<std::string> signature = decode_proxy_signature_text(credentials.proxy_signature);
  if (!signature) {
    outcome.debug_lines.emplace_back("Proxy signature not valid base64");
    return nullptr;
  }
  const auto found = std::ranges::find_if(trusted_proxies_, [&](const TrustedProxy& proxy) {
    return verify_signature(proxy.key, credentials.nonce, *signature);
  });
  return found == trusted_proxies_.end() ? nullptr : &*found;
}

bool Authenticator::needs_worker(const Credentials& credentials) const {
  if (!trusted_proxies_.empty() && !credentials.proxy_signature.empty()) return true;
  Credentials tried = credentials;
  Decision decision = decide(tried, false);
  if (decision.proof == Proof::password) return is_bcrypt(decision.expected);
  return decision.proof == Proof::signature && !credentials.signature.empty();
}

AuthOutcome Authenticator::check(Credentials credentials) const {
  AuthOutcome outcome;
  outcome.credentials = std::move(credentials);
  if (!trusted_proxies_.empty() && !outcome.credentials.proxy_signature.empty()) {
    const TrustedProxy* proxy = find_proxy(outcome.credentials, outcome);
    if (!proxy) {
      outcome.verdict = AuthVerdict::proxy_not_trusted;
      outcome.debug_lines.emplace_back(proxy_not_trusted_line);
      return outcome;
    }
    outcome.proxy_key = proxy->text;
  }
  Decision decision = decide(outcome.credentials, !outcome.proxy_key.empty());
  outcome.verdict = decision.verdict;
  std::string_view objection = decision.debug_line;
  outcome.certificate = std::move(decision.certificate);
  if (decision.proof == Proof::password && !verify_password(decision.expected, decision.offered))
    outcome.verdict = AuthVerdict::refused;
  if (decision.proof == Proof::signature) {
    objection = signature_objection(outcome.credentials);
    if (!objection.empty()) outcome.verdict = AuthVerdict::refused;
  }
  if (!objection.empty()) outcome.debug_lines.emplace_back(objection);
  if (outcome.verdict == AuthVerdict::accepted) outcome.user = decision.user;
  return outcome;
}

}  // namespace nats::auth
