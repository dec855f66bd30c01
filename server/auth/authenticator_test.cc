#include "server/auth/authenticator.h"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

#include "server/config/options.h"

namespace nats::auth {
namespace {

// Made with Go's bcrypt at cost 4.
const std::string hash_of_secret = "$2a$04$sAANjZZRXcm/Z2P2erlrteHdD3wITxUjhGGVLr/RBArDCZU5nGiWS";
// The seed 00 01 ... 1f, and its signature of the nonce below.
const std::string nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const std::string nonce = "PXoWU7zWAMt75FY";
const std::string good_signature =
    "bnxg5G8aOV2LQdSE_lcM9clxm_fbTTZxsqQ1EpTNgJXmH6z5ezesd49kXfuNhoAqw_DmEtsGcNsJdug9wMuRDQ";

config::Options options_with(config::Authorization authorization, std::string no_auth_user = {}) {
  config::Options options;
  options.authorization = std::move(authorization);
  options.no_auth_user = std::move(no_auth_user);
  return options;
}

config::User user(std::string name, std::string password, std::vector<std::string> types = {},
                  bool proxy_required = false) {
  config::User made;
  made.user = std::move(name);
  made.password = std::move(password);
  made.allowed_connection_types = std::move(types);
  made.proxy_required = proxy_required;
  return made;
}

config::Options users_of_all_kinds() {
  return options_with({.users = {user("a", "a"), user("b", hash_of_secret), user("n", ""),
                                 user("ws", "w", {"WEBSOCKET", "mqtt"}), user("st", "s", {"standard"}),
                                 user("px", "p", {}, true)}});
}

config::Options nkey_and_user(std::string no_auth_user = {}) {
  config::NkeyUser configured;
  configured.nkey = nkey;
  return options_with({.users = {user("a", "a")}, .nkeys = {configured}}, std::move(no_auth_user));
}

struct Attempt {
  const char* name;
  config::Options options;
  Credentials credentials;
  AuthVerdict verdict;
  std::string shown;  // authorized_user afterwards
  std::string debug_line;
};

void PrintTo(const Attempt& attempt, std::ostream* out) { *out << attempt.name; }

class Connects : public testing::TestWithParam<Attempt> {};

// The verdicts, users and lines are those of the reference.
TEST_P(Connects, AreJudgedAsByTheReference) {
  const Attempt& attempt = GetParam();
  auto authenticator = Authenticator::build(attempt.options, 0);
  AuthOutcome outcome = authenticator->check(attempt.credentials);
  EXPECT_EQ(outcome.verdict, attempt.verdict);
  EXPECT_EQ(authorized_user(outcome.credentials), attempt.shown);
  EXPECT_EQ(outcome.debug_lines, attempt.debug_line.empty() ? std::vector<std::string>{}
                                                            : std::vector<std::string>{attempt.debug_line});
}

constexpr AuthVerdict ok = AuthVerdict::accepted;
constexpr AuthVerdict no = AuthVerdict::refused;
constexpr AuthVerdict proxy = AuthVerdict::proxy_required;
const std::string proxy_line = "proxy connection required";
const std::string hidden = "[REDACTED]";

INSTANTIATE_TEST_SUITE_P(
    WithoutAuthorization, Connects,
    testing::Values(
        Attempt{"nothing", {}, {}, ok, ""}, Attempt{"user", {}, {.user = "x", .password = "y"}, ok, "x"},
        Attempt{"token", {}, {.token = "t"}, ok, hidden},
        Attempt{"nkey", {}, {.nkey = "UABC", .signature = "x"}, ok, "UABC"},
        Attempt{"password without user is no authorization", options_with({.password = "p"}), {}, ok, ""},
        Attempt{"proxy_required alone is no authorization",
                options_with({.proxy_required = true}),
                {.user = "u"},
                ok,
                "u"}));

const config::Options single = options_with({.user = "u", .password = "p"});
const config::Options single_hashed = options_with({.user = "u", .password = hash_of_secret});
const config::Options single_open = options_with({.user = "u"});
const config::Options single_proxied = options_with({.user = "u", .password = "p", .proxy_required = true});

INSTANTIATE_TEST_SUITE_P(
    SingleUser, Connects,
    testing::Values(
        Attempt{"nothing", single, {}, no, ""}, Attempt{"no password", single, {.user = "u"}, no, "u"},
        Attempt{"right", single, {.user = "u", .password = "p"}, ok, "u"},
        Attempt{"wrong password", single, {.user = "u", .password = "P"}, no, "u"},
        Attempt{"wrong user", single, {.user = "U", .password = "p"}, no, "U"},
        Attempt{"password as token", single, {.token = "p"}, no, hidden},
        Attempt{"a token beside", single, {.user = "u", .password = "p", .token = "zz"}, ok, "u"},
        Attempt{"an nkey beside", single, {.user = "u", .password = "p", .nkey = "UX"}, ok, "UX"},
        Attempt{"hashed", single_hashed, {.user = "u", .password = "secret"}, ok, "u"},
        Attempt{"hashed, the hash", single_hashed, {.user = "u", .password = hash_of_secret}, no, "u"},
        Attempt{"no password configured", single_open, {.user = "u"}, ok, "u"},
        Attempt{"no password configured, one given", single_open, {.user = "u", .password = "x"}, no, "u"},
        Attempt{"proxy, nothing", single_proxied, {}, proxy, "", proxy_line},
        Attempt{"proxy, right", single_proxied, {.user = "u", .password = "p"}, proxy, "u", proxy_line}));

const config::Options token = options_with({.token = "tok"});
const config::Options token_hashed = options_with({.token = hash_of_secret});
// --auth beside users of the file.
const config::Options token_and_users = options_with({.token = "tok", .users = {user("a", "a")}});

INSTANTIATE_TEST_SUITE_P(
    Token, Connects,
    testing::Values(
        Attempt{"nothing", token, {}, no, ""}, Attempt{"right", token, {.token = "tok"}, ok, hidden},
        Attempt{"wrong", token, {.token = "bad"}, no, hidden},
        Attempt{"as user", token, {.user = "tok"}, no, "tok"},
        Attempt{"a user beside", token, {.user = "u", .token = "tok"}, ok, "u"},
        Attempt{"as password", token, {.user = "u", .password = "tok"}, no, "u"},
        Attempt{"as password alone", token, {.password = "tok"}, no, ""},
        Attempt{"hashed", token_hashed, {.token = "secret"}, ok, hidden},
        Attempt{"hashed wrong", token_hashed, {.token = "x"}, no, hidden},
        Attempt{"token beside users", token_and_users, {.token = "tok"}, ok, hidden},
        Attempt{"token beside users, as user", token_and_users, {.user = "u", .token = "tok"}, no, "u"}));

const config::Options users = users_of_all_kinds();

INSTANTIATE_TEST_SUITE_P(
    Users, Connects,
    testing::Values(
        Attempt{"nothing", users, {}, no, ""},
        Attempt{"plain", users, {.user = "a", .password = "a"}, ok, "a"},
        Attempt{"hashed", users, {.user = "b", .password = "secret"}, ok, "b"},
        Attempt{"hashed wrong", users, {.user = "b", .password = "x"}, no, "b"},
        Attempt{"no password", users, {.user = "n"}, ok, "n"},
        Attempt{"no password, one given", users, {.user = "n", .password = "x"}, no, "n"},
        Attempt{"unknown", users, {.user = "zz", .password = "a"}, no, "zz"},
        Attempt{"other connection type", users, {.user = "ws", .password = "w"}, no, "ws"},
        Attempt{"allowed connection type", users, {.user = "st", .password = "s"}, ok, "st"},
        Attempt{
            "websocket", users, {.user = "ws", .password = "w", .type = ConnectionType::websocket}, ok, "ws"},
        Attempt{"proxy", users, {.user = "px", .password = "p"}, proxy, "px", proxy_line},
        Attempt{"proxy, wrong password", users, {.user = "px", .password = "bad"}, proxy, "px", proxy_line},
        Attempt{"token", users, {.token = "a"}, no, hidden}));

const config::Options open = options_with({.users = {user("a", "a"), user("n", "np")}}, "n");
const config::Options open_hashed = options_with({.users = {user("n", hash_of_secret)}}, "n");
const config::Options open_typed = options_with({.users = {user("n", "np", {"WEBSOCKET"})}}, "n");
const config::Options open_proxied = options_with({.users = {user("n", "np", {}, true)}}, "n");

INSTANTIATE_TEST_SUITE_P(
    NoAuthUser, Connects,
    testing::Values(Attempt{"nothing", open, {}, ok, "n"},
                    Attempt{"another", open, {.user = "a", .password = "a"}, ok, "a"},
                    Attempt{"a password", open, {.password = "x"}, no, ""},
                    Attempt{"a token", open, {.token = "t"}, no, hidden},
                    Attempt{"its name", open, {.user = "n"}, no, "n"},
                    Attempt{"its name and password", open, {.user = "n", .password = "np"}, ok, "n"},
                    Attempt{"an nkey where none is configured", open, {.nkey = "UX"}, ok, "UX"},
                    Attempt{"hashed, nothing: the hash is offered", open_hashed, {}, no, "n"},
                    Attempt{"hashed", open_hashed, {.user = "n", .password = "secret"}, ok, "n"},
                    Attempt{"other connection type", open_typed, {}, no, "n"},
                    Attempt{"proxy", open_proxied, {}, proxy, "n", proxy_line}));

const config::Options nkeys = nkey_and_user();
const config::Options open_nkey = nkey_and_user(nkey);

INSTANTIATE_TEST_SUITE_P(
    Nkeys, Connects,
    testing::Values(
        Attempt{"nothing", nkeys, {}, no, ""},
        Attempt{"signed", nkeys, {.nkey = nkey, .signature = good_signature, .nonce = nonce}, ok, nkey},
        Attempt{"signed another nonce",
                nkeys,
                {.nkey = nkey, .signature = good_signature, .nonce = "other"},
                no,
                nkey,
                "Signature not verified"},
        Attempt{"not signed", nkeys, {.nkey = nkey, .nonce = nonce}, no, nkey, "Signature missing"},
        Attempt{"not base64",
                nkeys,
                {.nkey = nkey, .signature = "x", .nonce = nonce},
                no,
                nkey,
                "Signature not valid base64"},
        Attempt{"too short", nkeys, {.nkey = nkey, .signature = "AAAA"}, no, nkey, "Signature not verified"},
        Attempt{"unknown", nkeys, {.nkey = "UX", .signature = "x"}, no, "UX"},
        Attempt{"a user", nkeys, {.user = "a", .password = "a"}, ok, "a"},
        Attempt{"a user and an unknown nkey", nkeys, {.user = "a", .password = "a", .nkey = "UX"}, no, "UX"},
        Attempt{"open, nothing", open_nkey, {}, ok, nkey},
        Attempt{"open, its nkey", open_nkey, {.nkey = nkey}, ok, nkey},
        Attempt{"open, a user", open_nkey, {.user = "a", .password = "a"}, ok, "a"},
        Attempt{"open, an unknown user", open_nkey, {.user = "b"}, no, "b"}));

TEST(Authenticator, GivesTheUsersAccountAndPermissions) {
  config::User limited = user("a", "a");
  limited.account = "A";
  limited.permissions = config::Permissions{.publish = config::SubjectPermission{{{"ok"}}, {}}};
  auto authenticator = Authenticator::build(options_with({.users = {limited}}), 0);
  AuthOutcome outcome = authenticator->check({.user = "a", .password = "a"});
  ASSERT_TRUE(outcome.user);
  EXPECT_EQ(outcome.user->account, "A");
  EXPECT_TRUE(outcome.user->permissions->may_publish("ok"));
  EXPECT_FALSE(outcome.user->permissions->may_publish("no"));
  EXPECT_EQ(outcome.user, authenticator->find_user("a"));
  EXPECT_EQ(authenticator->find_user("b"), nullptr);
}

TEST(Authenticator, TokenAndSingleUserAreNobodysEntry) {
  EXPECT_EQ(Authenticator::build(token, 0)->check({.token = "tok"}).user, nullptr);
  EXPECT_EQ(Authenticator::build(single, 0)->check({.user = "u", .password = "p"}).user, nullptr);
}

TEST(Authenticator, KnowsWhatIsRequired) {
  EXPECT_FALSE(Authenticator::build({}, 0)->auth_required());
  EXPECT_FALSE(Authenticator::build(options_with({.password = "p"}), 0)->auth_required());
  EXPECT_TRUE(Authenticator::build(single, 0)->announces_auth_required());
  EXPECT_TRUE(Authenticator::build(token, 0)->announces_auth_required());
  EXPECT_TRUE(Authenticator::build(open, 0)->auth_required());
  EXPECT_FALSE(Authenticator::build(open, 0)->announces_auth_required());
  EXPECT_FALSE(Authenticator::build(users, 0)->nonce_required());
  EXPECT_TRUE(Authenticator::build(nkeys, 0)->nonce_required());
}

TEST(Authenticator, SkippingConnectNeedsAUsableNoAuthUser) {
  auto may_skip = [](const config::Options& options) {
    return Authenticator::build(options, 0)->may_skip_connect(ConnectionType::standard);
  };
  EXPECT_TRUE(may_skip({}));
  EXPECT_TRUE(may_skip(open));
  EXPECT_TRUE(may_skip(open_hashed));
  EXPECT_FALSE(may_skip(users));
  EXPECT_FALSE(may_skip(open_typed));
  EXPECT_FALSE(may_skip(open_proxied));
  EXPECT_FALSE(may_skip(open_nkey));
}

TEST(Authenticator, OnlyHashesAndSignaturesNeedAWorker) {
  auto authenticator = Authenticator::build(users, 0);
  EXPECT_TRUE(authenticator->needs_worker({.user = "b", .password = "anything"}));
  EXPECT_FALSE(authenticator->needs_worker({.user = "a", .password = "a"}));
  EXPECT_FALSE(authenticator->needs_worker({.user = "unknown"}));
  EXPECT_FALSE(authenticator->needs_worker({}));
  EXPECT_TRUE(Authenticator::build(open_hashed, 0)->needs_worker({}));
  EXPECT_TRUE(Authenticator::build(nkeys, 0)->needs_worker({.nkey = nkey, .signature = "AAAA"}));
  EXPECT_FALSE(Authenticator::build(nkeys, 0)->needs_worker({.nkey = nkey}));
}

TEST(Authenticator, TimeoutIsTwoSecondsUnlessConfigured) {
  EXPECT_EQ(Authenticator::build({}, 0)->timeout(), Duration::from_seconds(2));
  EXPECT_EQ(Authenticator::build(options_with({.timeout_seconds = 0.5}), 0)->timeout(),
            Duration::from_ms(500));
}

TEST(Authenticator, PlaintextPasswordsAreNoticed) {
  auto plaintext = [](const config::Options& options) {
    return Authenticator::build(options, 0)->has_plaintext_password();
  };
  EXPECT_TRUE(plaintext(single));
  EXPECT_FALSE(plaintext(single_hashed));
  EXPECT_FALSE(plaintext(token));
  EXPECT_TRUE(plaintext(users));
  EXPECT_FALSE(plaintext(options_with({.users = {user("b", hash_of_secret)}})));
}

TEST(Authenticator, InventsAUserWhenOnlyTheSystemAccountHasUsers) {
  config::User admin = user("admin", "pw");
  admin.account = "$SYS";
  config::Options options = options_with({.users = {admin}});
  options.accounts.push_back({.name = "$SYS"});
  auto authenticator = Authenticator::build(options, 62 * 62 + 1);
  EXPECT_TRUE(authenticator->announces_auth_required());
  EXPECT_TRUE(authenticator->may_skip_connect(ConnectionType::standard));
  AuthOutcome outcome = authenticator->check({});
  EXPECT_EQ(outcome.verdict, AuthVerdict::accepted);
  EXPECT_EQ(authorized_user(outcome.credentials), "nats-10100000");
  EXPECT_EQ(outcome.user->account, "");
  EXPECT_EQ(authenticator->check({.user = "b"}).verdict, AuthVerdict::refused);
  options.authorization.block_defined = true;
  EXPECT_EQ(Authenticator::build(options, 0)->check({}).verdict, AuthVerdict::refused);
}

TEST(Credentials, AreNamedInTheLogAsByTheReference) {
  EXPECT_EQ(authentication_error_line({}), "authentication error");
  EXPECT_EQ(authentication_error_line({.user = "a\"b"}), R"(authentication error - User "a\"b")");
  EXPECT_EQ(authentication_error_line({.token = "t"}), R"(authentication error - Token "[REDACTED]")");
  EXPECT_EQ(authentication_error_line({.user = "a", .nkey = "UX"}), R"(authentication error - Nkey "UX")");
  EXPECT_EQ(describe_user({}), R"(User "N/A")");
  EXPECT_EQ(user_label({}), "");
  EXPECT_EQ(user_label({.user = "a", .token = "t"}), "user:a");
  EXPECT_EQ(user_label({.token = "t"}), "token");
  EXPECT_EQ(user_label({.nkey = "UX"}), "nkey:UX");
}

TEST(ConnectionType, NamesAreReadInAnyCase) {
  EXPECT_EQ(parse_connection_type("Standard"), ConnectionType::standard);
  EXPECT_EQ(parse_connection_type("LEAFNODE_WS"), ConnectionType::leafnode_ws);
  EXPECT_EQ(parse_connection_type("IN_PROCESS"), ConnectionType::in_process);
  EXPECT_EQ(parse_connection_type("TELNET"), std::nullopt);
}

}  // namespace
}  // namespace nats::auth
