// A host's disk. It promises what POSIX promises and no more: after a power cut a file holds what was
// synced, and of what was not any part that chance leaves; a name is there when its directory was
// synced. Faults are injected by tests.
//
// The process may die and the disk lives on; the power may go, then every open File is dead.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "server/base/ref.h"
#include "server/sys/files.h"
#include "server/sys/sim/sim_core.h"

namespace nats::sys {

enum class DiskOperation : std::uint8_t {
  open,
  read,
  write,
  truncate,
  sync,
  stat,
  list,
  make_directory,
  rename,
  remove,
  sync_directory,
};

struct DiskFault {
  DiskOperation operation = DiskOperation::write;
  ErrorCode error = ErrorCode::io_error;
  std::string path_contains;  // empty: any
  std::uint32_t after = 0;    // so many matching operations go well first
  std::uint32_t times = 1;    // then so many fail; 0: all
  // A failing write leaves a prefix drawn by chance. (A failing sync always has the effect it has on
  // Linux: what was dirty counts as clean and is lost with the power, also after a later good sync.)
  bool partial = false;
};

class SimDisk final : public Files {
 public:
  explicit SimDisk(SimCore& core);
  ~SimDisk() override;

  Result<std::unique_ptr<File>> open(std::string_view path, OpenMode how, std::uint32_t mode) override;
  Result<FileInfo> stat(std::string_view path) override;
  Result<std::vector<FileInfo>> list(std::string_view directory) override;
  Result<void> make_directories(std::string_view path, std::uint32_t mode) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> remove(std::string_view path) override;
  Result<void> sync_directory(std::string_view path) override;

  // The power goes and comes back.
  void power_cut();
  // Freezes the disk after so many further changes, as if the power had gone there: everything fails
  // until power_cut().
  void freeze_after(std::uint64_t changes) { changes_left_ = changes; }
  bool frozen() const { return frozen_; }
  std::uint64_t change_count() const { return change_count_; }

  void inject(DiskFault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(); }
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  Result<void> flip_bit(std::string_view path, std::uint64_t bit);
  // Of the files whose path contains `part`; false when they hold no byte.
  bool flip_random_bit(std::string_view part);

 private:
  friend class SimFile;

  struct Inode;
  struct NameChange;
  struct Place;
  using Entries = std::map<std::string, Ref<Inode>, std::less<>>;

  Result<Ref<Inode>> find(std::string_view path, std::string_view what);
  Result<Place> find_place(std::string_view path, std::string_view what);
  Result<void> admit(DiskOperation operation, std::string_view path, std::string_view what);
  // Counts a change and says whether it still reaches the disk.
  Result<void> change(std::string_view what);
  Ref<Inode> make_inode(bool directory, std::uint32_t mode);
  void record(NameChange change);
  static void apply(const NameChange& change, Entries Inode::*where);

  Result<void> write_inode(Inode& inode, const std::string& path, std::uint64_t offset, Bytes data);
  void put(Inode& inode, std::uint64_t offset, Bytes data);
  void truncate_inode(Inode& inode, std::uint64_t size);
  void keep_before(Inode& inode, std::uint64_t begin, std::uint64_t end);
  Result<void> sync_inode(Inode& inode, const std::string& path);

  void settle_names(unsigned mood);
  void settle_tree(Inode& inode, unsigned mood);
  void settle_content(Inode& inode, unsigned mood);
  std::uint64_t used_bytes() const;
  void collect_files(const std::string& path, Inode& inode, std::vector<std::pair<std::string, Inode*>>& out);

  SimCore& core_;
  Ref<Inode> root_;
  std::vector<NameChange> unsynced_names_;
  std::vector<DiskFault> faults_;
  std::uint64_t capacity_ = ~std::uint64_t{0};
  std::uint64_t change_count_ = 0;
  std::uint64_t changes_left_ = ~std::uint64_t{0};
  std::uint64_t lives_ = 0;  // power cuts so far
  bool frozen_ = false;
};

}  // namespace nats::sys
