// Names, faults and handles. What a power cut leaves is in sim_disk_content.cc.
#include "server/sys/sim/sim_disk.h"

#include <algorithm>

#include "server/base/check.h"
#include "server/sys/sim/sim_disk_inode.h"
#include "server/sys/sim/sim_error.h"

namespace nats::sys {

namespace {

constexpr std::size_t name_size_max = 255;
constexpr std::uint32_t umask_bits = 022;
constexpr std::uint64_t directory_size = 4096;

std::string what(std::string_view call, std::string_view path) {
  std::string text(call);
  text += ' ';
  text += path;
  return text;
}

// "a//b/./c/../d" as {a, b, d}.
std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> result;
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    std::string_view name = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      result.push_back(name);
    } else if (!result.empty()) {
      result.pop_back();
    }
  }
  return result;
}

}  // namespace

class SimFile final : public File {
 public:
  SimFile(SimDisk& disk, Ref<SimDisk::Inode> inode, std::string path, bool writable)
      : disk_(disk),
        inode_(std::move(inode)),
        path_(std::move(path)),
        writable_(writable),
        life_(disk.lives_) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
    NATS_TRY_VOID(admit(DiskOperation::read, "read"));
    if (inode_->directory) return sim_fail(what("read", path_), ErrorCode::is_a_directory);
    if (offset >= inode_->data.size()) return 0;
    return inode_->data.copy(out.data(), out.size(), offset);
  }

  Result<void> write_at(std::uint64_t offset, Bytes data) override {
    NATS_TRY_VOID(alive("write"));
    if (!writable_) return fail(ErrorCode::other, what("write", path_) + ": bad file descriptor");
    return disk_.write_inode(*inode_, path_, offset, data);
  }

  Result<void> append(Bytes data) override { return write_at(inode_->data.size(), data); }

  Result<void> truncate(std::uint64_t size) override {
    NATS_TRY_VOID(admit(DiskOperation::truncate, "truncate"));
    if (!writable_) return sim_fail(what("truncate", path_), ErrorCode::invalid_argument);
    NATS_TRY_VOID(disk_.change(what("truncate", path_)));
    disk_.truncate_inode(*inode_, size);
    return {};
  }

  Result<std::uint64_t> size() override {
    NATS_TRY_VOID(admit(DiskOperation::stat, "stat"));
    return inode_->directory ? directory_size : inode_->data.size();
  }

  Result<void> sync() override {
    NATS_TRY_VOID(alive("sync"));
    return disk_.sync_inode(*inode_, path_);
  }

 private:
  Result<void> alive(std::string_view call) {
    if (life_ != disk_.lives_) return sim_fail(what(call, path_), ErrorCode::io_error);
    return {};
  }
  Result<void> admit(DiskOperation operation, std::string_view call) {
    NATS_TRY_VOID(alive(call));
    return disk_.admit(operation, path_, what(call, path_));
  }

  SimDisk& disk_;
  const Ref<SimDisk::Inode> inode_;
  const std::string path_;
  const bool writable_;
  const std::uint64_t life_;
};

SimDisk::SimDisk(SimCore& core) : core_(core), root_(make_inode(true, 0755)) {}

SimDisk::~SimDisk() {
  // Renamed directories may hold each other, one by its synced entries, one by its present ones.
  unsynced_names_.clear();
  std::vector<Ref<Inode>> waiting{root_};
  while (!waiting.empty()) {
    Ref<Inode> inode = waiting.back();
    waiting.pop_back();
    for (Entries* entries : {&inode->entries, &inode->durable_entries}) {
      for (auto& [name, child] : *entries) waiting.push_back(child);
      entries->clear();
    }
  }
}

Ref<SimDisk::Inode> SimDisk::make_inode(bool directory, std::uint32_t mode) {
  Ref<Inode> inode(new Inode);
  inode->directory = directory;
  inode->mode = mode & ~umask_bits;
  inode->modified = core_.wall_now();
  return inode;
}

