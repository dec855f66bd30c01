#include "server/sys/real/tls/ocsp.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "server/sys/real/tls/certificates.h"

namespace nats::sys {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Request = std::unique_ptr<OCSP_REQUEST, Free<OCSP_REQUEST_free>>;
using Response = std::unique_ptr<OCSP_RESPONSE, Free<OCSP_RESPONSE_free>>;
using Basic = std::unique_ptr<OCSP_BASICRESP, Free<OCSP_BASICRESP_free>>;
using Number = std::unique_ptr<ASN1_INTEGER, Free<ASN1_INTEGER_free>>;

std::unexpected<Error> refused(std::string text) {
  ERR_clear_error();
  return fail(ErrorCode::malformed, std::move(text));
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

X509Ptr certificate_of(std::string_view der) {
  const unsigned char* at = octets(der);
  return X509Ptr(::d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

// As OpenSSL is strict where Go is, but has no words for where it stopped.
constexpr char malformed_asn1[] = "asn1: structure error: malformed OCSP response";

// What Go says to a text that is no DER at all, by its first octets.
std::string unreadable_text(std::string_view answer) {
  if (answer.empty()) return "asn1: syntax error: sequence truncated";
  constexpr unsigned char sequence = 0x30;
  if (octets(answer)[0] != sequence) {
    unsigned char tag = octets(answer)[0];
    int kind = tag >> 6;
    bool compound = (tag & 0x20) != 0;
    return "asn1: structure error: tags don't match (16 vs {class:" + std::to_string(kind) +
           " tag:" + std::to_string(tag & 0x1f) +
           " length:" + std::to_string(answer.size() > 1 ? octets(answer)[1] : 0) +
           " isCompound:" + (compound ? "true" : "false") +
           "}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> "
           "stringType:0 timeType:0 set:false omitEmpty:false} responseASN1 @2";
  }
  return malformed_asn1;
}

std::string_view status_text(int status) {
  switch (status) {
    case OCSP_RESPONSE_STATUS_MALFORMEDREQUEST:
      return "malformed";
    case OCSP_RESPONSE_STATUS_INTERNALERROR:
      return "internal error";
    case OCSP_RESPONSE_STATUS_TRYLATER:
      return "try later";
    case OCSP_RESPONSE_STATUS_SIGREQUIRED:
      return "signature required";
    case OCSP_RESPONSE_STATUS_UNAUTHORIZED:
      return "unauthorized";
    default:
      return {};
  }
}

Result<Basic> open_response(std::string_view answer) {
  const unsigned char* at = octets(answer);
  Response response(::d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(answer.size())));
  if (!response) return refused(unreadable_text(answer));
  if (at != octets(answer) + answer.size()) return refused("trailing data in OCSP response");
  if (int status = ::OCSP_response_status(response.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    std::string_view text = status_text(status);
    return refused("ocsp: error from server: " +
                   (text.empty() ? "unknown OCSP status: " + std::to_string(status) : std::string(text)));
  }
  Basic basic(::OCSP_response_get1_basic(response.get()));
  if (!basic) return refused(malformed_asn1);
  return basic;
}

std::string_view verification_problem(EVP_PKEY* key) {
  int kind = key ? ::EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
  if (kind == EVP_PKEY_EC) return "x509: ECDSA verification failure";
  if (kind == EVP_PKEY_RSA) return "crypto/rsa: verification error";
  return "x509: cannot verify signature: algorithm unimplemented";
}

// Did `signer` sign the answer?
bool is_signed_by(OCSP_BASICRESP* basic, X509* signer) {
  EVP_PKEY* key = ::X509_get0_pubkey(signer);
  return key && ::ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA), ::OCSP_resp_get0_tbs_sigalg(basic),
                                   const_cast<ASN1_BIT_STRING*>(reinterpret_cast<const ASN1_BIT_STRING*>(
                                       ::OCSP_resp_get0_signature(basic))),
                                   ::OCSP_resp_get0_respdata(basic), key) == 1;
}

// Signed by the issuer, or by the first certificate that came with it, which the issuer signed.
Result<void> check_signature(OCSP_BASICRESP* basic, X509& issuer, OcspAnswer& out) {
  const STACK_OF(X509)* certificates = ::OCSP_resp_get0_certs(basic);
  EVP_PKEY* issuer_key = ::X509_get0_pubkey(&issuer);
  if (sk_X509_num(certificates) <= 0) {
    if (is_signed_by(basic, &issuer)) return {};
    return refused("bad OCSP signature: " + std::string(verification_problem(issuer_key)));
  }
  X509* signer = sk_X509_value(certificates, 0);
  if (!is_signed_by(basic, signer))
    return refused("bad signature on embedded certificate: " +
                   std::string(verification_problem(::X509_get0_pubkey(signer))));
  if (!issuer_key || ::X509_verify(signer, issuer_key) != 1)
    return refused("bad OCSP signature: " + std::string(verification_problem(issuer_key)));
  out.delegated = ::X509_cmp(signer, &issuer) != 0;
  auto usage =
      static_cast<EXTENDED_KEY_USAGE*>(::X509_get_ext_d2i(signer, NID_ext_key_usage, nullptr, nullptr));
  for (int i = 0; i < sk_ASN1_OBJECT_num(usage); ++i)
    if (::OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, i)) == NID_OCSP_sign) out.delegate_may_sign = true;
  ::EXTENDED_KEY_USAGE_free(usage);
  return {};
}

