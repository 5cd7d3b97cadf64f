#!/usr/bin/python3
"""Counts the results that meson wrote and prints the closing line; exits with 0 only when all that ran passed."""
import json
import sys


def main() -> int:
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    bad = []
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            result = test["result"]
            if result in ("OK", "EXPECTEDFAIL"):
                counts["passed"] += 1
            elif result == "SKIP":
                counts["skipped"] += 1
            else:
                counts["failed"] += 1
                bad.append(f"{result}: {test['name']}")
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as fuzz:
            for line in fuzz:
                for start, outcome in (("ok ", "passed"), ("not ok ", "failed"), ("SKIP ", "skipped")):
                    counts[outcome] += line.startswith(start)
    for line in bad:
        print(line)
    failed = counts["failed"] or int(sys.argv[2] != "0")
    print(f"{counts['passed']} passed, {failed} failed, {counts['skipped']} skipped")
    return 1 if failed or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
