#include "server/sys/real/tls/server_name.h"

#include <gtest/gtest.h>

#include "server/sys/real/tls/certificates.h"
#include "server/sys/real/tls/made_certificates_for_test.h"

namespace nats::sys {
namespace {

std::string problem(const std::string& names, const std::string& host) {
  MadeCertificate made = make_certificate({.subject = {"CN=twin.test"}, .alternative_names = names});
  return server_name_problem(*load_pair(made.pair())->chain[0], host);
}

TEST(ServerName, IsAskedOfTheAlternativeNames) {
  const std::string names = "DNS:a.test,DNS:*.b.test,IP:127.0.0.1,IP:::1,email:me@c.test";
  for (const char* host : {"a.test", "A.Test", "x.b.test", "127.0.0.1", "::1", "[::1]"})
    EXPECT_EQ(problem(names, host), "") << host;
  EXPECT_EQ(problem(names, "c.test"), "x509: certificate is valid for a.test, *.b.test, not c.test");
  EXPECT_EQ(problem(names, "x.y.b.test"), "x509: certificate is valid for a.test, *.b.test, not x.y.b.test");
  EXPECT_EQ(problem(names, "127.0.0.2"), "x509: certificate is valid for 127.0.0.1, ::1, not 127.0.0.2");
  // The subject is not asked.
  EXPECT_EQ(problem(names, "twin.test"), "x509: certificate is valid for a.test, *.b.test, not twin.test");
}

TEST(ServerName, WithoutAlternativeNamesNothingFits) {
  EXPECT_EQ(problem("", "twin.test"),
            "x509: certificate relies on legacy Common Name field, use SANs instead");
  EXPECT_EQ(problem("", "other.test"),
            "x509: certificate is not valid for any names, but wanted to match other.test");
  EXPECT_EQ(problem("", "127.0.0.1"),
            "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs");
  EXPECT_EQ(problem("DNS:a.test", "127.0.0.1"),
            "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs");
}

TEST(ServerName, OfTooManyNamesOnlyTheNumberIsSaid) {
  std::string names = "DNS:n0";
  for (int i = 1; i < 120; ++i) names += ",DNS:n" + std::to_string(i);
  EXPECT_EQ(problem(names, "n"), "x509: certificate is valid for 120 names, but none matched n");
}

TEST(ServerName, AddressesAreTold) {
  for (const char* host : {"127.0.0.1", "::1", "[fe80::1]"}) EXPECT_TRUE(is_address(host)) << host;
  for (const char* host : {"", "localhost", "127.0.0", "[]", "1:2"}) EXPECT_FALSE(is_address(host)) << host;
}

}  // namespace
}  // namespace nats::sys
