// The POSIX file system.
#pragma once

#include "server/sys/files.h"

namespace nats::sys {

class RealFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open(std::string_view path, OpenMode how, std::uint32_t mode) override;
  Result<FileInfo> stat(std::string_view path) override;
  Result<std::vector<FileInfo>> list(std::string_view directory) override;
  Result<void> make_directories(std::string_view path, std::uint32_t mode) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> remove(std::string_view path) override;
  Result<void> sync_directory(std::string_view path) override;
};

}  // namespace nats::sys