Result<void> SimDisk::admit(DiskOperation operation, std::string_view path, std::string_view what) {
  if (frozen_) return sim_fail(what, ErrorCode::io_error);
  for (DiskFault& fault : faults_) {
    if (fault.operation != operation || path.find(fault.path_contains) == std::string_view::npos) continue;
    if (fault.after > 0) {
      --fault.after;
      continue;
    }
    ErrorCode error = fault.error;
    if (fault.times == 1) {
      faults_.erase(faults_.begin() + (&fault - faults_.data()));
    } else if (fault.times > 1) {
      --fault.times;
    }
    return sim_fail(what, error);
  }
  return {};
}

Result<void> SimDisk::change(std::string_view what) {
  if (changes_left_ == 0) frozen_ = true;
  if (frozen_) return sim_fail(what, ErrorCode::io_error);
  if (changes_left_ != ~std::uint64_t{0}) --changes_left_;
  ++change_count_;
  core_.fold_bytes(what);
  return {};
}

Result<SimDisk::Place> SimDisk::find_place(std::string_view path, std::string_view what) {
  if (path.empty()) return sim_fail(what, ErrorCode::not_found);
  Place place{root_, "", root_};
  for (std::string_view name : components(path)) {
    if (name.size() > name_size_max) return sim_fail(what, ErrorCode::name_too_long);
    if (!place.inode) return sim_fail(what, ErrorCode::not_found);
    if (!place.inode->directory) return sim_fail(what, ErrorCode::not_a_directory);
    place.directory = place.inode;
    place.name = name;
    auto found = place.directory->entries.find(name);
    place.inode = found == place.directory->entries.end() ? Ref<Inode>() : found->second;
  }
  return place;
}

Result<Ref<SimDisk::Inode>> SimDisk::find(std::string_view path, std::string_view what) {
  Place place = NATS_TRY(find_place(path, what));
  if (!place.inode) return sim_fail(what, ErrorCode::not_found);
  return place.inode;
}

void SimDisk::apply(const NameChange& change, Entries Inode::*where) {
  if (change.from_directory) (change.from_directory.get()->*where).erase(change.from);
  if (change.to_directory) (change.to_directory.get()->*where).insert_or_assign(change.to, change.inode);
}

void SimDisk::record(NameChange change) {
  apply(change, &Inode::entries);
  for (const Ref<Inode>& directory : {change.from_directory, change.to_directory}) {
    if (directory) directory->modified = core_.wall_now();
  }
  unsynced_names_.push_back(std::move(change));
}

Result<std::unique_ptr<File>> SimDisk::open(std::string_view path, OpenMode how, std::uint32_t mode) {
  std::string call = what("open", path);
  NATS_TRY_VOID(admit(DiskOperation::open, path, call));
  Place place = NATS_TRY(find_place(path, call));
  bool may_make = how != OpenMode::read && how != OpenMode::read_write;
  if (place.inode && how == OpenMode::create_new) return sim_fail(call, ErrorCode::already_exists);
  if (place.inode && place.inode->directory && how != OpenMode::read)
    return sim_fail(call, ErrorCode::is_a_directory);
  if (!place.inode) {
    if (!may_make) return sim_fail(call, ErrorCode::not_found);
    NATS_TRY_VOID(change(call));
    place.inode = make_inode(false, mode);
    record(NameChange{{}, "", place.directory, place.name, place.inode});
  } else if (how == OpenMode::create_empty) {
    NATS_TRY_VOID(change(call));
    truncate_inode(*place.inode, 0);
  }
  return std::make_unique<SimFile>(*this, place.inode, std::string(path), how != OpenMode::read);
}

namespace {

template <class Inode>
FileInfo info_of(std::string name, const Inode& inode) {
  FileInfo info;
  info.name = std::move(name);
  info.directory = inode.directory;
  info.size = inode.directory ? directory_size : inode.data.size();
  info.modified = inode.modified;
  info.mode = inode.mode;
  return info;
}

}  // namespace

Result<FileInfo> SimDisk::stat(std::string_view path) {
  std::string call = what("stat", path);
  NATS_TRY_VOID(admit(DiskOperation::stat, path, call));
  Place place = NATS_TRY(find_place(path, call));
  if (!place.inode) return sim_fail(call, ErrorCode::not_found);
  return info_of(place.name.empty() ? "/" : place.name, *place.inode);
}

