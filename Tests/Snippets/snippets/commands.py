"""The commands that documents name: the targets of `make`, the programs of `swift run` and their options."""

import re
import subprocess

DOCUMENTS = "README.md", "CONTRIBUTING.md", "Sources/**/*.md", "Tests/*/README.md", "Benchmarks/*.md", "Examples/*/README.md"
# Where a document shows code: between backticks, or indented by four spaces.
CODE = re.compile(r"`([^`]+)`|^ {4}(.*)$")
COMMAND = re.compile(r"\b(make|swift run) ([\w-]+)((?: [^ #;&|]+)*)")


def faults_of_commands(root, build):
    """How many commands there are, and those that do not exist."""
    checked, faults = 0, []
    for path in sorted({path for pattern in DOCUMENTS for path in root.glob(pattern)}):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for code in CODE.finditer(line):
                for tool, name, rest in COMMAND.findall(code[1] or code[2]):
                    checked += 1
                    check = make_fault if tool == "make" else program_fault
                    if fault := check(root, build, name, rest.split()):
                        faults.append(f"{path.relative_to(root)}:{number}: error: {fault}")
    return checked, faults


def make_fault(root, build, target, variables):
    """`make` knows the target, and the Makefile uses the variables."""
    if subprocess.run(["make", "--dry-run", target, *variables], cwd=root, capture_output=True).returncode != 0:
        return f"expected a target of the Makefile, found `make {target}`"
    makefile = (root / "Makefile").read_text()
    for variable in variables:
        name = variable.split("=")[0]
        if "=" in variable and f"$({name})" not in makefile and f"$(if $({name})" not in makefile:
            return f"expected a variable of the Makefile, found {name}"


def program_fault(root, build, program, options):
    """The program is built, and its help names the options."""
    binary = build / program
    if not binary.exists():
        return f"expected a program of the package, found `swift run {program}`"
    flags = [option for option in options if option.startswith("--")]
    if not flags:
        return None
    shown = subprocess.run([binary, "--help"], capture_output=True, text=True, timeout=60).stdout
    for flag in flags:
        if not re.search(rf"{re.escape(flag.split('=')[0])}\b", shown):
            return f"expected an option of {program}, found {flag}"
