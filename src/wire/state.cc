// SPDX-License-Identifier: Apache-2.0
#include "wire/state.h"

#include "base/format.h"
#include "wire/field_reader.h"
#include "wire/field_writer.h"
#include "wire/fields.h"

namespace kprobed::wire {

std::string encode_state(const StateFile& state) {
  std::string out;
  FieldWriter(out).write(state);
  return out + '\n';
}

Result<StateFile> decode_state(std::string_view text) {
  if (text.size() > kMaxStateBytes)
    return Error(ErrorCode::too_long, format("a state file has {} bytes at most", kMaxStateBytes));
  KPROBED_TRY(const Object object, parse_object(text, {.depth = 8, .values = 1'000'000}));
  // The version first: of another one nothing else is promised.
  ReadState state{.error = {}, .code = ErrorCode::malformed};
  int version = 0;
  FieldReader(object, "", state).required("version", version);
  if (state.error) return *std::move(state.error);
  if (version != kStateVersion)
    return Error(ErrorCode::unsupported,
                 format("a state file of version {}, not {}", version, kStateVersion));
  return read_fields<StateFile>(object, "", ErrorCode::malformed);
}

}  // namespace kprobed::wire
