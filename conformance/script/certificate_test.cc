#include "conformance/script/certificate.h"

#include <gtest/gtest.h>

namespace natstwin::script {
namespace {

TEST(Certificate, SaysWhoseItIsAndWhoSignedIt) {
  const auto ca = read_certificate("ca", {"authority"}, {});
  ASSERT_TRUE(ca);
  EXPECT_TRUE(ca->authority);
  EXPECT_EQ(ca->subject, (std::vector<SubjectPart>{{"CN", "ca"}}));
  const auto made = read_certificate(
      "a", {"issuer=ca", "subject=/O=NATS/CN=a b", "san=localhost,127.0.0.1,::1", "email=a@b", "uri=x://y"},
      {*ca});
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->issuer, "ca");
  EXPECT_EQ(made->subject, (std::vector<SubjectPart>{{"O", "NATS"}, {"CN", "a b"}}));
  EXPECT_EQ(made->alternative_names,
            (std::vector<std::string>{"DNS:localhost", "IP:127.0.0.1", "IP:::1", "email:a@b", "URI:x://y"}));
}

TEST(Certificate, SubjectsMayHaveNamesOfSeveralPartsOrNone) {
  EXPECT_EQ(read_certificate("a", {"subject=/DC=org/DC=dev+O=users"}, {})->subject,
            (std::vector<SubjectPart>{{"DC", "org"}, {"DC", "dev"}, {"O", "users", true}}));
  EXPECT_TRUE(read_certificate("a", {"subject=/"}, {})->subject.empty());
}

TEST(Certificate, SaysWhichResponderKnowsOfIt) {
  const auto made = read_certificate("a", {"ocsp=ca-port", "must-staple", "chain"}, {});
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->ocsp, "ca-port");
  EXPECT_TRUE(made->must_staple && made->chain);
  EXPECT_FALSE(made->ocsp_signing);
}

TEST(Certificate, WhatItCannotBeIsRefused) {
  const std::vector<Certificate> known{*read_certificate("ca", {}, {})};
  EXPECT_EQ(read_certificate("ca", {}, known).error(), "'ca' stands twice");
  EXPECT_EQ(read_certificate("a", {"issuer=b"}, known).error(), "no certificate 'b' above");
  EXPECT_EQ(read_certificate("a", {"subject=CN=a"}, known).error(), "subject is written '/C=US/CN=a'");
  EXPECT_EQ(
      read_certificate("a", {"old"}, known).error(),
      "'old' is none of authority chain expired must-staple ocsp-signing rsa issuer= cn= san= email= uri= "
      "subject= ocsp=");
  EXPECT_EQ(read_certificate("a", {"ocsp="}, known).error(), "ocsp=PORT needs the name of a port");
  EXPECT_EQ(read_certificate("", {}, known).error(), "needs a name");
}

}  // namespace
}  // namespace natstwin::script
