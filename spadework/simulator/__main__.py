"""Starts the vendor simulator: `python -m spadework.simulator --port 0 --seed 7`."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import orjson

from spadework.simulator.faults import Faults
from spadework.simulator.ledger import Ledger
from spadework.simulator.server import serve
from spadework.simulator.vendors import Simulation


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; prints one JSON line with `url` and `pid` once it listens."""
    options = _parser().parse_args(arguments)
    try:
        faults = _faults(options)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        import uvloop
    except ImportError:  # uvloop has no Windows build; the simulator is then merely slower
        return asyncio.run(_serve(options, faults))
    return uvloop.run(_serve(options, faults))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spadework.simulator", description=__doc__)
    defaults = Faults()
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="equal seeds give equal replies (%(default)s)")
    parser.add_argument("--ledger", type=Path, help="file that gets one durable JSON line per request and effect")
    parser.add_argument("--latency-ms", type=float, help="fixed latency; without it 40 to 250 ms, mostly low")
    for name in ("throttle_rate", "vendor_down_rate", "hang_rate", "lost_reply_rate"):
        default = getattr(defaults, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=default, help=f"share ({default:g})")
    parser.add_argument("--retry-after-seconds", type=float, default=defaults.retry_after_seconds)
    parser.add_argument("--out-of-credits-after", type=float, help="credits each vendor bills before it refuses")
    parser.add_argument("--fault", default="", help="one fault for every request, such as hang or rate_limited:2")
    parser.add_argument("--only", default="", help="the one vendor that rates and --fault apply to")
    return parser


def _faults(options: argparse.Namespace) -> Faults:
    wanted = {
        name: getattr(options, name)
        for name in (
            "latency_ms", "throttle_rate", "vendor_down_rate", "hang_rate", "lost_reply_rate",
            "retry_after_seconds", "out_of_credits_after", "fault", "only",
        )
        if getattr(options, name) is not None
    }  # fmt: skip
    return Faults().changed(wanted)


async def _serve(options: argparse.Namespace, faults: Faults) -> int:
    loop = asyncio.get_running_loop()
    try:
        ledger = Ledger(options.ledger, loop) if options.ledger else None
    except OSError as error:
        sys.stderr.write(f"The ledger {options.ledger} cannot be opened: {error.strerror}. Choose another file.\n")
        return 1
    simulation = Simulation(seed=options.seed, faults=faults)
    try:
        server, port = await serve(simulation, host=options.host, port=options.port, ledger=ledger)
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {options.host}:{options.port}: {error.strerror}. Choose another --port.\n")
        return 1
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    sys.stdout.buffer.write(orjson.dumps({"url": f"http://{options.host}:{port}", "pid": os.getpid()}) + b"\n")
    sys.stdout.flush()
    await stopped.wait()
    server.close()
    if ledger is not None:
        ledger.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
