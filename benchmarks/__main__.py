"""`make bench`: every benchmark in a process of its own, then the table and `results/latest.json`."""

import argparse
import json
import subprocess
import sys

from benchmarks import report

BENCHMARKS = (
    "enrich",
    "import_1m",
    "page_1m",
    "live_p95",
    "cold_start",
    "prompt_page",
    "pipeline_overhead",
    "live_steps_p95",
    "claims_merge_200",
    "llm_calls_per_core",
    "mask_mb_per_s",
    "mask_mb_per_s_browser",
    "merge_100k",
    "pyodide_ready",
    "builder_first_load",
    "sandbox_api_p95",
)


def main() -> int:
    """Run what was asked for; a benchmark that fails is named and the others go on."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help=f"of {', '.join(BENCHMARKS)}, with commas between")
    parser.add_argument("--quick", action="store_true", help="a fifth of the work; figures are rougher")
    options = parser.parse_args()
    wanted = [each for each in BENCHMARKS if not options.only or each in options.only.split(",")]
    results: list[report.Result] = []
    failed: list[str] = []
    for name in wanted:
        print(f"{name} …", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *(["--quick"] if options.quick else [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            failed.append(name)
            continue
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                found = json.loads(line)
                results.append(report.Result(**{key: found.get(key, "") for key in report.Result.__dataclass_fields__}))
    report.write(results)
    report.show(results)
    if failed:
        print(f"Failed: {', '.join(failed)}; the lines above say why.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
