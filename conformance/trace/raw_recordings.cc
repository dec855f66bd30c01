#include "conformance/trace/raw_recordings.h"

#include <fmt/core.h>
#include <zlib.h>

namespace natstwin::trace {

namespace {

constexpr std::string_view first_line = "natstwin trace 1\n";
constexpr std::size_t unpacked_bytes_max = std::size_t{256} << 20;
constexpr int gzip_window_bits = 15 + 16;

std::string compress(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window_bits, 9, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::expected<std::string, std::string> decompress(std::string_view packed) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window_bits) != Z_OK) return std::unexpected("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK && out.size() < unpacked_bytes_max) {
    const std::size_t before = out.size();
    out.resize(before + (std::size_t{1} << 18));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = 1u << 18;
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) return std::unexpected("not a whole gzip file");
  return out;
}

}  // namespace

std::string pack_recordings(std::span<const Trace> recordings) {
  std::string text;
  for (const Trace& recording : recordings) text += to_text(recording);
  return compress(text);
}

std::expected<std::vector<Trace>, std::string> unpack_recordings(std::string_view packed) {
  const auto text = decompress(packed);
  if (!text) return std::unexpected(text.error());
  std::vector<Trace> recordings;
  std::string_view rest = *text;
  while (!rest.empty()) {
    // Only a first line can begin a line with these words: events begin with @, leaves are indented.
    std::size_t end = rest.find("\n" + std::string(first_line));
    end = end == std::string_view::npos ? rest.size() : end + 1;
    auto recording = from_text(rest.substr(0, end));
    if (!recording) {
      return std::unexpected(fmt::format("recording {}: {}", recordings.size() + 1, recording.error()));
    }
    recordings.push_back(std::move(*recording));
    rest.remove_prefix(end);
  }
  return recordings;
}

}  // namespace natstwin::trace
