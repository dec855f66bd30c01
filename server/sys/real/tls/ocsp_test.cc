#include "server/sys/real/tls/ocsp.h"

#include <gtest/gtest.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "server/base/check.h"
#include "server/sys/real/tls/certificates.h"
#include "server/sys/real/tls/made_certificates_for_test.h"

namespace nats::sys {
namespace {

constexpr long hour_seconds = 3600;

std::string der_of(const MadeCertificate& made) {
  const LoadedPair pair = std::move(*load_pair(made.pair()));
  unsigned char* octets = nullptr;
  const int size = ::i2d_X509(pair.chain[0].get(), &octets);
  NATS_CHECK(size > 0);
  std::string der(reinterpret_cast<char*>(octets), static_cast<std::size_t>(size));
  ::OPENSSL_free(octets);
  return der;
}

struct AnswerWish {
  int status = V_OCSP_CERTSTATUS_GOOD;
  const MadeCertificate* signer = nullptr;  // else the issuer
  bool with_certificate = false;
  bool says_end = true;
};

std::string answer_of(const MadeCertificate& certificate, const MadeCertificate& issuer,
                      const AnswerWish& wish = {}) {
  const LoadedPair of = std::move(*load_pair(certificate.pair()));
  const LoadedPair parent = std::move(*load_pair(issuer.pair()));
  const LoadedPair signer = std::move(*load_pair((wish.signer ? *wish.signer : issuer).pair()));
  OCSP_BASICRESP* basic = ::OCSP_BASICRESP_new();
  OCSP_CERTID* id = ::OCSP_cert_to_id(nullptr, of.chain[0].get(), parent.chain[0].get());
  ASN1_TIME* begin = ::X509_gmtime_adj(nullptr, -hour_seconds);
  ASN1_TIME* end = ::X509_gmtime_adj(nullptr, hour_seconds);
  NATS_CHECK(
      ::OCSP_basic_add1_status(basic, id, wish.status, 0, begin, begin, wish.says_end ? end : nullptr));
  const unsigned long flags = wish.with_certificate ? 0 : OCSP_NOCERTS;
  NATS_CHECK(
      ::OCSP_basic_sign(basic, signer.chain[0].get(), signer.key.get(), ::EVP_sha256(), nullptr, flags));
  OCSP_RESPONSE* response = ::OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  unsigned char* octets = nullptr;
  const int size = ::i2d_OCSP_RESPONSE(response, &octets);
  std::string der(reinterpret_cast<char*>(octets), static_cast<std::size_t>(size));
  ::OPENSSL_free(octets);
  ::OCSP_RESPONSE_free(response);
  ::ASN1_TIME_free(begin);
  ::ASN1_TIME_free(end);
  ::OCSP_CERTID_free(id);
  ::OCSP_BASICRESP_free(basic);
  return der;
}

class OcspAnswers : public testing::Test {
 protected:
  std::string problem_of(std::string_view answer) {
    auto read = read_ocsp_answer(answer, der_of(root_));
    return read ? "" : read.error().detail;
  }

  const MadeCertificate root_ = make_certificate({.subject = {"CN=root"}, .authority = true});
  const MadeCertificate peer_ = make_certificate({.subject = {"CN=peer"}}, &root_);
};

TEST_F(OcspAnswers, AreReadWithTheirTimes) {
  using Status = OcspAnswer::Status;
  for (auto [said, status] : {std::pair{V_OCSP_CERTSTATUS_GOOD, Status::good},
                              {V_OCSP_CERTSTATUS_REVOKED, Status::revoked},
                              {V_OCSP_CERTSTATUS_UNKNOWN, Status::unknown}}) {
    auto read = read_ocsp_answer(answer_of(peer_, root_, {.status = said}), der_of(root_));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->status, status);
    ASSERT_TRUE(read->next_update);
    EXPECT_EQ(read->next_update->unix_ns - read->this_update.unix_ns, 2 * hour_seconds * 1'000'000'000);
    EXPECT_FALSE(read->delegated);
  }
  auto endless = read_ocsp_answer(answer_of(peer_, root_, {.says_end = false}), der_of(root_));
  ASSERT_TRUE(endless);
  EXPECT_FALSE(endless->next_update);
}

TEST_F(OcspAnswers, MayBeSignedByADelegate) {
  const MadeCertificate meant = make_certificate({.subject = {"CN=d"}, .usage = "OCSPSigning"}, &root_);
  const MadeCertificate other = make_certificate({.subject = {"CN=d"}, .usage = "clientAuth"}, &root_);
  for (const MadeCertificate* signer : {&meant, &other}) {
    auto read = read_ocsp_answer(answer_of(peer_, root_, {.signer = signer, .with_certificate = true}),
                                 der_of(root_));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_TRUE(read->delegated);
    EXPECT_EQ(read->delegate_may_sign, signer == &meant);
  }
}

TEST_F(OcspAnswers, MustBeSignedByTheIssuerOrWhomItSigned) {
  const MadeCertificate stranger = make_certificate({.subject = {"CN=stranger"}, .authority = true});
  EXPECT_EQ(problem_of(answer_of(peer_, root_, {.signer = &stranger})),
            "bad OCSP signature: x509: ECDSA verification failure");
  EXPECT_EQ(problem_of(answer_of(peer_, root_, {.signer = &stranger, .with_certificate = true})),
            "bad OCSP signature: x509: ECDSA verification failure");
  std::string changed = answer_of(peer_, root_);
  changed.back() ^= 1;
  EXPECT_NE(problem_of(changed), "");
}

TEST_F(OcspAnswers, AreWholeAndNothingElse) {
  const std::string answer = answer_of(peer_, root_);
  EXPECT_EQ(problem_of(""), "asn1: syntax error: sequence truncated");
  EXPECT_EQ(problem_of(answer + "x"), "trailing data in OCSP response");
  for (std::size_t size = 1; size < answer.size(); ++size) EXPECT_NE(problem_of(answer.substr(0, size)), "");
  // An answer of one octet: "try later".
  EXPECT_EQ(problem_of(std::string("\x30\x03\x0a\x01\x03", 5)), "ocsp: error from server: try later");
}

TEST_F(OcspAnswers, AreAskedForByNumberAndIssuer) {
  auto request = make_ocsp_request(der_of(peer_), der_of(root_));
  ASSERT_TRUE(request);
  auto again = make_ocsp_request(der_of(peer_), der_of(root_));
  EXPECT_EQ(*request, *again);
  EXPECT_NE(*request, *make_ocsp_request(der_of(root_), der_of(root_)));
  EXPECT_FALSE(make_ocsp_request("no certificate", der_of(root_)));
}

}  // namespace
}  // namespace nats::sys
