"""The compiler, with the settings of the package, on the modules of a finished build."""

import os
import re
import shutil
import subprocess

# A fragment need not use all that it names; what comes after an elision is not reached.
HARMLESS = re.compile(r"never used|never read|never mutated|is unused|never be executed|was not used")


class Compiler:
    def __init__(self, root, build, scratch):
        self.root, self.build, self.scratch = root, build, scratch

    def check(self, module, files, *more):
        """The faults of a module of files by name; those in `more` stand beside them."""
        folder = self.scratch / module
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / f"{name}.swift").write_text(text)
        done = self.run(module, [*sorted(folder.glob("*.swift")), *more])
        lines = done.stderr.splitlines()
        # A fault in what a macro became has its place in the next line.
        faults = [
            line + (following if line.startswith("macro") else "")
            for line, following in zip(lines, [*lines[1:], ""]) if is_fault(line)]
        if done.returncode != 0 and not faults:
            faults = [done.stderr]
        return list(dict.fromkeys(faults))

    def check_mistakes(self, files):
        """The compiler must find what `expected-error` comments say there is, and nothing else."""
        if not files:
            return []
        done = self.run("Mistakes", files, "-Xfrontend", "-verify")
        return [done.stderr] if done.returncode != 0 else []

    def run(self, module, files, *options):
        library = [] if len(files) == 1 and files[0].name == "main.swift" else ["-parse-as-library"]
        command = ["swiftc", "-typecheck", "-wmo", "-module-name", module, *library, *self.settings(), *options, *files]
        return subprocess.run(list(map(str, command)), cwd=self.root, capture_output=True, text=True)

    def settings(self):
        manifest = (self.root / "Package.swift").read_text()
        for feature in re.findall(r'enableUpcomingFeature\("(\w+)"\)', manifest):
            yield from ("-enable-upcoming-feature", feature)
        yield from ("-swift-version", "6", "-I", self.build / "Modules", "-package-name", "snippets", "-Onone")
        yield from ("-module-cache-path", self.build / "ModuleCache")
        # The macros of Swift Testing.
        toolchain = os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("swiftc"))))
        yield from ("-plugin-path", f"{toolchain}/lib/swift/host/plugins/testing")
        for pattern in (
            ".build/checkouts/*/Sources/*/include/module.modulemap", ".build/checkouts/*/Sources/*/module.modulemap",
            "Sources/*/*/module.modulemap",
        ):
            for path in sorted(self.root.glob(pattern)):
                yield from ("-Xcc", f"-fmodule-map-file={path}")
        for path in sorted(self.build.glob("*.build/module.modulemap")):
            yield from ("-Xcc", f"-fmodule-map-file={path}")


def is_fault(line):
    return ": error: " in line or (": warning: " in line and not HARMLESS.search(line))
