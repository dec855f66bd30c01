#include "server/sys/real/real_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "server/sys/real/descriptor.h"
#include "server/sys/real/posix_error.h"

namespace nats::sys {

namespace {

std::string what(std::string_view call, std::string_view path) {
  std::string text(call);
  text += ' ';
  text += path;
  return text;
}

class RealFile final : public File {
 public:
  RealFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
    for (;;) {
      ssize_t count = ::pread(number(), out.data(), out.size(), static_cast<off_t>(offset));
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return fail_errno(what("read", path_), errno);
    }
  }

  Result<void> write_at(std::uint64_t offset, Bytes data) override {
    while (!data.empty()) {
      ssize_t count = ::pwrite(number(), data.data(), data.size(), static_cast<off_t>(offset));
      if (count < 0) {
        if (errno == EINTR) continue;
        return fail_errno(what("write", path_), errno);
      }
      data.remove_prefix(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  Result<void> append(Bytes data) override { return write_at(NATS_TRY(size()), data); }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(number(), static_cast<off_t>(size)) != 0)
      return fail_errno(what("truncate", path_), errno);
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat status;
    if (::fstat(number(), &status) != 0) return fail_errno(what("stat", path_), errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<void> sync() override {
    if (::fdatasync(number()) != 0) return fail_errno(what("sync", path_), errno);
    return {};
  }

 private:
  int number() const { return descriptor_.number(); }

  Descriptor descriptor_;
  std::string path_;
};

int open_flags(OpenMode how) {
  switch (how) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::read_write:
      return O_RDWR;
    case OpenMode::create:
      return O_RDWR | O_CREAT;
    case OpenMode::create_empty:
      return O_RDWR | O_CREAT | O_TRUNC;
    case OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

FileInfo info_of(std::string name, const struct stat& status) {
  FileInfo info;
  info.name = std::move(name);
  info.directory = S_ISDIR(status.st_mode);
  info.size = static_cast<std::uint64_t>(status.st_size);
  info.modified = {std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
  info.mode = status.st_mode & 07777;
  return info;
}

std::string base_name(const std::string& path) {
  std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path.empty() ? "." : "/";
  std::size_t slash = path.rfind('/', end);
  std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(begin, end + 1 - begin);
}

}  // namespace

Result<std::unique_ptr<File>> RealFiles::open(std::string_view path, OpenMode how, std::uint32_t mode) {
  std::string name(path);
  int number;
  do {
    number = ::open(name.c_str(), open_flags(how) | O_CLOEXEC, static_cast<mode_t>(mode));
  } while (number < 0 && errno == EINTR);
  if (number < 0) return fail_errno(what("open", path), errno);
  return std::make_unique<RealFile>(Descriptor(number), std::move(name));
}

Result<FileInfo> RealFiles::stat(std::string_view path) {
  std::string name(path);
  struct stat status;
  if (::stat(name.c_str(), &status) != 0) return fail_errno(what("stat", path), errno);
  return info_of(base_name(name), status);
}

Result<std::vector<FileInfo>> RealFiles::list(std::string_view directory) {
  std::string path(directory);
  std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(path.c_str()), &::closedir);
  if (!handle) return fail_errno(what("open", directory), errno);

  std::vector<FileInfo> entries;
  for (;;) {
    errno = 0;
    dirent* entry = ::readdir(handle.get());
    if (!entry) {
      if (errno != 0) return fail_errno(what("readdirent", directory), errno);
      break;
    }
    std::string name(entry->d_name);
    if (name == "." || name == "..") continue;
    struct stat status;
    if (::fstatat(::dirfd(handle.get()), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // removed since it was listed
      return fail_errno(what("lstat", path + "/" + name), errno);
    }
    entries.push_back(info_of(std::move(name), status));
  }
  std::sort(entries.begin(), entries.end(),
            [](const FileInfo& a, const FileInfo& b) { return a.name < b.name; });
  return entries;
}

Result<void> RealFiles::make_directories(std::string_view path, std::uint32_t mode) {
  std::string name(path);
  struct stat status;
  if (::stat(name.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return fail_errno(what("mkdir", path), ENOTDIR);
  }
  std::size_t end = name.find_last_not_of('/');
  std::size_t slash = end == std::string::npos ? std::string::npos : name.rfind('/', end);
  if (slash != std::string::npos && slash > 0) NATS_TRY_VOID(make_directories(name.substr(0, slash), mode));
  if (::mkdir(name.c_str(), static_cast<mode_t>(mode)) != 0) {
    int error = errno;
    bool made_meanwhile = ::lstat(name.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (!made_meanwhile) return fail_errno(what("mkdir", path), error);
  }
  return {};
}

Result<void> RealFiles::rename(std::string_view from, std::string_view to) {
  std::string source(from);
  std::string target(to);
  if (::rename(source.c_str(), target.c_str()) != 0)
    return fail_errno("rename " + source + " " + target, errno);
  return {};
}

Result<void> RealFiles::remove(std::string_view path) {
  std::string name(path);
  if (::unlink(name.c_str()) == 0) return {};
  int unlink_error = errno;
  if (::rmdir(name.c_str()) == 0) return {};
  // Whichever of the two calls was the right one for what is there says why.
  return fail_errno(what("remove", path), errno == ENOTDIR ? unlink_error : errno);
}

Result<void> RealFiles::sync_directory(std::string_view path) {
  std::string name(path);
  Descriptor directory(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail_errno(what("open", path), errno);
  if (::fsync(directory.number()) != 0) return fail_errno(what("sync", path), errno);
  return {};
}

}  // namespace nats::sys
