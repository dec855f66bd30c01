// What Go's crypto/tls and crypto/x509 say where OpenSSL has its own words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nats::sys {

// "tls: bad certificate", of an alert's number.
std::string alert_text(int alert);
// "302"
std::string hex(std::uint16_t number);
// "[302 301]"
std::string hex_list(const std::vector<std::uint16_t>& numbers);
// "x509: certificate signed by unknown authority", of OpenSSL's X509_V_ERR_ number.
std::string verification_text(int error);

}  // namespace nats::sys
