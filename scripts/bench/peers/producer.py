"""Appends records as the Python producer does: for each one open with mode "a", write, flush, close.

usage: producer.py LOG COUNT < RECORDS    prints the seconds that the appending took
"""
import itertools
import sys
import time

log, count = sys.argv[1], int(sys.argv[2])
lines = list(itertools.islice(sys.stdin, count))
start = time.perf_counter()
for line in lines:
    with open(log, "a", encoding="utf-8") as f:
        f.write(line)
        f.flush()
print(time.perf_counter() - start)
