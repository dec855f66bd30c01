// A directory held in memory, for tests of what app/ writes.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/sys/files.h"

namespace nats::app {

// A file system of names and texts that can be told to fail.
class MemoryFiles final : public sys::Files {
 public:
  std::map<std::string, std::shared_ptr<std::string>> texts;
  std::uint32_t mode_of_last_made = 0;
  bool appends_fail = false;
  bool renames_fail = false;
  bool opens_fail = false;
  bool removes_fail = false;
  bool lists_fail = false;

  std::string text(const std::string& name) const {
    return texts.contains(name) ? *texts.at(name) : "no such file";
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, text] : texts) all.push_back(name);
    return all;
  }

  Result<std::unique_ptr<sys::File>> open(std::string_view path, sys::OpenMode how,
                                          std::uint32_t mode) override {
    if (opens_fail)
      return fail(ErrorCode::not_found, "open " + std::string(path) + ": no such file or directory");
    auto& text = texts[std::string(path)];
    if (!text) {
      text = std::make_shared<std::string>();
      mode_of_last_made = mode;
    }
    if (how == sys::OpenMode::create_empty) text->clear();
    return std::make_unique<MemoryFile>(*this, text);
  }
  Result<void> rename(std::string_view from, std::string_view to) override {
    if (renames_fail) return fail(ErrorCode::permission_denied, "rename: permission denied");
    if (!texts.contains(std::string(from))) return fail(ErrorCode::not_found, "rename: no such file");
    texts[std::string(to)] = texts.at(std::string(from));
    texts.erase(std::string(from));
    return {};
  }
  Result<void> remove(std::string_view path) override {
    if (removes_fail) return fail(ErrorCode::permission_denied, "remove: permission denied");
    std::string name(path.substr(path.starts_with("./") ? 2 : 0));
    return texts.erase(name) == 1 ? Result<void>{} : fail(ErrorCode::not_found);
  }
  Result<std::vector<sys::FileInfo>> list(std::string_view) override {
    if (lists_fail) return fail(ErrorCode::permission_denied, "open .: permission denied");
    std::vector<sys::FileInfo> all;
    for (const auto& [name, text] : texts) all.push_back({.name = name, .directory = name.ends_with("/")});
    return all;
  }
  Result<sys::FileInfo> stat(std::string_view) override { return fail(ErrorCode::unsupported); }
  Result<void> make_directories(std::string_view, std::uint32_t) override {
    return fail(ErrorCode::unsupported);
  }
  Result<void> sync_directory(std::string_view) override { return fail(ErrorCode::unsupported); }

 private:
  class MemoryFile final : public sys::File {
   public:
    MemoryFile(MemoryFiles& files, std::shared_ptr<std::string> text)
        : files_(files), text_(std::move(text)) {}
    Result<void> append(Bytes data) override {
      if (files_.appends_fail) return fail(ErrorCode::no_space, "write x.log: no space left on device");
      *text_ += data;
      return {};
    }
    Result<std::uint64_t> size() override { return text_->size(); }
    Result<std::size_t> read_at(std::uint64_t, std::span<char>) override {
      return fail(ErrorCode::unsupported);
    }
    Result<void> write_at(std::uint64_t offset, Bytes data) override {
      text_->resize(std::max(text_->size(), static_cast<std::size_t>(offset) + data.size()));
      std::copy(data.begin(), data.end(), text_->begin() + static_cast<std::ptrdiff_t>(offset));
      return {};
    }
    Result<void> truncate(std::uint64_t) override { return fail(ErrorCode::unsupported); }
    Result<void> sync() override { return fail(ErrorCode::unsupported); }

   private:
    MemoryFiles& files_;
    std::shared_ptr<std::string> text_;
  };
};

}  // namespace nats::app
