#include "server/auth/ocsp_peer.h"

#include <gtest/gtest.h>

#include <map>

#include "server/auth/fake_responders_for_test.h"
#include "server/auth/ocsp_cache.h"

namespace nats::auth {
namespace {

constexpr WallTime noon{1'800'000'000'000'000'000};

sys::StatusCertificate certificate_of(const std::string& name, bool asks = true) {
  sys::StatusCertificate certificate;
  certificate.der = certificate.sha256 = name;
  certificate.subject = {{{"2.5.4.3", name}}};
  if (asks) certificate.responders = {"ldap://ca/" + name, "http://ca/" + name};
  return certificate;
}

class OcspPeers : public testing::Test {
 protected:
  OcspPeers() { tls_.begin = {noon.unix_ns - 3'600'000'000'000}; }

  // Plays responders: what each says by its URL; who is not named here is not reached.
  bool check(std::vector<sys::VerifiedChain> chains, std::map<std::string, std::string> responders,
             OcspCache* cache = nullptr) {
    OcspPeerCheck check(std::move(chains), policy_, tls_, cache, log_);
    auto question = check.begin(noon);
    while (question) {
      asked_ += question->urls.front() + " ";
      const auto found = responders.find(question->urls.front());
      Result<std::string> answer = fail(ErrorCode::timed_out, "nobody there");
      if (found != responders.end()) answer = found->second;
      question = check.on_answer(answer, noon);
    }
    return check.valid();
  }

  const sys::VerifiedChain chain_{certificate_of("peer"), certificate_of("middle"),
                                  certificate_of("root", false)};
  WordTls tls_;
  KeptLines log_;
  config::OcspPeer policy_;
  std::string asked_;
};

TEST_F(OcspPeers, AreValidWhereNobodyCanBeAsked) {
  EXPECT_TRUE(check({{certificate_of("alone")}}, {}));
  EXPECT_TRUE(check({{certificate_of("peer", false), certificate_of("root", false)}}, {}));
  EXPECT_FALSE(check({}, {}));
  EXPECT_EQ(asked_, "");
}

TEST_F(OcspPeers, AreValidWhenEachLinkIsGood) {
  EXPECT_TRUE(check({chain_}, {{"http://ca/peer", "good"}, {"http://ca/middle", "good"}}));
  EXPECT_EQ(asked_, "http://ca/peer http://ca/middle ");
  EXPECT_FALSE(check({chain_}, {{"http://ca/peer", "good"}, {"http://ca/middle", "revoked"}}));
}

TEST_F(OcspPeers, NeedOneGoodChain) {
  const sys::VerifiedChain other{certificate_of("peer"), certificate_of("root", false)};
  EXPECT_TRUE(check({chain_, other}, {{"http://ca/peer", "good"}, {"http://ca/middle", "revoked"}}));
  EXPECT_FALSE(check({chain_, chain_}, {{"http://ca/peer", "revoked"}}));
}

TEST_F(OcspPeers, AreRefusedForWhatCannotBeRead) {
  for (std::string answer : {"", "gibberish", "good late", "good delegate", "unknown", "revoked"})
    EXPECT_FALSE(check({chain_}, {{"http://ca/peer", answer}, {"http://ca/middle", "good"}})) << answer;
  policy_.warn_only = true;
  for (std::string answer : {"", "gibberish", "good late", "good delegate", "unknown", "revoked"})
    EXPECT_TRUE(check({chain_}, {{"http://ca/peer", answer}, {"http://ca/middle", "good"}})) << answer;
}

TEST_F(OcspPeers, MayBeUnknownOrUnreachableWhereThePolicySaysSo) {
  policy_.unknown_is_good = true;
  EXPECT_TRUE(check({chain_}, {{"http://ca/peer", "unknown"}, {"http://ca/middle", "good"}}));
  EXPECT_FALSE(check({chain_}, {{"http://ca/peer", "good"}}));
  policy_.allow_when_ca_unreachable = true;
  EXPECT_TRUE(check({chain_}, {{"http://ca/peer", "good"}}));
  EXPECT_FALSE(check({chain_}, {{"http://ca/peer", "revoked"}}));
}

TEST_F(OcspPeers, AreFoundInTheCache) {
  OcspCache cache({}, log_);
  cache.go_online();
  EXPECT_TRUE(check({chain_}, {{"http://ca/peer", "good"}, {"http://ca/middle", "good"}}, &cache));
  asked_.clear();
  EXPECT_TRUE(check({chain_}, {}, &cache));
  EXPECT_EQ(asked_, "");
}

TEST_F(OcspPeers, ARevocationOutlivesTheResponderThatSaidIt) {
  OcspCache cache({.preserve_revoked = true}, log_);
  cache.go_online();
  sys::OcspAnswer answer;
  answer.status = sys::OcspAnswer::Status::revoked;
  answer.this_update = tls_.begin;
  cache.put(ocsp_fingerprint("peer"), "revoked late", answer, "CN=peer", noon);
  policy_.allow_when_ca_unreachable = true;
  EXPECT_FALSE(check({chain_}, {}, &cache));
  EXPECT_TRUE(log_.has("cached revocation exists so rejecting"));
}

}  // namespace
}  // namespace nats::auth
