#include "server/protocol/s2.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace nats::protocol {
namespace {

constexpr std::string_view stream_begin("\xff\x06\x00\x00S2sTwO", 10);
constexpr std::string_view magic = "S2sTwO";
constexpr std::string_view magic_snappy = "sNaPpY";
constexpr std::size_t block_size = 1 << 20;
constexpr std::size_t block_size_max = 4 << 20;
constexpr std::size_t snappy_block_size_max = 1 << 16;
constexpr std::size_t chunk_header_size = 4;
constexpr std::size_t checksum_size = 4;
constexpr unsigned char chunk_compressed = 0x00;
constexpr unsigned char chunk_plain = 0x01;
constexpr unsigned char chunk_begin = 0xff;
constexpr unsigned char chunk_skippable_min = 0x80;

std::unexpected<Error> corrupt() { return fail(ErrorCode::malformed, "s2: corrupt input"); }
std::unexpected<Error> unsupported() { return fail(ErrorCode::unsupported, "s2: unsupported input"); }

// CRC-32C, as the framing format masks it.
std::uint32_t checksum(Bytes data) {
  static const std::array<std::uint32_t, 256> table = [] {
    constexpr std::uint32_t castagnoli = 0x82f63b78;
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? value >> 1 ^ castagnoli : value >> 1;
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t crc = ~0U;
  for (char c : data) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ crc >> 8;
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xa282ead8;
}

std::uint32_t number_at(Bytes data, std::size_t at, std::size_t octets) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < octets; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(data[at + i])) << 8 * i;
  return value;
}

void append_number(std::string& out, std::size_t value, std::size_t octets) {
  for (std::size_t i = 0; i < octets; ++i) out += static_cast<char>(value >> 8 * i & 0xff);
}

// --- Writing

void append_literal(std::string& out, Bytes text) {
  if (text.empty()) return;
  std::size_t last = text.size() - 1;
  std::size_t octets = last < 60 ? 0 : last < 1 << 8 ? 1 : last < 1 << 16 ? 2 : 3;
  out += static_cast<char>((octets == 0 ? last : 59 + octets) << 2);
  append_number(out, last, octets);
  out += text;
}

void append_copy(std::string& out, std::size_t offset, std::size_t length) {
  constexpr std::size_t near = 1 << 11;
  constexpr std::size_t middle = 1 << 16;
  while (length > 0) {
    // What is left behind must be long enough for a copy of its own.
    std::size_t now = length > 64 ? std::min<std::size_t>(length - 4, 64) : length;
    if (now >= 4 && now <= 11 && offset < near) {
      out += static_cast<char>(offset >> 8 << 5 | (now - 4) << 2 | 1);
      append_number(out, offset & 0xff, 1);
    } else {
      bool far = offset >= middle;
      out += static_cast<char>((now - 1) << 2 | (far ? 3 : 2));
      append_number(out, offset, far ? 4 : 2);
    }
    length -= now;
  }
}

