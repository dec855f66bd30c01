#include "server/sys/real/tls/real_tls.h"

#include <utility>

#include "server/sys/real/tls/certificates.h"
#include "server/sys/real/tls/context.h"
#include "server/sys/real/tls/ocsp.h"
#include "server/sys/real/tls/tls_stream.h"

namespace nats::sys {

Result<void> RealTls::check_pair(const TlsPair& pair) {
  NATS_TRY(load_pair(pair));
  return {};
}

Result<void> RealTls::check_roots(std::string_view pem) {
  NATS_TRY(load_roots(pem));
  return {};
}

Result<std::shared_ptr<const TlsContext>> RealTls::server_context(const TlsSettings& settings) {
  return NATS_TRY(OpensslContext::make(TlsSide::server, settings));
}

std::unique_ptr<TlsStream> RealTls::server_stream(std::unique_ptr<Stream> stream,
                                                  std::shared_ptr<const TlsContext> context,
                                                  TlsGuard* guard) {
  return make_tls_stream(std::move(stream), std::static_pointer_cast<const OpensslContext>(context), workers_,
                         guard);
}

Result<std::shared_ptr<const TlsContext>> RealTls::client_context(const TlsSettings& settings) {
  return NATS_TRY(OpensslContext::make(TlsSide::client, settings));
}

std::unique_ptr<TlsStream> RealTls::client_stream(std::unique_ptr<Stream> stream,
                                                  std::shared_ptr<const TlsContext> context,
                                                  std::string server_name) {
  return make_tls_stream(std::move(stream), std::static_pointer_cast<const OpensslContext>(context), workers_,
                         nullptr, std::move(server_name));
}

Result<std::string> RealTls::ocsp_request(std::string_view certificate, std::string_view issuer) {
  return make_ocsp_request(certificate, issuer);
}

Result<OcspAnswer> RealTls::read_ocsp_answer(std::string_view answer, std::string_view issuer) {
  return sys::read_ocsp_answer(answer, issuer);
}

}  // namespace nats::sys
