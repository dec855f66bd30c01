// The first octets of a connection that is to be a TLS client's: is it one? OpenSSL would answer, but
// not as Go answers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "server/base/bytes.h"
#include "server/base/error.h"

namespace nats::sys {

struct FirstRecord {
  // So many octets are looked at.
  static constexpr std::size_t size = 9;

  bool complete = false;       // all that is to be looked at has come
  std::optional<Error> error;  // what is wrong, in Go's words
  std::string alert;           // the record to answer with; empty: none
};

// `begin`: what has come so far.
FirstRecord look_at_first_record(Bytes begin);

}  // namespace nats::sys
