// S2 and Snappy: the framing format, as the reference's files and links use it.
//
// What is written is plain Snappy inside S2's frames, which every S2 reader takes; what is read may use
// all of S2 but for dictionaries and block sizes above 4 MiB.
#pragma once

#include <string>

#include "server/base/bytes.h"
#include "server/base/error.h"

namespace nats::protocol {

std::string s2_compress(Bytes plain);
// The error's detail is that of the reference's library: "s2: corrupt input". Refuses what would become
// larger than `size_max`.
Result<std::string> s2_decompress(Bytes frames, std::size_t size_max);

}  // namespace nats::protocol
