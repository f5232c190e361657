"""Appends records as the Python producer does: for each one open with mode "a", write, flush, close.

usage: producer.py LOG < RECORDS    prints the seconds, and those of processor time, that the appending took
"""
import sys
import time

log, lines = sys.argv[1], sys.stdin.readlines()
start, used = time.perf_counter(), time.process_time()
for line in lines:
    with open(log, "a", encoding="utf-8") as f:
        f.write(line)
        f.flush()
print(time.perf_counter() - start, time.process_time() - used)
