#include "server/auth/certificate_map.h"

#include <gtest/gtest.h>

#include "server/auth/authenticator.h"
#include "server/config/options.h"

namespace nats::auth {
namespace {

constexpr char o[] = "2.5.4.10", cn[] = "2.5.4.3", dc[] = "0.9.2342.19200300.100.1.25", title[] = "2.5.4.12";

struct Map : ::testing::Test {
  CertificateUsers users;

  void configure(const std::vector<std::string>& names) {
    for (const std::string& name : names) users.add(std::make_shared<User>(User{.name = name}));
  }
  std::string look(const std::vector<sys::Certificate>& shown) {
    auto certificates = std::make_shared<const std::vector<sys::Certificate>>(shown);
    CertificateUsers::Named named = users.find(certificates, [](const User&) { return true; });
    lines = named.debug_lines;
    return named.user ? named.user->name : "nobody";
  }
  std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

TEST_F(Map, TakesEmailThenNameThenUri) {
  sys::Certificate bob{.emails = {"x@y", "bob@e.com"}, .dns_names = {"bob.e.com"}, .uris = {"spiffe://b"}};
  configure({"bob@e.com", "bob.e.com", "spiffe://b"});
  EXPECT_EQ(look({bob}), "bob@e.com");
  EXPECT_EQ(lines, Lines{"Using email found in cert for auth [\"bob@e.com\"]"});
  bob.emails.clear();
  EXPECT_EQ(look({bob}), "bob.e.com");
  EXPECT_EQ(lines, Lines{"Using SAN found in cert for auth [\"bob.e.com\"]"});
  bob.dns_names.clear();
  EXPECT_EQ(look({bob, bob}), "spiffe://b");
  EXPECT_EQ(lines, (Lines{"Multiple peer certificates found, selecting first",
                          "Using URI found in cert for auth [\"spiffe://b\"]"}));
}

TEST_F(Map, TakesTheSubjectInAnyOrder) {
  sys::Certificate bob{.subject = {{{dc, "com"}}, {{dc, "e"}}, {{o, "Twin"}}, {{cn, "bob"}}}};
  configure({"O=Twin,CN=bob,DC=com,DC=e"});
  EXPECT_EQ(look({bob}), "O=Twin,CN=bob,DC=com,DC=e");
  EXPECT_EQ(lines, Lines{"Using DistinguishedNameMatch for auth [\"O=Twin,CN=bob,DC=com,DC=e\"]"});
  configure({"cn=bob,O=Twin,DC=e,DC=com"});
  EXPECT_EQ(look({bob}), "cn=bob,O=Twin,DC=e,DC=com");
}

TEST_F(Map, TakesTheTextWhereATypeIsUnknown) {
  sys::Certificate bob{.subject = {{{dc, "com"}}, {{title, "Dr"}}, {{cn, "bob"}}}};
  configure({"CN=bob,DC=com"});
  EXPECT_EQ(look({bob}), "CN=bob,DC=com");
  EXPECT_EQ(lines, Lines{"Using RDNSequence for auth [\"CN=bob,DC=com\"]"});
  users = {};
  configure({"CN=bob"});
  EXPECT_EQ(look({bob}), "CN=bob");
  EXPECT_EQ(lines, (Lines{"RDNSequence could not be used for auth [\"CN=bob,DC=com\"]",
                          "Using certificate subject for auth [\"CN=bob\"]"}));
}

TEST_F(Map, SaysWhyNobodyIsFound) {
  configure({"alice"});
  EXPECT_EQ(look({}), "nobody");
  EXPECT_EQ(lines, Lines{"User required in cert, no peer certificates found"});
  EXPECT_EQ(look({{}}), "nobody");
  EXPECT_EQ(lines, Lines{"User required in cert, none found"});
  EXPECT_EQ(look({{.subject = {{{cn, "bob"}}}}}), "nobody");
  EXPECT_EQ(lines, (Lines{"DistinguishedNameMatch could not be used for auth [\"CN=bob\"]",
                          "User in cert [\"CN=bob\"], not found"}));
  EXPECT_EQ(users.find(nullptr, [](const User&) { return true; }).debug_lines,
            Lines{"User required in cert, no TLS connection state"});
}

TEST_F(Map, LeavesOutWhoMayNotConnect) {
  configure({"bob", "CN=bob"});
  auto shown = std::make_shared<const std::vector<sys::Certificate>>(
      1, sys::Certificate{.subject = {{{cn, "bob"}}}, .dns_names = {"bob"}});
  auto named = users.find(shown, [](const User& user) { return user.name != "bob"; });
  ASSERT_TRUE(named.user);
  EXPECT_EQ(named.user->name, "CN=bob");
}

TEST(Pins, NameTheKey) {
  std::vector<std::string> pinned{"aa", "bb"};
  EXPECT_EQ(pin_objection(pinned, {}), "Failed pinned cert test as client did not provide a certificate");
  EXPECT_EQ(pin_objection(pinned, {{.key_sha256 = "bb"}}), "");
  EXPECT_EQ(pin_objection(pinned, {{.key_sha256 = "cc"}}), "Failed pinned cert test for key id: cc");
}

TEST(RefusedCertificates, AreNamed) {
  EXPECT_EQ(refused_certificates_text({}), "");
  EXPECT_EQ(refused_certificates_text({{.subject = {{{cn, "a"}}}, .sha256 = "11"}, {.sha256 = "22"}}),
            " (CN=a SHA-256: 11;  SHA-256: 22)");
}

// --- As the authenticator uses it.

struct MappingAuthenticator : ::testing::Test {
  std::shared_ptr<const Authenticator> build(std::vector<config::User> users) {
    config::Options options;
    options.authorization.users = std::move(users);
    options.tls = std::make_shared<const config::Tls>(config::Tls{.verify = true, .map = true});
    return Authenticator::build(options, 1);
  }
  Credentials of(const std::string& common_name, const std::string& user = "") {
    Credentials credentials;
    credentials.user = user;
    credentials.certificates = std::make_shared<const std::vector<sys::Certificate>>(
        1, sys::Certificate{.subject = {{{cn, common_name}}}});
    return credentials;
  }
};

TEST_F(MappingAuthenticator, TakesTheCertificatesUserWhateverConnectSays) {
  auto authenticator = build({{.user = "CN=bob"}});
  EXPECT_FALSE(authenticator->has_plaintext_password());
  AuthOutcome outcome = authenticator->check(of("bob", "zed"));
  EXPECT_EQ(outcome.verdict, AuthVerdict::accepted);
  EXPECT_EQ(outcome.credentials.user, "CN=bob");
  EXPECT_EQ(outcome.certificate.warning, "User \"zed\" found in connect proto, but user required from cert");
}

TEST_F(MappingAuthenticator, RefusesWhomItDoesNotKnow) {
  AuthOutcome outcome = build({{.user = "CN=bob"}})->check(of("eve", "CN=bob"));
  EXPECT_EQ(outcome.verdict, AuthVerdict::refused);
  EXPECT_EQ(outcome.certificate.debug_lines.back(), "User in cert [\"CN=eve\"], not found");
}

TEST_F(MappingAuthenticator, AsksForAPasswordThatIsConfigured) {
  auto authenticator = build({{.user = "CN=bob", .password = "secret"}});
  EXPECT_EQ(authenticator->check(of("bob")).verdict, AuthVerdict::refused);
  Credentials credentials = of("bob");
  credentials.password = "secret";
  EXPECT_EQ(authenticator->check(credentials).verdict, AuthVerdict::accepted);
}

}  // namespace
}  // namespace nats::auth
