#include "server/base/gzip.h"

#include <zlib.h>

#include "server/base/check.h"

namespace nats {

std::string gzip(std::string_view data) {
  // The usual window and memory; 16 asks for the gzip header.
  constexpr int window_bits = 15 + 16;
  constexpr int memory_level = 8;
  z_stream stream{};
  NATS_CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) ==
             Z_OK);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  NATS_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace nats
