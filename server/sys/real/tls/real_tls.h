// Tls over OpenSSL.
#pragma once

#include "server/sys/ground.h"
#include "server/sys/tls.h"

namespace nats::sys {

class RealTls final : public Tls {
 public:
  explicit RealTls(WorkerPool& workers) : workers_(workers) {}

  Result<void> check_pair(const TlsPair& pair) override;
  Result<void> check_roots(std::string_view pem) override;
  Result<std::shared_ptr<const TlsContext>> server_context(const TlsSettings& settings) override;
  std::unique_ptr<TlsStream> server_stream(std::unique_ptr<Stream> stream,
                                           std::shared_ptr<const TlsContext> context,
                                           TlsGuard* guard) override;
  Result<std::shared_ptr<const TlsContext>> client_context(const TlsSettings& settings) override;
  std::unique_ptr<TlsStream> client_stream(std::unique_ptr<Stream> stream,
                                           std::shared_ptr<const TlsContext> context,
                                           std::string server_name) override;
  Result<std::string> ocsp_request(std::string_view certificate, std::string_view issuer) override;
  Result<OcspAnswer> read_ocsp_answer(std::string_view answer, std::string_view issuer) override;

 private:
  WorkerPool& workers_;
};

}  // namespace nats::sys
