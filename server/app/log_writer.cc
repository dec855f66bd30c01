#include "server/app/log_writer.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "server/app/log_text.h"
#include "server/gojson/go_quote.h"

namespace nats::app {
namespace {

constexpr std::uint32_t file_mode = 0640;

std::string_view directory_of(std::string_view path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

LogWriter::LogWriter(sys::Ground& ground, LogSettings settings)
    : ground_(ground),
      pid_prefix_(fmt::format("[{}] ", ground.process().pid())),
      colored_(ground.console().error_is_terminal()),
      settings_(std::move(settings)) {}

Result<std::unique_ptr<LogWriter>> LogWriter::open(sys::Ground& ground, LogSettings settings) {
  std::unique_ptr<LogWriter> writer(new LogWriter(ground, std::move(settings)));
  std::scoped_lock lock(writer->mutex_);
  NATS_TRY_VOID(writer->open_target());
  writer->begin_rotation();
  return writer;
}

std::string LogWriter::open_failure_line(const sys::Ground& ground, const Error& error) {
  WallTime now = ground.wall_now();
  return fmt::format("{} {}\n", log_time_to_the_second(now + ground.utc_offset(now)), error.detail);
}

WallTime LogWriter::local_now() const {
  WallTime now = ground_.wall_now();
  return now + ground_.utc_offset(now);
}

std::string LogWriter::line(LogLevel level, std::string_view message) const {
  std::string text = pid_prefix_;
  if (settings_.time) {
    text += log_time(settings_.utc ? ground_.wall_now() : local_now());
    text += ' ';
  }
  text += log_label(level, colored_ && settings_.file.empty());
  text += message;
  if (text.back() != '\n') text += '\n';
  return text;
}

void LogWriter::write(LogLevel level, std::string_view message) {
  std::scoped_lock lock(mutex_);
  if (syslog_) return syslog_->write(level, message);
  std::string text = line(level, message);
  if (file_)
    write_to_file(text);
  else
    ground_.console().write_error(text);
}

bool LogWriter::outlives_fatal() const {
  std::scoped_lock lock(mutex_);
  return syslog_ != nullptr;
}

Result<void> LogWriter::reconfigure(LogSettings settings) {
  std::scoped_lock lock(mutex_);
  LogSettings old = std::exchange(settings_, std::move(settings));
  if (Result<void> opened = open_target(); !opened) {
    settings_ = std::move(old);
    return opened;
  }
  begin_rotation();
  return {};
}

Result<void> LogWriter::reopen() {
  bool has_file = false;
  {
    std::scoped_lock lock(mutex_);
    has_file = !settings_.file.empty();
    if (has_file) {
      NATS_TRY_VOID(open_target());
      settings_.files_max = 0;
      begin_rotation();
    }
  }
  if (has_file)
    info("File log re-opened");
  else
    info("File log re-open ignored, not a file logger");
  return {};
}

Result<void> LogWriter::open_target() {
  std::unique_ptr<sys::File> file;
  std::unique_ptr<Syslog> syslog;
  std::int64_t size = 0;
  if (!settings_.file.empty()) {
    auto opened = ground_.files().open(settings_.file, sys::OpenMode::create, file_mode);
    Result<std::uint64_t> octets = opened ? (*opened)->size() : std::unexpected(opened.error());
    if (!octets) return fail(octets.error().code, "error opening file: " + octets.error().detail);
    file = std::move(*opened);
    size = static_cast<std::int64_t>(*octets);
  } else if (settings_.syslog || !settings_.remote_syslog.empty()) {
    syslog = NATS_TRY(Syslog::open(ground_, settings_.remote_syslog));
  }
  file_ = std::move(file);
  syslog_ = std::move(syslog);
  file_size_ = size;
  return {};
}

// The limit starts to hold: a file that is already past it is rotated at once. The reference does that
// before it knows how many files to keep.
void LogWriter::begin_rotation() {
  size_limit_ = settings_.size_limit;
  if (!file_ || size_limit_ <= 0 || file_size_ <= size_limit_) return;
  std::int64_t files_max = std::exchange(settings_.files_max, 0);
  write_to_file(line(LogLevel::info, "Rotating logfile..."));
  settings_.files_max = files_max;
}

void LogWriter::write_to_file(std::string_view text) {
  Result<void> written = file_->append(text);
  if (!written) {
    if (!std::exchange(write_failed_, true))
      ground_.console().write_error(
          fmt::format("{}Unable to write to the log file: {}\n", pid_prefix_, written.error().detail));
    return;
  }
  write_failed_ = false;
  file_size_ += static_cast<std::int64_t>(text.size());
  if (size_limit_ > 0 && file_size_ > size_limit_) rotate();
}

void LogWriter::rotate() {
  std::string backup = settings_.file + "." + rotation_stamp(local_now());
  // Whether it can be renamed is not asked, like in the reference: a file that was removed comes back so,
  // and where it may not be renamed it just goes on.
  (void)ground_.files().rename(settings_.file, backup);
  auto file = ground_.files().open(settings_.file, sys::OpenMode::create, file_mode);
  if (!file) {
    // The reference panics here. The old file goes on under its new name.
    return put_off_rotation(file.error());
  }
  file_ = std::move(*file);
  std::string message = "Rotated log, backup saved as " + gojson::go_quote(backup);
  file_size_ = static_cast<std::int64_t>(write_direct(LogLevel::info, message));
  size_limit_ = settings_.size_limit;
  if (settings_.files_max > 0) purge();
}

void LogWriter::put_off_rotation(const Error& error) {
  size_limit_ *= 2;
  write_direct(LogLevel::error,
               fmt::format("Unable to rotate the logfile ({}), will attempt next rotation at size {}",
                           error.detail, size_limit_));
}

// A line about the log itself. It ends as on Windows and shows local time whatever is configured.
std::size_t LogWriter::write_direct(LogLevel level, std::string_view message) {
  std::string text = pid_prefix_;
  if (settings_.time) text += log_time(local_now()) + ' ';
  text += log_label(level, false);
  text += message;
  text += "\r\n";
  Result<void> written = file_->append(text);
  if (!written) write_failed_ = true;
  return text.size();
}

// Removes the oldest rotated files beyond files_max, which counts the open file.
void LogWriter::purge() {
  std::string directory(directory_of(settings_.file));
  std::string prefix = std::string(name_of(settings_.file)) + ".";
  auto entries = ground_.files().list(directory);
  if (!entries) {
    write_direct(LogLevel::error,
                 fmt::format("Unable to read directory {} for log purge ({}), will attempt next rotation",
                             gojson::go_quote(directory), entries.error().detail));
    return;
  }
  std::vector<std::string> backups;
  for (const sys::FileInfo& entry : *entries)
    if (!entry.directory && entry.name.starts_with(prefix) &&
        is_rotation_stamp(std::string_view(entry.name).substr(prefix.size())))
      backups.push_back(entry.name);
  auto kept = static_cast<std::size_t>(settings_.files_max - 1);
  for (std::size_t i = 0; i + kept < backups.size(); ++i) {
    Result<void> removed = ground_.files().remove(directory + "/" + backups[i]);
    std::string quoted = gojson::go_quote(backups[i]);
    if (!removed) {
      write_direct(LogLevel::error,
                   fmt::format("Unable to remove backup log file {} ({}), will attempt next rotation", quoted,
                               removed.error().detail));
      return;
    }
    write_direct(LogLevel::info, fmt::format("Purged log file {}", quoted));
  }
}

}  // namespace nats::app
