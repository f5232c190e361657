// Parses every document of a file of newline-delimited JSON on one thread, loading included, and prints how many
// there were: the yardstick of scripts/bench. Built by: g++ -O3 -o simdjson simdjson.cpp -lsimdjson
#include <simdjson.h>

#include <cstdio>

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
  std::printf("%zu documents, %zu errors\n", good, bad);
  return bad != 0;
}
