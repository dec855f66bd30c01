#include "server/sys/files.h"

#include <algorithm>

namespace nats::sys {

Result<std::string> read_file(Files& files, std::string_view path) {
  auto file = NATS_TRY(files.open(path, OpenMode::read));
  std::string text;
  // The size is a hint only: files under /proc say 0.
  text.resize(NATS_TRY(file->size()) + 1);
  std::size_t filled = 0;
  for (;;) {
    std::size_t count =
        NATS_TRY(file->read_at(filled, std::span(text.data() + filled, text.size() - filled)));
    if (count == 0) break;
    filled += count;
    if (filled == text.size()) text.resize(text.size() + std::max<std::size_t>(text.size(), 4096));
  }
  text.resize(filled);
  return text;
}

Result<void> write_file(Files& files, std::string_view path, Bytes data, std::uint32_t mode) {
  auto file = NATS_TRY(files.open(path, OpenMode::create_empty, mode));
  NATS_TRY_VOID(file->write_at(0, data));
  return {};
}

}  // namespace nats::sys
