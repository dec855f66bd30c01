// Splits what a server sends to a client into frames.
//
// The scanner owns no bytes: feed it a view, it takes whole frames off the front and leaves an unfinished one
// for the caller to keep. It remembers the last MSG header, because a flood repeats one: take_repeats() then
// costs a comparison per message, which keeps the generator cheaper than the server it measures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace natstwin::load {

enum class FrameKind { info, msg, ping, pong, ok, err };

// Views point into the scanned bytes, or into the scanner for a repeated header: valid until the next call.
struct Frame {
  FrameKind kind = FrameKind::info;
  std::string_view subject;
  std::string_view reply;
  std::uint64_t sid = 0;
  std::string_view headers;  // HMSG only, the block with its final empty line
  std::string_view payload;
  std::string_view text;  // INFO: the JSON; -ERR: the quoted text
};

enum class Scan { frame, need_more, malformed };

class FrameScanner {
 public:
  // Takes the next frame off `in`. On need_more and malformed `in` is left as it was.
  Scan next(std::string_view& in, Frame& frame);

  // Takes the messages off `in` whose header equals that of the last message; says how many there were.
  std::size_t take_repeats(std::string_view& in);

 private:
  struct Header {
    std::string_view subject;
    std::string_view reply;
    std::uint64_t sid = 0;
    std::size_t header_size = 0;
    std::size_t total_size = 0;
  };

  static bool parse_message_line(std::string_view args, bool with_headers, Header& header);
  Scan next_message(std::string_view& in, std::string_view line, bool with_headers, Frame& frame);

  std::string repeat_line_;  // "MSG subject sid size\r\n", empty if the last message cannot repeat
  std::size_t repeat_payload_size_ = 0;
};

}  // namespace natstwin::load
