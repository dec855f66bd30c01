// What SimDisk keeps of a file or directory. For sim_disk*.cc only.
#pragma once

#include "server/sys/sim/sim_disk.h"

namespace nats::sys {

constexpr std::uint64_t sim_page_size = 4096;
constexpr std::uint64_t sim_sector_size = 512;

struct SimDisk::Inode : RefCounted<SimDisk::Inode> {
  // A page written since the last sync.
  struct DirtyPage {
    std::string before;  // what is on the platter
    bool lost = false;   // a sync of it failed
  };

  bool directory = false;
  std::uint32_t mode = 0;
  WallTime modified;

  // A file: its content, and how it differs from what is on the platter.
  std::string data;
  std::uint64_t durable_size = 0;
  std::map<std::uint64_t, DirtyPage> dirty;

  // A directory.
  Entries entries;
  Entries durable_entries;
};

// A link (no `from`), an unlink (no `to`) or a rename, not yet synced.
struct SimDisk::NameChange {
  Ref<Inode> from_directory;
  std::string from;
  Ref<Inode> to_directory;
  std::string to;
  Ref<Inode> inode;

  bool touches(const std::set<const Inode*>& directories) const {
    return (from_directory && directories.contains(from_directory.get())) ||
           (to_directory && directories.contains(to_directory.get()));
  }
  void add_to(std::set<const Inode*>& directories) const {
    if (from_directory) directories.insert(from_directory.get());
    if (to_directory) directories.insert(to_directory.get());
  }
};

// Where a name is or would be.
struct SimDisk::Place {
  Ref<Inode> directory;
  std::string name;  // empty: the root
  Ref<Inode> inode;  // null: nothing there
};

}  // namespace nats::sys
