// SPDX-License-Identifier: Apache-2.0
#include "symbols/module_files.h"

#include <malloc.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::symbols {

namespace {

constexpr std::size_t kMostListBytes = std::size_t{16} << 20;
constexpr std::string_view kStillReading =
    "the files of modules that are not loaded are still being read";
constexpr std::size_t kShownSimilar = 3;

}  // namespace

bool is_still_reading(const Error& error) {
  return error.code == ErrorCode::busy && error.message == kStillReading;
}

ModuleFiles::ModuleFiles(std::string folder, Reading reading)
    : folder_(std::move(folder)), reading_(reading) {}

ModuleFiles::~ModuleFiles() { stop(); }

std::string ModuleFiles::running_folder() {
  utsname names{};
  ::uname(&names);
  return format("/lib/modules/{}", names.release);
}

Result<ModuleFiles::List> ModuleFiles::listing() {
  const std::string path = folder_ + "/modules.dep";
  struct stat status {};
  Listing fresh;
  if (::stat(path.c_str(), &status) != 0) {
    return Error(ErrorCode::unsupported,
                 format("which modules there are is not known: there is no '{}'", path));
  }
  fresh.seconds = status.st_mtim.tv_sec;
  fresh.nanoseconds = status.st_mtim.tv_nsec;
  fresh.bytes = status.st_size;
  {
    const std::lock_guard lock(mutex_);
    if (list_ && *list_ == fresh) return list_;
  }
  KPROBED_TRY(const std::string text, read_file(path, kMostListBytes));
  fresh.files = parse_modules_dep(text, folder_);
  auto list = std::make_shared<const Listing>(std::move(fresh));
  const std::lock_guard lock(mutex_);
  list_ = list;
  return list;
}

Result<ModuleImage> ModuleFiles::open(std::string_view module) {
  KPROBED_TRY(const List list, listing());
  const auto file = std::ranges::find(list->files, module, &ModuleFile::name);
  if (file == list->files.end()) {
    return Error(ErrorCode::not_found,
                 format("there is no module '{}': none is loaded, and no file in '{}' is one",
                        module, folder_));
  }
  auto image = ModuleImage::open(file->path);
  // A file that is listed and missing is another thing than a module that nobody knows.
  if (!image.ok() && image.error().code == ErrorCode::not_found) {
    return Error(ErrorCode::unsupported, image.error().message);
  }
  return image;
}

Result<resolve::ModuleSearch> ModuleFiles::modules_with(std::string_view function) {
  KPROBED_TRY(const List list, listing());
  std::shared_ptr<const ModuleIndex> index;
  {
    const std::lock_guard lock(mutex_);
    if (indexed_ && *indexed_ == *list) index = index_;
  }
  if (!index && reading_ == Reading::in_background) {
    KPROBED_TRY_VOID(read_in_background(list));
    return Error(ErrorCode::busy, std::string(kStillReading))
        .with_hint("try again in some seconds");
  }
  if (!index) {
    index = std::make_shared<const ModuleIndex>(ModuleIndex::build(list->files, stop_));
    const std::lock_guard lock(mutex_);
    indexed_ = list;
    index_ = index;
  }
  resolve::ModuleSearch found{.modules = {}, .unread = index->unread(), .why = index->why_unread()};
  for (const std::uint32_t file : index->may_have(function)) {
    const auto image = ModuleImage::open(list->files[file].path);
    bool has = false;
    if (image.ok()) image->each_function([&](std::string_view name) { has |= name == function; });
    if (has) found.modules.push_back(list->files[file].name);
  }
  return found;
}

Result<resolve::ModuleFunction> ModuleFiles::function_in(std::string_view module,
                                                         std::string_view function) {
  KPROBED_TRY(const ModuleImage image, open(module));
  resolve::ModuleFunction found;
  std::set<std::pair<std::size_t, std::string>> near;
  constexpr std::size_t kNear = 3;
  image.each_function([&](std::string_view name) {
    if (name == function) ++found.count;
    const std::size_t distance = edit_distance(name, function, kNear);
    if (distance > kNear || distance == 0) return;
    near.emplace(distance, name);
    if (near.size() > kShownSimilar) near.erase(std::prev(near.end()));
  });
  for (const auto& one : near) found.similar.push_back(one.second);
  return found;
}

Result<std::string> ModuleFiles::types_of(std::string_view module) {
  KPROBED_TRY(const ModuleImage image, open(module));
  const std::string release = folder_.substr(folder_.rfind('/') + 1);
  const std::string built_for = image.kernel_release();
  if (built_for != release) {
    // Its types are numbered on from those of that kernel.
    return Error(
        ErrorCode::unsupported,
        format("its file was built for the kernel '{}', not for '{}'", built_for, release));
  }
  return image.types();
}

Result<void> ModuleFiles::read_in_background(const List& list) {
  const std::lock_guard lock(mutex_);
  if (busy_ || stop_) return {};
  if (thread_.joinable()) thread_.join();  // it has ended: busy_ is false
  const auto read = [this, list] {
    auto index = std::make_shared<const ModuleIndex>(ModuleIndex::build(list->files, stop_));
    // What decompressing took is in pieces that would stay with the allocator.
    ::malloc_trim(0);
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard done(mutex_);
      if (!stop_) {
        indexed_ = list;
        index_ = std::move(index);
      }
      busy_ = false;
      waiting.swap(waiting_);
    }
    for (const auto& then : waiting) then();
  };
  try {
    thread_ = std::thread(read);
  } catch (const std::system_error& failed) {
    return system_error(failed.code().value(), "start a thread that reads modules' files");
  }
  busy_ = true;  // the thread waits for the lock before it says otherwise
  return {};
}

void ModuleFiles::when_read(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (busy_) {
      waiting_.push_back(std::move(then));
      return;
    }
  }
  then();
}

void ModuleFiles::stop() {
  stop_ = true;
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    thread.swap(thread_);
  }
  if (thread.joinable()) thread.join();
}

}  // namespace kprobed::symbols
