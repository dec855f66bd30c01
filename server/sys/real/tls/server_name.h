// Is a certificate a server's of a certain name? By OpenSSL, what is wrong in the words of Go's crypto/x509.
#pragma once

#include <string>

struct x509_st;

namespace nats::sys {

// "127.0.0.1", "::1", "[::1]"
bool is_address(const std::string& host);

// "x509: certificate is valid for a, b, not c"; empty: it is.
std::string server_name_problem(x509_st& certificate, const std::string& host);

}  // namespace nats::sys
