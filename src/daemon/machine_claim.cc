// SPDX-License-Identifier: Apache-2.0
#include "daemon/machine_claim.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/file.h"
#include "base/format.h"

namespace kprobed::daemon {

Result<UniqueFd> claim_machine(const tracefs::Tracefs& tracefs) {
  KPROBED_TRY(UniqueFd directory, open_file(tracefs.root(), O_RDONLY | O_DIRECTORY));
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error(errno, format("lock '{}'", tracefs.root()));
    return Error(ErrorCode::busy, "another kprobed is running on this machine")
        .with_hint("one is enough, also with another --socket");
  }
  return directory;
}

}  // namespace kprobed::daemon
