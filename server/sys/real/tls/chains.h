// The ways from a certificate to the roots, all of them, in the order in which Go's crypto/x509 finds them;
// OpenSSL stops at the first.
#pragma once

#include <span>
#include <vector>

#include "server/sys/tls.h"

struct x509_st;

namespace nats::sys {

using CertificateChain = std::vector<x509_st*>;

// `others` may stand between. All signatures, dates and rights to sign hold. Borrows what it is given.
std::vector<CertificateChain> find_chains(x509_st& own, std::span<x509_st* const> others,
                                          std::span<x509_st* const> roots);

StatusCertificate describe_for_status(x509_st& certificate);

}  // namespace nats::sys
