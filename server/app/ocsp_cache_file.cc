#include "server/app/ocsp_cache_file.h"

#include <fmt/core.h>

#include "server/config/text.h"
#include "server/sys/files.h"

namespace nats::app {
namespace {

constexpr std::string_view file_name = "cache.json";
constexpr std::uint32_t directory_mode = 0750;
constexpr std::uint32_t file_mode = 0600;

Error worded(std::string_view path, const Error& error) {
  return {error.code, config::text::file_error_text(path, error)};
}

}  // namespace

OcspCacheFile::OcspCacheFile(sys::Ground& ground, Log& log, const config::OcspCacheOptions& options)
    : ground_(ground), log_(log), cache_(options, log) {
  if (options.local) ground_.loop(0).arm(*this, ground_.loop(0).now() + options.save_interval);
}

OcspCacheFile::~OcspCacheFile() { ground_.loop(0).disarm(*this); }

std::string OcspCacheFile::path() const {
  const std::string& store = cache_.options().local_store;
  std::string path = config::text::path_join(store.empty() ? "_rc_" : store, file_name);
  return path.starts_with('/') ? path : config::text::path_join(ground_.process().working_directory(), path);
}

void OcspCacheFile::start() {
  if (cache_.options().local) {
    log_.debug("Starting OCSP peer cache");
    load();
  }
  cache_.go_online();
  online_ = true;
}

void OcspCacheFile::stop() {
  if (cache_.options().local) log_.debug("Stopping OCSP peer cache");
  online_ = false;
  cache_.go_offline();
  ground_.loop(0).disarm(*this);
  save();
}

void OcspCacheFile::on_timer(Instant now) {
  log_.debug("OCSP peer cache save timer expired");
  save();
  ground_.loop(0).arm(*this, now + cache_.options().save_interval);
}

void OcspCacheFile::load() {
  log_.debug("Loading OCSP peer cache [{}]", path());
  Result<std::string> text = sys::read_file(ground_.files(), path());
  if (!text && text.error().code == ErrorCode::not_found) {
    log_.debug("No OCSP peer cache found, starting with empty cache");
    return;
  }
  if (!text) {
    log_.warning("Unable to load OCSP peer cache: {}", worded(path(), text.error()).detail);
    return;
  }
  if (Result<void> loaded = cache_.load(*text); !loaded)
    log_.warning("Unable to load OCSP peer cache: {}", loaded.error().detail);
}

// The file is small, and written once in some minutes at most.
void OcspCacheFile::save() {
  if (!cache_.options().local || !cache_.dirty()) return;
  log_.debug("OCSP peer cache is dirty, saving");
  log_.debug("Saving OCSP peer cache [{}]", path());
  std::string json = cache_.to_json();
  if (Result<void> written = write(json); !written) {
    log_.error("Unable to save OCSP peer cache: {}", written.error().detail);
    return;
  }
  cache_.note_saved();
  log_.debug("Saved OCSP peer cache successfully ({} bytes)", json.size());
}

// Aside, and then in the old one's place.
Result<void> OcspCacheFile::write(const std::string& json) {
  sys::Files& files = ground_.files();
  const std::string target = path();
  const std::string directory = target.substr(0, target.rfind('/'));
  const std::string& store = cache_.options().local_store.empty() ? directory : cache_.options().local_store;
  if (Result<sys::FileInfo> there = files.stat(directory);
      !there && there.error().code == ErrorCode::not_found) {
    // One level only: what is above must be there.
    std::string above = directory.substr(0, directory.rfind('/'));
    if (!above.empty() && !files.stat(above))
      return fail(ErrorCode::not_found, fmt::format("mkdir {}: no such file or directory", store));
    if (Result<void> made = files.make_directories(directory, directory_mode); !made)
      return fail(made.error().code, fmt::format("mkdir {}: {}", store, made.error().detail));
  }
  std::string aside = fmt::format("{}/ocsprc-{}", directory, ground_.entropy().next_u64() % 10'000'000'000);
  auto remove = [&](Error error) -> std::unexpected<Error> {
    static_cast<void>(files.remove(aside));  // it may not be there
    return std::unexpected(std::move(error));
  };
  auto file = files.open(aside, sys::OpenMode::create_new, file_mode);
  if (!file) return std::unexpected(worded(aside, file.error()));
  if (Result<void> written = (*file)->write_at(0, json); !written)
    return remove(worded(aside, written.error()));
  if (Result<void> synced = (*file)->sync(); !synced) return remove(worded(aside, synced.error()));
  if (Result<void> renamed = files.rename(aside, target); !renamed)
    return remove(
        {renamed.error().code, fmt::format("rename {} {}: {}", aside, target, renamed.error().detail)});
  return {};
}

}  // namespace nats::app