bool knows_hash(OCSP_SINGLERESP* single) {
  ASN1_OBJECT* algorithm = nullptr;
  auto id = const_cast<OCSP_CERTID*>(::OCSP_SINGLERESP_get0_id(single));
  ::OCSP_id_get0_info(nullptr, &algorithm, nullptr, nullptr, id);
  constexpr std::array known{NID_sha1, NID_sha256, NID_sha384, NID_sha512};
  return std::ranges::find(known, ::OBJ_obj2nid(algorithm)) != known.end();
}

bool has_critical_extension(OCSP_SINGLERESP* single) {
  for (int i = 0; i < ::OCSP_SINGLERESP_get_ext_count(single); ++i)
    if (::X509_EXTENSION_get_critical(::OCSP_SINGLERESP_get_ext(single, i)) != 0) return true;
  return false;
}

OcspAnswer::Status status_of(int status) {
  if (status == V_OCSP_CERTSTATUS_GOOD) return OcspAnswer::Status::good;
  if (status == V_OCSP_CERTSTATUS_REVOKED) return OcspAnswer::Status::revoked;
  return OcspAnswer::Status::unknown;
}

}  // namespace

Result<std::string> make_ocsp_request(std::string_view certificate, std::string_view issuer) {
  X509Ptr own = certificate_of(certificate);
  X509Ptr parent = certificate_of(issuer);
  Request request(::OCSP_REQUEST_new());
  OCSP_CERTID* id = own && parent ? ::OCSP_cert_to_id(::EVP_sha1(), own.get(), parent.get()) : nullptr;
  if (!request || !id || !::OCSP_request_add0_id(request.get(), id))
    return refused("x509: malformed certificate");
  unsigned char* der = nullptr;
  int size = ::i2d_OCSP_REQUEST(request.get(), &der);
  if (size <= 0) return refused("x509: malformed certificate");
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  ::OPENSSL_free(der);
  return out;
}

Result<OcspAnswer> read_ocsp_answer(std::string_view answer, std::string_view issuer) {
  X509Ptr parent = certificate_of(issuer);
  if (!parent) return refused("x509: malformed certificate");
  Basic basic = NATS_TRY(open_response(answer));
  if (::OCSP_resp_count(basic.get()) != 1) return refused("OCSP response contains bad number of responses");
  OCSP_SINGLERESP* single = ::OCSP_resp_get0(basic.get(), 0);
  OcspAnswer out;
  NATS_TRY_VOID(check_signature(basic.get(), *parent, out));
  if (has_critical_extension(single)) return refused("unsupported critical extension");
  if (!knows_hash(single)) return refused("unsupported issuer hash algorithm");
  ASN1_GENERALIZEDTIME* begin = nullptr;
  ASN1_GENERALIZEDTIME* end = nullptr;
  out.status = status_of(::OCSP_single_get0_status(single, nullptr, nullptr, &begin, &end));
  if (begin) out.this_update = time_of(begin);
  if (end) out.next_update = time_of(end);
  ERR_clear_error();
  return out;
}

}  // namespace nats::sys
