#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "conformance/runner/layer.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {
namespace {

struct ContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct ConnectionFree {
  void operator()(SSL* connection) const { SSL_free(connection); }
};
using Context = std::unique_ptr<SSL_CTX, ContextFree>;
using Connection = std::unique_ptr<SSL, ConnectionFree>;

std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "TLS failure" : reason;
}

// What the server says of its own certificate.
std::string staple_of(SSL* connection) {
  const unsigned char* at = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(connection, &at);
  if (at == nullptr || size <= 0) return "none";
  OCSP_RESPONSE* response = d2i_OCSP_RESPONSE(nullptr, &at, size);
  OCSP_BASICRESP* basic = response == nullptr ? nullptr : OCSP_response_get1_basic(response);
  OCSP_SINGLERESP* single = basic == nullptr ? nullptr : OCSP_resp_get0(basic, 0);
  const std::string status =
      single == nullptr
          ? "malformed"
          : OCSP_cert_status_str(OCSP_single_get0_status(single, nullptr, nullptr, nullptr, nullptr));
  OCSP_BASICRESP_free(basic);
  OCSP_RESPONSE_free(response);
  ERR_clear_error();
  return status;
}

class TlsLayer final : public ByteLayer {
 public:
  TlsLayer(Context context, Connection connection)
      : context_(std::move(context)), connection_(std::move(connection)) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(connection_.get(), in_, out_);  // takes both
    SSL_set_connect_state(connection_.get());
  }

  void begin() override { negotiate(); }
  bool is_ready() const override { return ready_; }
  std::string failure() const override { return failure_; }

  std::vector<trace::Leaf> description() const override {
    if (!failure_.empty()) return {{"failure", trace::quote_bytes(failure_)}};
    std::vector<trace::Leaf> leaves{{"version", trace::quote_bytes(SSL_get_version(connection_.get()))},
                                    {"cipher", trace::quote_bytes(SSL_get_cipher(connection_.get()))}};
    X509* certificate = SSL_get0_peer_certificate(connection_.get());
    if (SSL_get_tlsext_status_type(connection_.get()) == TLSEXT_STATUSTYPE_ocsp)
      leaves.push_back({"staple", trace::quote_bytes(staple_of(connection_.get()))});
    if (certificate == nullptr) return leaves;
    char subject[512] = "";
    X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
    leaves.push_back({"subject", trace::quote_bytes(subject)});
    const long verified = SSL_get_verify_result(connection_.get());
    leaves.push_back({"verified", trace::quote_bytes(X509_verify_cert_error_string(verified))});
    return leaves;
  }

  std::string encode(std::string_view plain) override {
    if (!plain.empty() && SSL_write(connection_.get(), plain.data(), static_cast<int>(plain.size())) <= 0) {
      failure_ = last_error();
    }
    return take_output();
  }

  std::string decode(std::string_view wire) override {
    if (!wire.empty()) BIO_write(in_, wire.data(), static_cast<int>(wire.size()));
    if (!ready_) negotiate();
    std::string plain;
    if (!ready_) return plain;
    char buffer[16384];
    while (true) {
      const int got = SSL_read(connection_.get(), buffer, sizeof buffer);
      if (got <= 0) break;
      plain.append(buffer, static_cast<std::size_t>(got));
    }
    ERR_clear_error();
    return plain;
  }

  std::string take_output() override {
    std::string bytes(BIO_ctrl_pending(out_), '\0');
    if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

 private:
  void negotiate() {
    ERR_clear_error();
    const int result = SSL_do_handshake(connection_.get());
    if (result == 1) {
      ready_ = true;
    } else if (SSL_get_error(connection_.get(), result) != SSL_ERROR_WANT_READ) {
      failure_ = last_error();
    }
  }

  Context context_;
  Connection connection_;
  BIO* in_ = nullptr;  // owned by connection_
  BIO* out_ = nullptr;
  bool ready_ = false;
  std::string failure_;
};

}  // namespace

std::expected<std::unique_ptr<ByteLayer>, std::string> make_tls_layer(const TlsOptions& options) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return std::unexpected(last_error());
  if (options.max_version == "1.2") SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  if (!options.ca_file.empty()) {
    if (SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr) != 1) {
      return std::unexpected(options.ca_file + ": " + last_error());
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  if (!options.cert_file.empty()) {
    const bool loaded =
        SSL_CTX_use_certificate_chain_file(context.get(), options.cert_file.c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
    if (!loaded) return std::unexpected(options.cert_file + ": " + last_error());
  }
  Connection connection(SSL_new(context.get()));
  if (!connection) return std::unexpected(last_error());
  if (options.wants_staple) SSL_set_tlsext_status_type(connection.get(), TLSEXT_STATUSTYPE_ocsp);
  if (!options.name.empty()) {
    SSL_set_tlsext_host_name(connection.get(), options.name.c_str());
    if (!options.ca_file.empty()) SSL_set1_host(connection.get(), options.name.c_str());
  }
  return std::make_unique<TlsLayer>(std::move(context), std::move(connection));
}

}  // namespace natstwin::runner
