// A TlsContext over OpenSSL: built once, then read by any thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/sys/real/tls/certificates.h"
#include "server/sys/tls.h"

struct ssl_ctx_st;
struct ssl_st;

namespace nats::sys {

enum class TlsSide : std::uint8_t { server, client };

class OpensslContext final : public TlsContext {
 public:
  static Result<std::shared_ptr<const OpensslContext>> make(TlsSide side, const TlsSettings& settings);
  ~OpensslContext() override;

  std::optional<WallTime> not_after() const override { return not_after_; }
  const StatusCertificate* own_certificate() const override { return own_ ? &*own_ : nullptr; }
  Result<StatusCertificate> find_issuer() const override;
  void set_staple(std::shared_ptr<const std::string> staple) const override {
    staple_.store(std::move(staple));
  }

  ssl_ctx_st* get() const { return context_; }
  TlsSide side() const { return side_; }
  bool has_pair() const { return not_after_.has_value(); }
  bool verifies() const { return verifies_; }
  bool guards_peers() const { return guards_peers_; }
  std::shared_ptr<const std::string> staple() const { return staple_.load(); }
  // Who is trusted; nobody where the system's are.
  std::vector<x509_st*> roots() const;

 private:
  explicit OpensslContext(TlsSide side);
  Result<void> set_up(const TlsSettings& settings);
  Result<void> add_pairs(const TlsSettings& settings);
  Result<void> use_pair(const LoadedPair& pair);
  Result<void> keep_own(const TlsSettings& settings);
  static int on_certificate_wanted(ssl_st* ssl, void* context);
  Result<void> set_roots(const TlsSettings& settings);
  Result<void> set_cipher_suites(const TlsSettings& settings);
  Result<void> set_curves(const TlsSettings& settings);

  const TlsSide side_;
  ssl_ctx_st* context_ = nullptr;
  std::optional<WallTime> not_after_;
  std::optional<StatusCertificate> own_;
  std::vector<X509Ptr> bundle_;  // of the first pair, its own first
  std::vector<X509Ptr> roots_;   // of the file
  std::string roots_problem_;    // what a stricter reader of the file says
  mutable std::atomic<std::shared_ptr<const std::string>> staple_;
  bool verifies_ = false;
  bool guards_peers_ = false;
  std::vector<LoadedPair> choice_;  // where there are several: each handshake is given one
};

}  // namespace nats::sys
