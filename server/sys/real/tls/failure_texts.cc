#include "server/sys/real/tls/failure_texts.h"

#include <openssl/x509_vfy.h>

#include <array>
#include <charconv>
#include <string_view>

namespace nats::sys {
namespace {

struct Text {
  int number;
  std::string_view text;
};

constexpr std::array alerts{
    Text{0, "close notify"},
    Text{10, "unexpected message"},
    Text{20, "bad record MAC"},
    Text{21, "decryption failed"},
    Text{22, "record overflow"},
    Text{30, "decompression failure"},
    Text{40, "handshake failure"},
    Text{42, "bad certificate"},
    Text{43, "unsupported certificate"},
    Text{44, "revoked certificate"},
    Text{45, "expired certificate"},
    Text{46, "unknown certificate"},
    Text{47, "illegal parameter"},
    Text{48, "unknown certificate authority"},
    Text{49, "access denied"},
    Text{50, "error decoding message"},
    Text{51, "error decrypting message"},
    Text{60, "export restriction"},
    Text{70, "protocol version not supported"},
    Text{71, "insufficient security level"},
    Text{80, "internal error"},
    Text{86, "inappropriate fallback"},
    Text{90, "user canceled"},
    Text{100, "no renegotiation"},
    Text{109, "missing extension"},
    Text{110, "unsupported extension"},
    Text{111, "certificate unobtainable"},
    Text{112, "unrecognized name"},
    Text{113, "bad certificate status response"},
    Text{114, "bad certificate hash value"},
    Text{115, "unknown PSK identity"},
    Text{116, "certificate required"},
    Text{120, "no application protocol"},
    Text{121, "encrypted client hello required"},
};

constexpr std::string_view unknown_authority = "x509: certificate signed by unknown authority";

constexpr std::array verifications{
    Text{X509_V_ERR_CERT_HAS_EXPIRED, "x509: certificate has expired or is not yet valid"},
    Text{X509_V_ERR_CERT_NOT_YET_VALID, "x509: certificate has expired or is not yet valid"},
    Text{X509_V_ERR_INVALID_PURPOSE, "x509: certificate specifies an incompatible key usage"},
    Text{X509_V_ERR_INVALID_CA, "x509: certificate is not authorized to sign other certificates"},
    Text{X509_V_ERR_KEYUSAGE_NO_CERTSIGN, "x509: certificate is not authorized to sign other certificates"},
    Text{X509_V_ERR_PATH_LENGTH_EXCEEDED, "x509: too many intermediates for path length constraint"},
    Text{X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "x509: unhandled critical extension"},
    Text{X509_V_ERR_PERMITTED_VIOLATION,
         "x509: a root or intermediate certificate is not authorized to sign for this name"},
    Text{X509_V_ERR_EXCLUDED_VIOLATION,
         "x509: a root or intermediate certificate is not authorized to sign for this name"},
};

}  // namespace

std::string alert_text(int alert) {
  for (const Text& row : alerts)
    if (row.number == alert) return "tls: " + std::string(row.text);
  return "tls: alert(" + std::to_string(alert) + ")";
}

std::string hex(std::uint16_t number) {
  char digits[8];
  return {digits, std::to_chars(digits, digits + sizeof(digits), number, 16).ptr};
}

std::string hex_list(const std::vector<std::uint16_t>& numbers) {
  std::string text = "[";
  for (std::uint16_t number : numbers) {
    if (text.size() > 1) text += ' ';
    text += hex(number);
  }
  return text + "]";
}

std::string verification_text(int error) {
  for (const Text& row : verifications)
    if (row.number == error) return std::string(row.text);
  return std::string(unknown_authority);
}

}  // namespace nats::sys