Result<std::vector<FileInfo>> SimDisk::list(std::string_view directory) {
  std::string call = what("open", directory);
  NATS_TRY_VOID(admit(DiskOperation::list, directory, call));
  Ref<Inode> inode = NATS_TRY(find(directory, call));
  if (!inode->directory) return sim_fail(call, ErrorCode::not_a_directory);
  std::vector<FileInfo> entries;
  for (const auto& [name, child] : inode->entries) entries.push_back(info_of(name, *child));
  return entries;
}

Result<void> SimDisk::make_directories(std::string_view path, std::uint32_t mode) {
  NATS_TRY_VOID(admit(DiskOperation::make_directory, path, what("mkdir", path)));
  std::string prefix;
  for (std::string_view name : components(path)) {
    if (!prefix.empty() || path.starts_with('/')) prefix += '/';
    prefix += name;
    std::string call = what("mkdir", prefix);
    Place place = NATS_TRY(find_place(prefix, call));
    if (place.inode) {
      if (!place.inode->directory) return sim_fail(call, ErrorCode::not_a_directory);
      continue;
    }
    NATS_TRY_VOID(change(call));
    record(NameChange{{}, "", place.directory, place.name, make_inode(true, mode)});
  }
  return {};
}

Result<void> SimDisk::rename(std::string_view from, std::string_view to) {
  std::string call = what("rename", from) + " " + std::string(to);
  NATS_TRY_VOID(admit(DiskOperation::rename, from, call));
  Place source = NATS_TRY(find_place(from, call));
  Place target = NATS_TRY(find_place(to, call));
  if (!source.inode) return sim_fail(call, ErrorCode::not_found);
  if (source.name.empty() || target.name.empty()) return sim_fail(call, ErrorCode::invalid_argument);
  if (source.inode == target.inode) return {};
  if (source.inode->directory) {
    std::vector<std::string_view> source_names = components(from);
    std::vector<std::string_view> target_names = components(to);
    bool into_itself = target_names.size() > source_names.size() &&
                       std::equal(source_names.begin(), source_names.end(), target_names.begin());
    if (into_itself) return sim_fail(call, ErrorCode::invalid_argument);
  }
  if (target.inode) {
    if (target.inode->directory && !source.inode->directory) return sim_fail(call, ErrorCode::is_a_directory);
    if (!target.inode->directory && source.inode->directory)
      return sim_fail(call, ErrorCode::not_a_directory);
    if (!target.inode->entries.empty()) return sim_fail(call, ErrorCode::other);
  }
  NATS_TRY_VOID(change(call));
  record(NameChange{source.directory, source.name, target.directory, target.name, source.inode});
  return {};
}

Result<void> SimDisk::remove(std::string_view path) {
  std::string call = what("remove", path);
  NATS_TRY_VOID(admit(DiskOperation::remove, path, call));
  Place place = NATS_TRY(find_place(path, call));
  if (!place.inode) return sim_fail(call, ErrorCode::not_found);
  if (place.name.empty() || !place.inode->entries.empty()) return sim_fail(call, ErrorCode::other);
  NATS_TRY_VOID(change(call));
  record(NameChange{place.directory, place.name, {}, "", place.inode});
  return {};
}

Result<void> SimDisk::sync_directory(std::string_view path) {
  std::string call = what("sync", path);
  NATS_TRY_VOID(admit(DiskOperation::sync_directory, path, call));
  Ref<Inode> inode = NATS_TRY(find(path, what("open", path)));
  if (!inode->directory) return sim_fail(what("open", path), ErrorCode::not_a_directory);
  NATS_TRY_VOID(change(call));

  // What happened to this directory, and before that to those it exchanged names with.
  std::set<const Inode*> directories{inode.get()};
  std::vector<bool> due(unsynced_names_.size());
  for (std::size_t i = unsynced_names_.size(); i-- > 0;) {
    if (!unsynced_names_[i].touches(directories)) continue;
    due[i] = true;
    unsynced_names_[i].add_to(directories);
  }
  std::vector<NameChange> left;
  for (std::size_t i = 0; i < due.size(); ++i) {
    if (due[i]) {
      apply(unsynced_names_[i], &Inode::durable_entries);
    } else {
      left.push_back(std::move(unsynced_names_[i]));
    }
  }
  unsynced_names_ = std::move(left);
  return {};
}

}  // namespace nats::sys
