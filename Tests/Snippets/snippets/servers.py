"""Runs the commands of documents: those that serve, on a free port, and what is asked of them."""

import os
import re
import subprocess
import tempfile
import threading

# What is not run here, by its beginning, with the reason.
NOT_RUN = {
    "make test": "this is a part of it",
    "make test-recovery": "minutes; make test has its short form",
    "make snippet-test": "this is it",
    "make lint": "a part of make test",
    "make format": "writes into the sources",
    "make conformance": "a quarter of an hour; make test has its short form",
    "make soak": "minutes; make test has its short form",
    "make fuzz": "minutes, and a build of its own",
    "make race-test": "half an hour",
    "make memory-test": "half an hour",
    "make plugin-test": "a part of make test",
    "make bench": "half an hour, on a machine that does nothing else",
    "Tests/Conformance/run": "as make conformance",
    "Tests/Soak/": "as make soak",
    "Tests/Fuzz/run": "as make fuzz",
    "Tests/Snippets/run": "this is it",
}
# Seconds. Only a fault waits so long.
PATIENCE = 90
ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|localhost)(?::\d+)?")


class Runner:
    """Runs a document's commands in their order."""

    def __init__(self, root, build):
        self.root, self.build = root, build
        self.server, self.chapter = None, None
        self.count = 0

    def faults(self, commands):
        try:
            return [
                f"{command.path}:{command.line}: error: {fault}"
                for command in commands if (fault := self.fault(command))]
        finally:
            self.stop()

    def fault(self, command):
        if any(command.text.startswith(beginning) for beginning in NOT_RUN):
            return None
        if command.chapter != self.chapter:
            self.stop()
            self.chapter = command.chapter
        self.count += 1
        if command.text.startswith(("make run", "swift run ")):
            return self.serve(command)
        if command.text.startswith("curl "):
            return self.ask(command)
        return f"expected make run, swift run, curl, or a command of NOT_RUN in servers.py, found {command.text}"

    def serve(self, command):
        """Starts a server; that of a block stays until its chapter ends or shows another."""
        if not command.is_inline:
            self.stop()
        server = Server(self.root, self.script(command.text))
        if server.address and not command.is_inline:
            self.server = server
            return None
        status = server.stop()
        if server.address:
            return None
        # It was asked for something else, such as its routes.
        return compare(command, server.said) if status == 0 else f"expected a server, found {server.said.strip()}"

    def script(self, text):
        """What a command does besides building, with the programs of the finished build and a free port."""
        if text.startswith("swift run "):
            lines = [f"{self.build}/{text.removeprefix('swift run ')}"]
        else:
            make = ["make", "--dry-run", "--no-print-directory", *text.split()[1:]]
            shown = subprocess.run(make, cwd=self.root, capture_output=True, text=True).stdout
            lines = [line for line in shown.splitlines() if not line.startswith("swift build ")]
            lines[-1] = lines[-1].replace(".build-release/release", str(self.build))
        folder = "$SCRATCH/"
        lines[-1] = re.sub(r"--store sqlite:\S+", f"--store sqlite:{folder}rooms.sqlite", lines[-1])
        # Of two options of one name the last counts.
        return "\n".join(["set -e", *lines[:-1], f"GUESTBOOK_FILE={folder}book.sqlite exec env {lines[-1]} --port 0"])

    def ask(self, command):
        if not self.server:
            return "expected a block with a server before it in its chapter"
        text = ADDRESS.sub(lambda _: self.server.address, command.text)
        done = subprocess.run(
            text.replace("curl ", f"curl -sSk --max-time {PATIENCE} ", 1), shell=True, capture_output=True, text=True)
        if done.returncode != 0:
            return f"expected an answer, found {done.stderr.strip()}"
        return compare(command, done.stdout)

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None


def compare(command, said):
    """The fault where a document shows another answer; `…` in it stands for anything."""
    expected = "\n".join(command.answer).strip()
    pattern = ".*".join(map(re.escape, expected.split("…")))
    if command.answer and not re.fullmatch(pattern, said.strip(), re.DOTALL):
        return f"expected the answer {expected}, found {said.strip()}"


class Server:
    """A program, once it listens or has ended."""

    address = None

    def __init__(self, root, script):
        self.folder = tempfile.TemporaryDirectory()
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            ["sh", "-c", script], cwd=root, env=os.environ | {"SCRATCH": self.folder.name},
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.said = ""
        limit = threading.Timer(PATIENCE, self.process.kill)
        limit.start()
        for line in self.process.stdout:
            self.said += line
            if address := re.search(r"listening on (https?://)\S+(:\d+)", line):
                self.address = f"{address[1]}127.0.0.1{address[2]}"
                break
        limit.cancel()

    def stop(self):
        """Gives the status with which it ended."""
        if self.address:
            self.process.terminate()
        status = self.process.wait()
        self.process.stdout.close()
        self.log.seek(0)
        self.said += self.log.read()
        self.log.close()
        self.folder.cleanup()
        return status
