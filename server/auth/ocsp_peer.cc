#include "server/auth/ocsp_peer.h"

#include <fmt/core.h>

#include <utility>

#include "server/auth/distinguished_name.h"
#include "server/auth/ocsp_cache.h"
#include "server/auth/ocsp_time.h"
#include "server/config/url.h"

namespace nats::auth {
namespace {

// Base64 in a URL: what would mean something else there is escaped.
std::string url_base64(std::string_view octets) {
  std::string out;
  for (char c : ocsp_fingerprint(octets)) {
    if (c == '+')
      out += "%2B";
    else if (c == '/')
      out += "%2F";
    else if (c == '=')
      out += "%3D";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::vector<std::string> web_responders(const sys::StatusCertificate& certificate) {
  std::vector<std::string> urls;
  for (const std::string& text : certificate.responders) {
    Result<config::Url> url = config::parse_url(text);
    if (url && (url->scheme == "http" || url->scheme == "https")) urls.push_back(text);
  }
  return urls;
}

OcspPeerCheck::OcspPeerCheck(std::vector<sys::VerifiedChain> chains, const config::OcspPeer& policy,
                             sys::Tls& tls, OcspCache* cache, Log& log)
    : chains_(std::move(chains)), policy_(policy), tls_(tls), cache_(cache), log_(log) {}

std::optional<OcspPeerCheck::Question> OcspPeerCheck::begin(WallTime now) {
  log_.debug("Peer OCSP enabled: {} TLS client chain(s) will be evaluated", chains_.size());
  if (chains_.empty() || chains_[0].empty()) {
    log_.error("Peer certificate is nil, rejecting OCSP peer");
    return std::nullopt;
  }
  valid_ = begin_chain();
  return valid_ ? std::nullopt : go_on(now);
}

// True: there is nobody to ask, and so the peer is welcome.
bool OcspPeerCheck::begin_chain() {
  const sys::VerifiedChain& chain = chains_[chain_];
  log_.debug("Chain [{}]: {} total link(s)", chain_, chain.size());
  if (chain.size() == 1) {
    log_.debug("Chain [{}] is self-signed, thus peer is valid", chain_);
    return true;
  }
  links_.clear();
  link_ = 0;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    if (!web_responders(chain[i]).empty()) links_.push_back(i);
  if (links_.empty()) {
    log_.debug("Chain [{}] has no OCSP eligible links, thus peer is valid", chain_);
    return true;
  }
  log_.debug("Chain [{}] has {} OCSP eligible link(s)", chain_, links_.size());
  return false;
}

std::optional<OcspPeerCheck::Question> OcspPeerCheck::go_on(WallTime now) {
  for (;;) {
    if (link_ == links_.size()) {
      log_.debug("Chain [{}] is OCSP valid for all eligible links, thus peer is valid", chain_);
      valid_ = true;
      return std::nullopt;
    }
    key_ = ocsp_fingerprint(link().sha256);
    subject_ = well_known_text(link().subject);
    cached_revocation_ = false;
    std::optional<Step> cached = look_into_cache(now);
    Step step = cached ? *cached : ask();
    if (step == Step::ask) return question_;
    if (step == Step::next_link) {
      ++link_;
      continue;
    }
    if (++chain_ == chains_.size()) {
      log_.debug("No OCSP valid chains, thus peer is invalid");
      return std::nullopt;
    }
    if (begin_chain()) {
      valid_ = true;
      return std::nullopt;
    }
  }
}

std::optional<OcspPeerCheck::Question> OcspPeerCheck::on_answer(const Result<std::string>& answer,
                                                                WallTime now) {
  Step step = take_answer(answer, now);
  if (step == Step::next_link) {
    ++link_;
    return go_on(now);
  }
  if (++chain_ == chains_.size()) {
    log_.debug("No OCSP valid chains, thus peer is invalid");
    return std::nullopt;
  }
  valid_ = begin_chain();
  return valid_ ? std::nullopt : go_on(now);
}

std::optional<OcspPeerCheck::Step> OcspPeerCheck::look_into_cache(WallTime now) {
  log_.debug("Checking OCSP peer cache for [{}], key [{}]", subject_, key_);
  std::string raw = cache_ ? cache_->get(key_) : std::string();
  if (raw.empty()) return std::nullopt;
  Result<sys::OcspAnswer> answer = tls_.read_ocsp_answer(raw, issuer().der);
  if (!answer || (answer->delegated && !answer->delegate_may_sign)) {
    // The reference leaves out the fingerprint of one kind.
    log_.debug("Invalid cached OCSP response for [{}] with fingerprint [{}]", subject_,
               answer ? "%!s(MISSING)" : key_);
    cache_->drop_useless(key_);
    return std::nullopt;
  }
  cached_revocation_ = answer->status == sys::OcspAnswer::Status::revoked;
  std::string problem = currency_problem(*answer, policy_, now);
  if (problem.empty()) {
    log_.debug("Cached OCSP response is current, status [{}]", status_text(answer->status));
    return judge(*answer);
  }
  log_.debug("{}", problem);
  log_.debug("Cached OCSP response is expired, status [{}]", status_text(answer->status));
  cache_->drop_useless(key_);
  return std::nullopt;
}

OcspPeerCheck::Step OcspPeerCheck::ask() {
  Result<std::string> request = tls_.ocsp_request(link().der, issuer().der);
  if (!request) return without_answer(request.error().detail);
  question_ = {web_responders(link()), url_base64(*request)};
  return Step::ask;
}

OcspPeerCheck::Step OcspPeerCheck::take_answer(const Result<std::string>& raw, WallTime now) {
  if (!raw) return without_answer(raw.error().detail);
  if (raw->empty()) return without_answer("%!s(<nil>)");
  Result<sys::OcspAnswer> answer = tls_.read_ocsp_answer(*raw, issuer().der);
  if (!answer) {
    log_.error("Could not parse OCSP CA response for [{}]: {}", subject_, answer.error().detail);
    return allow_or("Failed OCSP response parse");
  }
  if (answer->delegated && !answer->delegate_may_sign) {
    std::string reason = fmt::format("Invalid OCSP response delegation: {}", subject_);
    log_.warning("{}", reason);
    return allow_or(reason);
  }
  if (std::string problem = currency_problem(*answer, policy_, now); !problem.empty()) {
    log_.debug("{}", problem);
    log_.warning("New OCSP CA response obtained for [{}] but not current", subject_);
    return allow_or("OCSP response not in effectivity window");
  }
  if (cache_) cache_->put(key_, *raw, *answer, subject_, now);
  return judge(*answer);
}

OcspPeerCheck::Step OcspPeerCheck::without_answer(const std::string& reason) {
  log_.warning("Attempt to obtain OCSP response from CA responder for [{}] failed: {}", subject_, reason);
  if (!policy_.warn_only && policy_.allow_when_ca_unreachable) {
    log_.warning(
        "Failed to obtain OCSP CA response for [{}] but AllowWhenCAUnreachable set; {}", subject_,
        cached_revocation_ ? "cached revocation exists so rejecting" : "no cached revocation so allowing");
    if (!cached_revocation_) return Step::next_link;
  }
  return allow_or("Failed OCSP response fetch");
}

OcspPeerCheck::Step OcspPeerCheck::judge(const sys::OcspAnswer& answer) {
  using Status = sys::OcspAnswer::Status;
  bool good = answer.status == Status::good || (answer.status == Status::unknown && policy_.unknown_is_good);
  if (good) {
    log_.debug("OCSP verify pass for [{}]", subject_);
    return Step::next_link;
  }
  std::string_view status = status_text(answer.status);
  log_.warning("OCSP verify fail for [{}] with CA status [{}]", subject_, status);
  return allow_or(fmt::format("Invalid OCSP response status: {}", status));
}

OcspPeerCheck::Step OcspPeerCheck::allow_or(const std::string& reason) {
  if (policy_.warn_only) {
    log_.warning("OCSP verify fail for [{}] but WarnOnly is true so allowing", subject_);
    return Step::next_link;
  }
  log_.debug("{}", reason);
  return Step::next_chain;
}

}  // namespace nats::auth
