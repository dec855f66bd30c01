// X.509 certificates and private keys, by way of OpenSSL; what is wrong with them in Go's words.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/sys/tls.h"

struct evp_pkey_st;
struct x509_st;
struct X509_name_st;
struct asn1_string_st;

namespace nats::sys {

struct OpensslDelete {
  void operator()(x509_st* certificate) const;
  void operator()(evp_pkey_st* key) const;
};
using X509Ptr = std::unique_ptr<x509_st, OpensslDelete>;
using KeyPtr = std::unique_ptr<evp_pkey_st, OpensslDelete>;

struct LoadedPair {
  std::vector<X509Ptr> chain;  // the server's own first
  KeyPtr key;
};

Result<LoadedPair> load_pair(const TlsPair& pair);
// Those that can be read; none is an error.
Result<std::vector<X509Ptr>> load_roots(std::string_view pem);

Certificate describe(x509_st& certificate);
DistinguishedName name_of(const X509_name_st* name);
WallTime time_of(const asn1_string_st* time);
WallTime not_before_of(x509_st& certificate);
WallTime not_after_of(x509_st& certificate);

}  // namespace nats::sys
