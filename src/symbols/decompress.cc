// SPDX-License-Identifier: Apache-2.0
#include "symbols/decompress.h"

#include <algorithm>
#include <memory>

#include "base/format.h"
#include "base/text.h"

#if KPROBED_WITH_ZLIB
#include <zlib.h>
#endif
#if KPROBED_WITH_LZMA
#include <lzma.h>
#endif
#if KPROBED_WITH_ZSTD
#include <zstd.h>
#endif

namespace kprobed::symbols {

namespace {

constexpr std::size_t kFirstPiece = std::size_t{256} << 10;

/// Room for what comes out, which grows as it is needed: a file may claim any size.
class Output {
 public:
  explicit Output(std::size_t most_bytes) : most_(most_bytes) {}

  /// More room behind what is there; false if that is all there may be.
  bool grow() {
    const std::size_t bytes = std::min(most_, std::max(kFirstPiece, text_.size() * 2));
    if (bytes == text_.size()) return false;
    text_.resize(bytes);
    return true;
  }
  char* next() { return text_.data() + used_; }
  std::size_t room() const { return text_.size() - used_; }
  void took(std::size_t bytes) { used_ += bytes; }
  std::string take() {
    text_.resize(used_);
    return std::move(text_);
  }

 private:
  std::size_t most_, used_ = 0;
  std::string text_;
};

[[maybe_unused]] Error too_large(std::size_t most) {
  return Error(ErrorCode::too_long,
               format("it has more than {} MiB when it is decompressed", most >> 20));
}

[[maybe_unused]] Error damaged() {
  return Error(ErrorCode::malformed, "its compressed data is damaged or cut off");
}

[[maybe_unused]] Error not_built_in(std::string_view library, std::string_view suffix) {
  return Error(ErrorCode::unsupported,
               format("it is compressed ({}), and this kprobed was built without {}", suffix,
                      library))
      .with_hint(format("build kprobed where {} is installed with its headers", library));
}

#if KPROBED_WITH_ZLIB
Result<std::string> from_gzip(std::string_view in, std::size_t most) {
  z_stream stream{};
  constexpr int kGzipHeader = 16;
  if (::inflateInit2(&stream, MAX_WBITS + kGzipHeader) != Z_OK) return system_error(12, "inflate");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &::inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  Output out(most);
  while (true) {
    if (out.room() == 0 && !out.grow()) return too_large(most);
    const std::size_t room = out.room();
    stream.next_out = reinterpret_cast<Bytef*>(out.next());
    stream.avail_out = static_cast<uInt>(room);
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    out.took(room - stream.avail_out);
    if (status == Z_STREAM_END) return out.take();
    if (status != Z_OK) return damaged();
  }
}
#endif

#if KPROBED_WITH_LZMA
Result<std::string> from_xz(std::string_view in, std::size_t most) {
  // The kernel's own files have dictionaries of 1 or 2 MiB (scripts/Makefile.modinst); its decoder
  // takes no more than 64.
  constexpr std::uint64_t kMostMemory = std::uint64_t{80} << 20;
  lzma_stream stream = LZMA_STREAM_INIT;
  if (::lzma_stream_decoder(&stream, kMostMemory, 0) != LZMA_OK) return system_error(12, "lzma");
  const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> end(&stream, &::lzma_end);
  stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  stream.avail_in = in.size();
  Output out(most);
  while (true) {
    if (out.room() == 0 && !out.grow()) return too_large(most);
    const std::size_t room = out.room();
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.next());
    stream.avail_out = room;
    const lzma_ret status = ::lzma_code(&stream, stream.avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
    out.took(room - stream.avail_out);
    if (status == LZMA_STREAM_END) return out.take();
    if (status != LZMA_OK) return damaged();
  }
}
#endif

#if KPROBED_WITH_ZSTD
Result<std::string> from_zstd(std::string_view in, std::size_t most) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(::ZSTD_createDCtx(),
                                                                        &::ZSTD_freeDCtx);
  if (!context) return system_error(12, "zstd");
  constexpr int kMostWindowLog = 27;  // 128 MiB, what `zstd -d` takes without being told
  (void)::ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMostWindowLog);
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  Output out(most);
  while (true) {
    if (out.room() == 0 && !out.grow()) return too_large(most);
    ZSTD_outBuffer target{out.next(), out.room(), 0};
    const std::size_t before = source.pos;
    const std::size_t status = ::ZSTD_decompressStream(context.get(), &target, &source);
    if (::ZSTD_isError(status) != 0) return damaged();
    out.took(target.pos);
    if (status == 0 && source.pos == source.size) return out.take();
    if (target.pos == 0 && source.pos == before) return damaged();  // it wants more than there is
  }
}
#endif

}  // namespace

Compression compression_of(std::string_view first) {
  using namespace std::string_view_literals;
  if (first.starts_with("\x1f\x8b"sv)) return Compression::gzip;
  if (first.starts_with("\xfd"
                        "7zXZ\0"sv)) {
    return Compression::xz;
  }
  if (first.starts_with("\x28\xb5\x2f\xfd"sv)) return Compression::zstd;
  return Compression::none;
}

Result<std::string> decompress(std::string_view compressed, Compression how,
                               std::size_t most_bytes) {
  switch (how) {
    case Compression::gzip:
#if KPROBED_WITH_ZLIB
      return from_gzip(compressed, most_bytes);
#else
      return not_built_in("zlib", ".gz");
#endif
    case Compression::xz:
#if KPROBED_WITH_LZMA
      return from_xz(compressed, most_bytes);
#else
      return not_built_in("liblzma", ".xz");
#endif
    case Compression::zstd:
#if KPROBED_WITH_ZSTD
      return from_zstd(compressed, most_bytes);
#else
      return not_built_in("libzstd", ".zst");
#endif
    case Compression::none:
      break;
  }
  return std::string(compressed);
}

}  // namespace kprobed::symbols
