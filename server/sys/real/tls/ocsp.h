// OCSP requests and answers, by way of OpenSSL; what is wrong with an answer in the words of Go's
// golang.org/x/crypto/ocsp.
#pragma once

#include <string>
#include <string_view>

#include "server/sys/tls.h"

namespace nats::sys {

// All in DER.
Result<std::string> make_ocsp_request(std::string_view certificate, std::string_view issuer);
Result<OcspAnswer> read_ocsp_answer(std::string_view answer, std::string_view issuer);

}  // namespace nats::sys
