// Passwords and tokens as configured, plain or bcrypt, against what a client offers.
#pragma once

#include <string_view>

namespace nats::auth {

// A configured password that begins "$2a$NN$" (or 2b, 2x, 2y) is a bcrypt hash, whatever follows.
bool is_bcrypt(std::string_view configured);

// Is `offered` the configured password? Plain passwords are compared in constant time. Checking a
// bcrypt hash takes 2^cost rounds, a millisecond to hours: call it on a worker when is_bcrypt().
//
// As in the reference, only the first 72 octets of the offered password count for a hash, and octets
// behind a complete hash are ignored. A password with a NUL inside matches no hash, except where the
// algorithm cannot see the NUL ("x\0x" is "x").
bool verify_password(std::string_view configured, std::string_view offered);

}  // namespace nats::auth
