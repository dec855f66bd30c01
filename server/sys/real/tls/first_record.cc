#include "server/sys/real/tls/first_record.h"

#include <array>
#include <cstdint>

#include "server/sys/real/tls/failure_texts.h"

namespace nats::sys {
namespace {

constexpr std::uint8_t alert_type = 21;
constexpr std::uint8_t handshake_type = 22;
constexpr std::uint8_t sslv2_type = 0x80;
constexpr std::size_t record_header = 5;
constexpr std::uint32_t version_end = 0x1000;
constexpr std::uint32_t record_max = 16384 + 2048;
constexpr std::uint32_t handshake_max = 65536;

constexpr char alert_unexpected_message = 10;
constexpr char alert_record_overflow = 22;
constexpr char alert_protocol_version = 70;
constexpr char alert_internal_error = 80;

std::string alert_record(char description) {
  constexpr char fatal = 2;
  return {alert_type, 3, 1, 0, 2, fatal, description};
}

FirstRecord refuse(std::string text, char alert) {
  return {true, Error{ErrorCode::tls_failed, std::move(text)}, alert_record(alert)};
}

// A client that gives up before it began.
FirstRecord look_at_alert(Bytes begin, std::uint32_t length) {
  constexpr std::uint32_t alert_length = 2;
  constexpr char warning = 1;
  if (length != alert_length)
    return refuse("local error: " + alert_text(alert_unexpected_message), alert_unexpected_message);
  if (begin.size() < record_header + alert_length) return {};
  int description = static_cast<unsigned char>(begin[record_header + 1]);
  if (description == 0) return {true, Error{ErrorCode::end_of_stream, "EOF"}, {}};
  if (begin[record_header] == warning) return {true, {}, {}};
  return {true, Error{ErrorCode::tls_failed, "remote error: " + alert_text(description)}, {}};
}

}  // namespace

FirstRecord look_at_first_record(Bytes begin) {
  auto octet = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(begin[i]));
  };
  if (begin.size() < record_header) return {};
  if (octet(0) == sslv2_type)
    return refuse("tls: unsupported SSLv2 handshake received", alert_protocol_version);
  std::uint32_t version = octet(1) << 8 | octet(2);
  if ((octet(0) != alert_type && octet(0) != handshake_type) || version >= version_end) {
    return {
        true, Error{ErrorCode::tls_not_spoken, "tls: first record does not look like a TLS handshake"}, {}};
  }
  std::uint32_t length = octet(3) << 8 | octet(4);
  if (length > record_max)
    return refuse("tls: oversized record received with length " + std::to_string(length),
                  alert_record_overflow);
  if (octet(0) == alert_type) return look_at_alert(begin, length);
  if (length == 0)
    return refuse("local error: " + alert_text(alert_unexpected_message), alert_unexpected_message);
  if (begin.size() < FirstRecord::size) return {length < FirstRecord::size - record_header, {}, {}};
  std::uint32_t message = octet(6) << 16 | octet(7) << 8 | octet(8);
  if (message > handshake_max) {
    return refuse("tls: handshake message of length " + std::to_string(message) +
                      " bytes exceeds maximum of " + std::to_string(handshake_max) + " bytes",
                  alert_internal_error);
  }
  return {true, {}, {}};
}

}  // namespace nats::sys
