// Is a peer's certificate in force? Walks the chains that lead from it to a root, and asks the responder
// of each certificate that names one. A machine: whoever owns it asks the questions and brings the answers.
//
//   for (auto question = check.begin(now); question; question = check.on_answer(ask(*question), now)) ...
//   check.valid()
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/base/log.h"
#include "server/config/ocsp_options.h"
#include "server/sys/tls.h"

namespace nats::auth {

class OcspCache;

class OcspPeerCheck {
 public:
  // Ask in turn until one answers: GET <url without a last slash>/<request>.
  struct Question {
    std::vector<std::string> urls;
    std::string request;
  };

  // `cache` may be null; all but the chains outlive it.
  OcspPeerCheck(std::vector<sys::VerifiedChain> chains, const config::OcspPeer& policy, sys::Tls& tls,
                OcspCache* cache, Log& log);

  std::optional<Question> begin(WallTime now);
  // What the responder sent, or why there is nothing.
  std::optional<Question> on_answer(const Result<std::string>& answer, WallTime now);
  bool valid() const { return valid_; }

 private:
  enum class Step : std::uint8_t { next_link, next_chain, ask };

  std::optional<Question> go_on(WallTime now);
  bool begin_chain();
  std::optional<Step> look_into_cache(WallTime now);
  Step ask();
  Step take_answer(const Result<std::string>& answer, WallTime now);
  Step without_answer(const std::string& reason);
  Step judge(const sys::OcspAnswer& answer);
  Step allow_or(const std::string& reason);

  const sys::StatusCertificate& link() const { return chains_[chain_][links_[link_]]; }
  const sys::StatusCertificate& issuer() const { return chains_[chain_][links_[link_] + 1]; }

  const std::vector<sys::VerifiedChain> chains_;
  const config::OcspPeer policy_;
  sys::Tls& tls_;
  OcspCache* const cache_;
  Log& log_;

  std::size_t chain_ = 0;
  std::vector<std::size_t> links_;  // of the chain, those that name a responder
  std::size_t link_ = 0;
  std::string key_;      // of the link
  std::string subject_;  // likewise
  bool cached_revocation_ = false;
  Question question_;
  bool valid_ = false;
};

// The http and https URLs of responders among what a certificate names.
std::vector<std::string> web_responders(const sys::StatusCertificate& certificate);

}  // namespace nats::auth
