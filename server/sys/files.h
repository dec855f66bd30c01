// Files and directories. Calls block: only start-up and the worker pool make them.
//
// What survives a power cut is what POSIX promises and no more: a file's bytes after sync(), its
// name after sync_directory() of the directory that holds it. The simulated disk holds us to that.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/error.h"
#include "server/base/time.h"

namespace nats::sys {

enum class OpenMode : std::uint8_t {
  read,          // must exist
  read_write,    // must exist
  create,        // read and write, made when missing
  create_empty,  // read and write, made when missing, truncated when not
  create_new,    // read and write, must not exist
};

class File {
 public:
  virtual ~File() = default;

  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) = 0;
  // Writes all of `data`, or fails having written a prefix of it.
  virtual Result<void> write_at(std::uint64_t offset, Bytes data) = 0;
  virtual Result<void> append(Bytes data) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() = 0;
  virtual Result<void> sync() = 0;
};

struct FileInfo {
  std::string name;
  bool directory = false;
  std::uint64_t size = 0;
  WallTime modified;
  std::uint32_t mode = 0;
};

class Files {
 public:
  virtual ~Files() = default;

  // `mode` is the permission of a file that is made, before the umask.
  virtual Result<std::unique_ptr<File>> open(std::string_view path, OpenMode how,
                                             std::uint32_t mode = 0640) = 0;
  virtual Result<FileInfo> stat(std::string_view path) = 0;
  // Sorted by name.
  virtual Result<std::vector<FileInfo>> list(std::string_view directory) = 0;
  virtual Result<void> make_directories(std::string_view path, std::uint32_t mode = 0755) = 0;
  virtual Result<void> rename(std::string_view from, std::string_view to) = 0;
  virtual Result<void> remove(std::string_view path) = 0;
  virtual Result<void> sync_directory(std::string_view path) = 0;
};

// Whole-file helpers over Files.
Result<std::string> read_file(Files& files, std::string_view path);
Result<void> write_file(Files& files, std::string_view path, Bytes data, std::uint32_t mode = 0640);

}  // namespace nats::sys