// Looks for each four octets where they stood last.
std::string compress_block(Bytes plain) {
  constexpr std::size_t match_min = 4;
  constexpr int table_bits = 14;
  std::string out;
  for (std::size_t rest = plain.size();; rest >>= 7) {
    out += static_cast<char>(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  std::vector<std::uint32_t> last_at(std::size_t{1} << table_bits, 0);  // plus one; 0: nowhere
  std::size_t literal_at = 0;
  std::size_t at = 0;
  while (at + match_min <= plain.size()) {
    std::uint32_t word = number_at(plain, at, match_min);
    std::uint32_t& slot = last_at[word * 0x1e35a7bdU >> (32 - table_bits)];
    std::size_t candidate = slot;
    slot = static_cast<std::uint32_t>(at + 1);
    if (candidate == 0 || number_at(plain, candidate - 1, match_min) != word) {
      // Text that does not repeat itself is passed over faster and faster.
      at += 1 + (at - literal_at) / 64;
      continue;
    }
    std::size_t from = candidate - 1;
    std::size_t length = match_min;
    while (at + length < plain.size() && plain[at + length] == plain[from + length]) ++length;
    append_literal(out, plain.substr(literal_at, at - literal_at));
    append_copy(out, at - from, length);
    at += length;
    literal_at = at;
  }
  append_literal(out, plain.substr(literal_at));
  return out;
}

// --- Reading

class BlockReader {
 public:
  explicit BlockReader(Bytes in) : in_(in) {}

  // The length that the block claims; nothing: there is none.
  bool read_length(std::uint64_t& length) {
    length = 0;
    for (int shift = 0; shift < 64 && at_ < in_.size(); shift += 7) {
      auto octet = static_cast<unsigned char>(in_[at_++]);
      length |= static_cast<std::uint64_t>(octet & 127) << shift;
      if (octet < 128) return length <= UINT32_MAX;
    }
    return false;
  }

  bool read(std::string& out, std::size_t length) {
    std::size_t begin = out.size();
    end_ = begin + length;
    while (at_ < in_.size()) {
      auto tag = static_cast<unsigned char>(in_[at_]);
      if (!((tag & 3) == 0 ? read_literal(out, tag) : read_copy(out, tag, begin))) return false;
    }
    return out.size() == end_;
  }

 private:
  bool has(std::size_t octets) const { return in_.size() - at_ >= octets; }

  bool read_literal(std::string& out, unsigned char tag) {
    std::size_t size = tag >> 2;
    std::size_t octets = size < 60 ? 0 : size - 59;
    if (!has(1 + octets)) return false;
    if (octets > 0) size = number_at(in_, at_ + 1, octets);
    at_ += 1 + octets;
    size += 1;
    if (!has(size) || size > end_ - out.size()) return false;
    out += in_.substr(at_, size);
    at_ += size;
    return true;
  }

  bool read_copy(std::string& out, unsigned char tag, std::size_t begin) {
    std::size_t length = 0;
    if ((tag & 3) == 1) {
      if (!read_short_copy(tag, length)) return false;
    } else {
      std::size_t octets = (tag & 3) == 2 ? 2 : 4;
      if (!has(1 + octets)) return false;
      offset_ = number_at(in_, at_ + 1, octets);
      length = 1 + (tag >> 2);
      at_ += 1 + octets;
    }
    std::size_t written = out.size() - begin;
    if (offset_ == 0 || offset_ > written || length > end_ - out.size()) return false;
    // They may overlap: what was just copied is copied again.
    for (std::size_t from = out.size() - offset_; length > 0; --length) out += out[from++];
    return true;
  }

  // An offset of 0 repeats the last one, and its length may be longer.
  bool read_short_copy(unsigned char tag, std::size_t& length) {
    if (!has(2)) return false;
    std::size_t offset = (tag & 0xe0U) << 3 | static_cast<unsigned char>(in_[at_ + 1]);
    length = tag >> 2 & 7;
    at_ += 2;
    if (offset != 0) {
      offset_ = offset;
    } else if (length >= 5) {
      std::size_t octets = length - 4;
      constexpr std::array<std::size_t, 3> base{4, 1 << 8, 1 << 16};
      if (!has(octets)) return false;
      length = number_at(in_, at_, octets) + base[octets - 1];
      at_ += octets;
    }
    length += 4;
    return true;
  }

  Bytes in_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // of what is written
  std::size_t offset_ = 0;
};

class FrameReader {
 public:
  FrameReader(Bytes in, std::size_t size_max) : in_(in), size_max_(size_max) {}

  Result<std::string> read() {
    while (!in_.empty()) {
      if (in_.size() < chunk_header_size) return corrupt();
      auto type = static_cast<unsigned char>(in_[0]);
      std::size_t size = number_at(in_, 1, 3);
      if (!begun_ && type != chunk_begin) return corrupt();
      in_.remove_prefix(chunk_header_size);
      if (in_.size() < size) return corrupt();
      NATS_TRY_VOID(take(type, in_.substr(0, size)));
      in_.remove_prefix(size);
    }
    return std::move(out_);
  }

 private:
  Result<void> take(unsigned char type, Bytes body) {
    if (type == chunk_begin) return take_begin(body);
    if (type == chunk_compressed || type == chunk_plain) return take_block(type, body);
    if (type < chunk_skippable_min) return unsupported();
    return {};
  }

  Result<void> take_begin(Bytes body) {
    if (body != magic && body != magic_snappy) return corrupt();
    begun_ = true;
    block_max_ = body == magic ? block_size_max : snappy_block_size_max;
    return {};
  }

  Result<void> take_block(unsigned char type, Bytes body) {
    if (body.size() < checksum_size) return corrupt();
    std::uint32_t sum = number_at(body, 0, checksum_size);
    body.remove_prefix(checksum_size);
    BlockReader block(body);
    std::uint64_t size = body.size();
    if (type == chunk_compressed && !block.read_length(size)) return corrupt();
    if (size > block_max_) return corrupt();
    if (size > size_max_ - out_.size())
      return fail(ErrorCode::limit_exceeded, "s2: decoded block is too large");
    std::size_t at = out_.size();
    if (type == chunk_plain) {
      out_ += body;
    } else if (!block.read(out_, static_cast<std::size_t>(size))) {
      return corrupt();
    }
    if (checksum(Bytes(out_).substr(at)) != sum)
      return fail(ErrorCode::malformed, "s2: corrupt input, crc mismatch");
    return {};
  }

  Bytes in_;
  std::size_t size_max_;
  std::size_t block_max_ = 0;
  bool begun_ = false;
  std::string out_;
};

}  // namespace

std::string s2_compress(Bytes plain) {
  std::string out;
  while (!plain.empty()) {
    if (out.empty()) out = stream_begin;
    Bytes block = plain.substr(0, block_size);
    plain.remove_prefix(block.size());
    std::string packed = compress_block(block);
    bool smaller = packed.size() < block.size();
    Bytes body = smaller ? Bytes(packed) : block;
    out += static_cast<char>(smaller ? chunk_compressed : chunk_plain);
    append_number(out, body.size() + checksum_size, 3);
    append_number(out, checksum(block), checksum_size);
    out += body;
  }
  return out;
}

Result<std::string> s2_decompress(Bytes frames, std::size_t size_max) {
  return FrameReader(frames, size_max).read();
}

}  // namespace nats::protocol
