// What files hold, and what is left of it when the power goes.
#include <algorithm>

#include "server/sys/sim/sim_disk.h"
#include "server/sys/sim/sim_disk_inode.h"
#include "server/sys/sim/sim_error.h"

namespace nats::sys {

namespace {

// How a power cut treats what was not synced: the two extremes, and anything between.
enum Mood : unsigned { lose_all, keep_all, by_chance, by_chance_too, mood_count };

}  // namespace

void SimDisk::keep_before(Inode& inode, std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return;
  for (std::uint64_t page = begin / sim_page_size; page <= (end - 1) / sim_page_size; ++page) {
    auto [entry, is_new] = inode.dirty.try_emplace(page);
    entry->second.lost = false;
    std::uint64_t start = page * sim_page_size;
    // Beyond the durable size the platter holds nothing.
    if (!is_new || start >= inode.durable_size) continue;
    entry->second.before = inode.data.substr(start, std::min(sim_page_size, inode.durable_size - start));
  }
}

void SimDisk::put(Inode& inode, std::uint64_t offset, Bytes data) {
  keep_before(inode, std::min<std::uint64_t>(offset, inode.data.size()), offset + data.size());
  if (inode.data.size() < offset + data.size()) inode.data.resize(offset + data.size());
  data.copy(inode.data.data() + offset, data.size());
  inode.modified = core_.wall_now();
}

void SimDisk::truncate_inode(Inode& inode, std::uint64_t size) {
  keep_before(inode, std::min<std::uint64_t>(size, inode.data.size()),
              std::max<std::uint64_t>(size, std::min<std::uint64_t>(inode.durable_size, inode.data.size())));
  inode.data.resize(size);
  inode.modified = core_.wall_now();
}

Result<void> SimDisk::write_inode(Inode& inode, const std::string& path, std::uint64_t offset, Bytes data) {
  std::string call = "write " + path;
  bool partial = std::any_of(faults_.begin(), faults_.end(), [&](const DiskFault& fault) {
    return fault.operation == DiskOperation::write && fault.partial && fault.after == 0 &&
           path.find(fault.path_contains) != std::string::npos;
  });
  if (auto admitted = admit(DiskOperation::write, path, call); !admitted) {
    if (partial && !frozen_ && !data.empty())
      put(inode, offset, data.substr(0, core_.random().below(data.size())));
    return admitted;
  }
  NATS_TRY_VOID(change(call));
  core_.fold_bytes(data);
  std::uint64_t end = offset + data.size();
  std::uint64_t growth = end > inode.data.size() ? end - inode.data.size() : 0;
  if (capacity_ != ~std::uint64_t{0} && growth > 0) {
    std::uint64_t used = used_bytes();
    std::uint64_t room = capacity_ > used ? capacity_ - used : 0;
    if (growth > room) {
      std::uint64_t missing = growth - room;
      if (missing < data.size()) put(inode, offset, data.substr(0, data.size() - missing));
      return sim_fail(call, ErrorCode::no_space);
    }
  }
  put(inode, offset, data);
  return {};
}

Result<void> SimDisk::sync_inode(Inode& inode, const std::string& path) {
  std::string call = "sync " + path;
  if (auto admitted = admit(DiskOperation::sync, path, call); !admitted) {
    for (auto& [page, dirty] : inode.dirty) dirty.lost = true;
    return admitted;
  }
  NATS_TRY_VOID(change(call));
  std::erase_if(inode.dirty, [](const auto& entry) { return !entry.second.lost; });
  inode.durable_size = inode.data.size();
  return {};
}

// Power.

void SimDisk::power_cut() {
  ++lives_;
  frozen_ = false;
  changes_left_ = ~std::uint64_t{0};
  auto mood = static_cast<unsigned>(core_.random().below(mood_count));
  settle_names(mood);
  settle_tree(*root_, mood);
}

void SimDisk::settle_names(unsigned mood) {
  // Within a directory changes reach the platter in order; once one is lost, so are the later ones.
  std::set<const Inode*> stopped;
  for (const NameChange& change : unsynced_names_) {
    bool lost = mood == lose_all || (mood != keep_all && core_.random().one_in(4));
    if (lost || change.touches(stopped)) {
      change.add_to(stopped);
    } else {
      apply(change, &Inode::durable_entries);
    }
  }
  unsynced_names_.clear();
}

void SimDisk::settle_tree(Inode& inode, unsigned mood) {
  if (!inode.directory) return settle_content(inode, mood);
  inode.entries = inode.durable_entries;
  for (auto& [name, child] : inode.entries) settle_tree(*child, mood);
}

void SimDisk::settle_content(Inode& inode, unsigned mood) {
  std::uint64_t written = inode.data.size();
  std::uint64_t size = written;
  if (mood == lose_all) {
    size = inode.durable_size;
  } else if (mood != keep_all && written != inode.durable_size) {
    // A size that shrank did so or did not; one that grew may have done so in part.
    std::uint64_t grown = written > inode.durable_size ? written - inode.durable_size : 0;
    std::uint64_t drawn[] = {written, inode.durable_size,
                             inode.durable_size + core_.random().below(grown + 1)};
    size = drawn[core_.random().below(3)];
  }
  inode.data.resize(std::max(written, inode.durable_size));
  for (auto& [page, dirty] : inode.dirty) {
    // So many sectors of the page are as written, the others as before.
    std::uint64_t new_sectors = sim_page_size / sim_sector_size;
    if (dirty.lost || mood == lose_all) {
      new_sectors = 0;
    } else if (mood != keep_all) {
      std::uint64_t drawn[] = {0, new_sectors, core_.random().below(new_sectors)};
      new_sectors = drawn[core_.random().below(3)];
    }
    std::uint64_t begin =
        std::min<std::uint64_t>(page * sim_page_size + new_sectors * sim_sector_size, inode.data.size());
    std::uint64_t end = std::min<std::uint64_t>((page + 1) * sim_page_size, inode.data.size());
    dirty.before.resize(sim_page_size);
    // Where the size does not shrink after all, there are the old bytes.
    if (end > written) begin = std::min(begin, std::max(written, page * sim_page_size));
    dirty.before.copy(inode.data.data() + begin, end - begin, begin - page * sim_page_size);
  }
  inode.data.resize(size);
  inode.durable_size = size;
  inode.dirty.clear();
}

// Damage.

std::uint64_t SimDisk::used_bytes() const {
  std::uint64_t total = 0;
  std::vector<const Inode*> waiting{root_.get()};
  while (!waiting.empty()) {
    const Inode* inode = waiting.back();
    waiting.pop_back();
    total += inode->data.size();
    for (const auto& [name, child] : inode->entries) waiting.push_back(child.get());
  }
  return total;
}

Result<void> SimDisk::flip_bit(std::string_view path, std::uint64_t bit) {
  Ref<Inode> inode = NATS_TRY(find(path, "open " + std::string(path)));
  if (bit / 8 >= inode->data.size())
    return sim_fail("read " + std::string(path), ErrorCode::invalid_argument);
  inode->data[bit / 8] = static_cast<char>(inode->data[bit / 8] ^ (1 << (bit % 8)));
  return {};
}

void SimDisk::collect_files(const std::string& path, Inode& inode,
                            std::vector<std::pair<std::string, Inode*>>& out) {
  if (!inode.directory) out.emplace_back(path, &inode);
  for (auto& [name, child] : inode.entries) collect_files(path + "/" + name, *child, out);
}

bool SimDisk::flip_random_bit(std::string_view part) {
  std::vector<std::pair<std::string, Inode*>> files;
  collect_files("", *root_, files);
  std::erase_if(files, [part](const auto& file) {
    return file.second->data.empty() || file.first.find(part) == std::string::npos;
  });
  if (files.empty()) return false;
  auto& [path, inode] = files[core_.random().below(files.size())];
  return flip_bit(path, core_.random().below(inode->data.size() * 8)).has_value();
}

}  // namespace nats::sys
