// SPDX-License-Identifier: Apache-2.0
// client [N]: prints N events (10) as the daemon sends them.
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
  long left = argc > 1 ? std::atol(argv[1]) : 10;
  const char* path = std::getenv("KPROBED_SOCKET");
  if (path == nullptr) path = "/run/kprobed/kprobed.sock";
  sockaddr_un address{AF_UNIX, {}};
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  constexpr char kSubscribe[] = "{\"id\":1,\"method\":\"subscribe\"}\n";
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::send(fd, kSubscribe, sizeof kSubscribe - 1, MSG_NOSIGNAL) < 0) {
    return std::perror(path), 1;
  }
  FILE* daemon = ::fdopen(fd, "r");
  char* line = nullptr;
  for (size_t size = 0; left > 0 && ::getline(&line, &size, daemon) > 0;) {
    if (std::strstr(line, "\"type\":\"event\"") == nullptr) continue;
    std::fputs(line, stdout);
    std::fflush(stdout);
    --left;
  }
}
