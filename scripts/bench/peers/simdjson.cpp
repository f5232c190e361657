// Parses every document of a file of newline-delimited JSON on one thread and prints how many there were, and how many
// seconds of time and of processor time the parsing took, loading not included: the yardstick of scripts/bench. Built by: g++ -O3 -o simdjson simdjson.cpp -lsimdjson
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <ctime>

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: simdjson FILE\n");
    return 2;
  }
  simdjson::padded_string text;
  if (auto error = simdjson::padded_string::load(argv[1]).get(text)) {
    std::fprintf(stderr, "load: %s\n", simdjson::error_message(error));
    return 1;
  }
  // A first look at each page may cost a fault, in a virtual machine a dear one. That belongs to loading.
  volatile char seen = 0;
  for (size_t i = 0; i < text.size(); i += 4096) {
    seen = text.data()[i];
  }
  (void)seen;
  auto start = std::chrono::steady_clock::now();
  auto used = std::clock();
  simdjson::dom::parser parser;
#ifdef SIMDJSON_THREADS_ENABLED
  parser.threaded = false; // one thread, as announced
#endif
  simdjson::dom::document_stream docs;
  if (auto error = parser.parse_many(text).get(docs)) {
    std::fprintf(stderr, "parse_many: %s\n", simdjson::error_message(error));
    return 1;
  }
  size_t good = 0, bad = 0;
  for (auto doc : docs) {
    if (doc.error()) {
      bad++;
    } else {
      good++;
    }
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%zu documents, %zu errors\n", good, bad);
  std::printf("%.6f %.6f\n", took.count(), double(std::clock() - used) / CLOCKS_PER_SEC);
  return bad != 0;
}
