"""What is put around a block so that it compiles. README.md beside `run` tells the authors of blocks."""

import re
import subprocess

ELISION = "…"


def is_manifest(block):
    return block.lines[0].strip() == "// Package.swift"


def is_program(block):
    return block.lines[0].strip() == "import Carafe"


def program(block):
    return "\n".join([location(block.path, block.line), *map(filled, block.lines), ""])


def fragment(block):
    """A function of its own, in a file of its own."""
    # NIO's times (`.seconds(5)`) and a logger's metadata need no import where MemberImportVisibility is off, as it is in a reader's package.
    imports = [f"import {name}" for name in dict.fromkeys(["Carafe", "Logging", "NIOCore", *block.imports])]
    # An import is at the top of a file: an empty line keeps its place.
    code = ["" if re.match(r"import \w+", line) else filled(line) for line in block.lines]
    return "\n".join([
        *imports, f"func {block.name}() async throws {{", location(block.path, block.line), *code, "}", ""])


def filled(line):
    """The line with something that compiles in the place of each elision that is not in a comment or a text."""
    code, *comment = re.split(r"(?=\s//)", line, maxsplit=1)
    return re.sub(rf'("[^"]*")|{ELISION}', lambda match: match[1] or "fatalError()", code) + "".join(comment)


def location(path, line):
    return f'#sourceLocation(file: "{path}", line: {line})'


def manifest_faults(root, block, scratch):
    """The arguments of a package, as SwiftPM reads them; the products that it names are those that there are."""
    folder = scratch / "manifest"
    (folder / "Sources/MyApp").mkdir(parents=True, exist_ok=True)
    text = "\n".join(block.lines)
    (folder / "Package.swift").write_text(
        f'// swift-tools-version: 6.2\nimport PackageDescription\nlet package = Package(name: "MyApp",\n{text}\n)\n')
    done = subprocess.run(["swift", "package", "dump-package"], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        return [f"{block.path}:{block.line}: error: no manifest: {done.stderr}"]
    products = re.findall(r'\.library\(name: "(\w+)"', (root / "Package.swift").read_text())
    return [
        f"{block.path}:{block.line}: error: expected a product of Package.swift, found {name}"
        for name in re.findall(r'\.product\(name: "(\w+)", package: "carafe"', text) if name not in products]
