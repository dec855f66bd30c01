// PEM: blocks of base64 between BEGIN and END lines, read as leniently as Go's encoding/pem reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nats::sys {

struct PemBlock {
  std::string type;  // "CERTIFICATE"
  std::string der;
  bool has_headers = false;  // "Proc-Type: ..." in front of the base64
};

// The well-formed blocks of `text`, in order; what is none is passed over.
std::vector<PemBlock> read_pem(std::string_view text);

}  // namespace nats::sys
