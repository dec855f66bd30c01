#include "server/protocol/s2.h"

#include <gtest/gtest.h>

namespace nats::protocol {
namespace {

constexpr std::size_t plenty = 1 << 22;

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string error_of(std::string_view frames, std::size_t size_max = plenty) {
  Result<std::string> out = s2_decompress(frames, size_max);
  return out ? "none" : out.error().detail;
}

// Written by github.com/klauspost/compress/s2.
const std::string hello =
    from_hex("ff06000053327354774f00160000909e801f211868656c6c6f2c2052070010776f726c64");

TEST(S2, ReadsWhatTheReferencesLibraryWrites) {
  EXPECT_EQ(s2_decompress(hello, plenty), "hello, hello, hello, hello, world");
  EXPECT_EQ(
      s2_decompress(from_hex("ff06000053327354774f001b00005dcb6ac7b390060461621102190082001078797a71711d00"
                             "9a8600"),
                    plenty),
      repeated("ab", 200) + "xyz" + repeated("q", 100000));
  EXPECT_EQ(s2_decompress(from_hex("ff06000053327354774f010e0000f03abfaf30313233343536373839"), plenty),
            "0123456789");
}

TEST(S2, WhatIsWrittenIsReadAgain) {
  std::string noise;
  unsigned state = 1;
  for (int i = 0; i < 70000; ++i) noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (const std::string& text : {std::string("a"), repeated("abcd", 3), repeated("x", 3'000'000), noise,
                                  noise + noise, repeated("a long line of words, ", 9)})
    EXPECT_EQ(s2_decompress(s2_compress(text), plenty), text) << text.size();
}

TEST(S2, WhatRepeatsItselfBecomesSmallerAndNoiseHardlyGrows) {
  EXPECT_LT(s2_compress(repeated("abc", 1000)).size(), 300U);
  EXPECT_EQ(s2_compress("0123456789"), from_hex("ff06000053327354774f010e0000f03abfaf30313233343536373839"));
}

TEST(S2, NothingIsNothing) {
  EXPECT_EQ(s2_compress(""), "");
  EXPECT_EQ(s2_decompress("", plenty), "");
}

TEST(S2, DamageIsFound) {
  for (std::size_t size = 1; size < hello.size(); ++size)
    if (size != 10) {  // after the first chunk
      EXPECT_EQ(error_of(hello.substr(0, size)), "s2: corrupt input") << size;
    }
  for (std::size_t i = 0; i < hello.size(); ++i) {
    std::string bent = hello;
    bent[i] ^= 1;
    EXPECT_NE(error_of(bent), "none") << i;
  }
  std::string other = hello;
  other[14] ^= 1;
  EXPECT_EQ(error_of(other), "s2: corrupt input, crc mismatch");
}

TEST(S2, ChunksOfAnotherKindAreSkippedOrRefused) {
  std::string padded = hello + std::string("\xfe\x02\x00\x00zz", 6) + hello;
  EXPECT_EQ(s2_decompress(padded, plenty)->size(), 66U);
  EXPECT_EQ(error_of(hello + std::string("\x02\x00\x00\x00", 4)), "s2: unsupported input");
  EXPECT_EQ(error_of(std::string("\xfe\x00\x00\x00", 4)), "s2: corrupt input");
}

TEST(S2, NothingGrowsBeyondTheLimit) {
  EXPECT_EQ(error_of(hello, 32), "s2: decoded block is too large");
  EXPECT_EQ(error_of(hello, 33), "none");
}

}  // namespace
}  // namespace nats::protocol
