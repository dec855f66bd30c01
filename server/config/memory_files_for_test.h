// Files that are a map, for tests of what reads configuration.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "server/sys/files.h"

namespace nats::config {

class MemoryFiles final : public sys::Files {
 public:
  MemoryFiles() = default;
  MemoryFiles(std::initializer_list<std::pair<const std::string, std::string>> files) : files_(files) {}

  void put(std::string path, std::string content) { files_[std::move(path)] = std::move(content); }
  void put_directory(std::string path) { files_[std::move(path) + "/"] = ""; }

  Result<std::unique_ptr<sys::File>> open(std::string_view path, sys::OpenMode, std::uint32_t) override {
    if (is_directory(path)) return fail(ErrorCode::is_a_directory);
    auto found = files_.find(path);
    if (found == files_.end()) return fail(ErrorCode::not_found);
    return std::make_unique<Content>(found->second);
  }
  Result<sys::FileInfo> stat(std::string_view path) override {
    auto found = files_.find(path);
    if (found == files_.end() && !is_directory(path)) return fail(ErrorCode::not_found);
    sys::FileInfo info;
    info.name = path;
    info.directory = is_directory(path);
    info.mode = 0755;
    return info;
  }
  Result<std::vector<sys::FileInfo>> list(std::string_view) override { return fail(ErrorCode::unsupported); }
  Result<void> make_directories(std::string_view, std::uint32_t) override {
    return fail(ErrorCode::unsupported);
  }
  Result<void> rename(std::string_view, std::string_view) override { return fail(ErrorCode::unsupported); }
  Result<void> remove(std::string_view) override { return fail(ErrorCode::unsupported); }
  Result<void> sync_directory(std::string_view) override { return fail(ErrorCode::unsupported); }

 private:
  class Content final : public sys::File {
   public:
    explicit Content(std::string_view text) : text_(text) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
      std::string_view rest = text_.substr(std::min<std::size_t>(offset, text_.size()));
      std::size_t size = std::min(rest.size(), out.size());
      std::copy_n(rest.data(), size, out.data());
      return size;
    }
    Result<void> write_at(std::uint64_t, Bytes) override { return fail(ErrorCode::permission_denied); }
    Result<void> append(Bytes) override { return fail(ErrorCode::permission_denied); }
    Result<void> truncate(std::uint64_t) override { return fail(ErrorCode::permission_denied); }
    Result<std::uint64_t> size() override { return text_.size(); }
    Result<void> sync() override { return {}; }

   private:
    std::string_view text_;
  };

  bool is_directory(std::string_view path) const { return files_.contains(std::string(path) + "/"); }

  std::map<std::string, std::string, std::less<>> files_;
};

}  // namespace nats::config
