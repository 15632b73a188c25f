"""Runs the suite's fuzzing client against a server of ours and says what came of it.

Started by `run`, with the Python that has the converted suite.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

from autobahntestsuite import fuzzing
from twisted.internet import reactor
from twisted.python import log

from cases import UnknownCase, all_cases, matching, sample
from summary import Results, group, render

# The soak has the server program in its hands as well.
sys.path.append(str(Path(__file__).parents[1] / "Soak"))
from harness.server import Server  # noqa: E402


# The suite gives a server one second for most of what it must do, of which a busy machine may take several.
PATIENCE = 20
kill_after = fuzzing.FuzzingProtocol.killAfter
fuzzing.FuzzingProtocol.killAfter = lambda protocol, seconds: kill_after(protocol, seconds * PATIENCE)


class Client(fuzzing.FuzzingClientFactory):
    """The suite's client, telling about each case as it ends."""

    def __init__(self, specification: dict, results: Results, say: Callable[[str], None]):
        self.results, self.say = results, say
        self.last = time.monotonic()
        super().__init__(specification)
        self.setProtocolOptions(openHandshakeTimeout=5 * PATIENCE, closeHandshakeTimeout=PATIENCE,
                                serverConnectionDropTimeout=PATIENCE)

    def logCase(self, result: dict) -> None:
        if self.results.stopped:
            return
        super().logCase(result)
        case, behavior, close = result["id"], result["behavior"], result["behaviorClose"]
        now = time.monotonic()
        self.results.seconds[group(case)] += now - self.last
        self.last = now
        self.results.outcomes[case] = behavior, close
        if not self.results.has_passed(case):
            self.say(f"{case}: {behavior}, close: {close} ({result['result']})")

    def clientConnectionLost(self, connector, reason) -> None:
        if not self.results.stopped:
            super().clientConnectionLost(connector, reason)

    def clientConnectionFailed(self, connector, reason) -> None:
        if not self.results.stopped:
            self.results.stopped = f"cannot connect: {reason.getErrorMessage()}"
            super().clientConnectionFailed(connector, reason)

    def limit_reached(self, seconds: float) -> None:
        self.results.stopped = f"the limit of {seconds:g} seconds is reached"
        self.createReports()
        reactor.stop()

    def log_event(self, event: dict) -> None:
        """An exception in this program says nothing about the server, but hides what the case would have said."""
        if event.get("isError"):
            failure = event.get("failure")
            why = failure.getErrorMessage() if failure else log.textFromEventDict(event)
            self.results.faults.append(f"exception in the client, case {getattr(self, 'currentCaseId', '?')}: {why}")


def main() -> int:
    options = parse_options()
    results = Results(options.chosen)
    with contextlib.ExitStack() as stack:
        out = options.out or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        out.mkdir(parents=True, exist_ok=True)
        server = stack.enter_context(Server(options.server))
        run(server.url + options.path, results, out, options.limit)
        results.faults += server.faults_when_idle() + server.stop()
    print(render(results))
    return 0 if results.failed == 0 else 1


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description="Runs the Autobahn WebSocket test suite, strictly.")
    parser.add_argument("server", metavar="SERVER_BINARY", help="the TestServer program")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--cases", metavar="GLOBS", default="*", help="cases to run, such as 1.*,7.1.* (default: all)")
    which.add_argument("--sample", action="store_true", help="the quick selection of sample.txt")
    parser.add_argument("--exclude", metavar="GLOBS", default="", help="cases to leave out, such as 12.*,13.*")
    parser.add_argument("--path", default="/echo", help="what echoes: /echo, /takeover or /plain")
    parser.add_argument("--limit", metavar="SECONDS", type=float,
                        help="stop after that time; what was not run counts as failed")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for the JSON report and the client's log")
    options = parser.parse_args()
    try:
        chosen = matching(sample() if options.sample else options.cases.split(","))
        chosen -= matching([pattern for pattern in options.exclude.split(",") if pattern])
    except UnknownCase as error:
        parser.error(str(error))
    options.chosen = [case for case in all_cases() if case in chosen]
    if not options.chosen:
        parser.error("no case is left to run")
    return options


def run(url: str, results: Results, out: Path, limit: float | None) -> None:
    stdout = sys.stdout
    with open(out / "log.txt", "w") as logfile, contextlib.redirect_stdout(logfile):
        log.startLogging(logfile, setStdout=False)
        specification = {"outdir": str(out), "cases": results.cases,
                         "servers": [{"agent": "server", "url": url.replace("http:", "ws:")}]}
        client = Client(specification, results, lambda line: print(line, file=stdout, flush=True))
        log.addObserver(client.log_event)
        if limit:
            reactor.callLater(limit, client.limit_reached, limit)
        reactor.run()


if __name__ == "__main__":
    sys.exit(main())
