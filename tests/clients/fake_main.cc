// The fake server as a program, for clients in other languages: prints its address, and ends with its standard input.
#include <unistd.h>

#include <iostream>

#include "tests/clients/fake_server.h"

int main() {
  greffe::client::FakeServer server;
  server.AddDocument("demo", "SPC-0001", "specs/a.md", {"first\n", "second\n"});
  std::cout << server.address() << std::endl;
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
