"""Turns the installed autobahntestsuite 25.10.1 (Python 2) into Python 3, in place.

`setup` runs it once, with the Python of the virtual environment, on freshly installed packages. Only what the fuzzing
client needs is converted: the cases, the case set and the fuzzing module.

How Python 2's byte strings are kept: every source file is read as Latin-1 and declared to be Latin-1, so each byte of a
string literal becomes the character with the same number, and "\\xed" stays "\\xed". A case therefore still builds,
cuts and joins its payloads octet by octet. The text becomes bytes, by Latin-1, in the one place where a case hands it
over to be sent; what comes in stays bytes. Text that is not octets cannot slip through: encoding it raises an error.

Every patch says how often it must apply, so a package that is not the expected one stops the set-up instead of giving
a suite that tests something else.
"""

import ast
import re
import sys
import sysconfig
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

warnings.simplefilter("ignore")  # lib2to3 is deprecated
from lib2to3.refactor import RefactoringTool  # noqa: E402

SITE = Path(sysconfig.get_path("purelib"))
SUITE = SITE / "autobahntestsuite"
FIXERS = ["lib2to3.fixes.fix_" + name for name in (
    "except", "has_key", "import", "print", "raise", "unicode", "xrange")]

# A new module of the suite: everything that stands between text and octets.
PY2STR = '''\
"""Python 2's byte strings for Python 3: text with one character per octet."""
import binascii


def octets(x):
    """Text, or lists and tuples with text in them, with the text as bytes."""
    if isinstance(x, str):
        return x.encode('latin-1')
    if isinstance(x, (list, tuple)):
        return [octets(y) for y in x]
    return x


def b2a_hex(x):
    return binascii.b2a_hex(octets(x)).decode('ascii')


def text(x):
    """Octets that are to be read by people (in a report)."""
    return octets(x).decode('utf-8', 'replace')


class SendsText:
    """Lets a case give text where the protocol below wants bytes."""

    def sendFrame(self, opcode, payload=b'', *args, **kwargs):
        return super().sendFrame(opcode, octets(payload), *args, **kwargs)

    def sendMessage(self, payload, *args, **kwargs):
        return super().sendMessage(octets(payload), *args, **kwargs)

    def sendMessageFrameData(self, payload, *args, **kwargs):
        return super().sendMessageFrameData(octets(payload), *args, **kwargs)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        return super().sendCloseFrame(code, octets(reasonUtf8), isReply)
'''

IMPORT_PY2STR = "from autobahntestsuite import py2str"

# (file, what to find, what to put there, how many times); plain text.
PATCHES = [
    # The library: an integer division in sendFrame(payload_len=...), and what
    # Python 2 took for UTF-8 in a close reason that has been refused already.
    ("autobahn/websocket/protocol.py",
     "range(payload_len / len(payload))", "range(payload_len // len(payload))", 1),
    ("autobahn/websocket/protocol.py",
     "reasonRaw.decode('utf8')", "reasonRaw.decode('utf8', 'surrogatepass')", 1),

    # The package itself: do not import the modes that are not converted.
    *[("autobahntestsuite/__init__.py", "\nimport %s" % name, "\n# import %s" % name, 1)
      for name in ("choosereactor", "wstest", "echo", "broadcast", "testee", "case\n",
                   "caseset", "report", "spectemplate", "fuzzing", "massconnect")],

    # Case 9.9.1 is switched off in the suite; its module cannot be imported.
    ("autobahntestsuite/case/__init__.py",
     "from case9_9_1 import *", "# from case9_9_1 import *", 1),

    # Pickles of equal things need not be equal: compare the things.
    ("autobahntestsuite/case/case.py", "import pickle\n", IMPORT_PY2STR + "\n", 1),
    ("autobahntestsuite/case/case.py", "pickle.dumps(obj1) == pickle.dumps(obj2)",
     "py2str.octets(obj1) == py2str.octets(obj2)", 1),

    ("autobahntestsuite/case/case6_x_x.py",
     "v.validate(vss[:i])", "v.validate(py2str.octets(vss[:i]))", 1),
    ("autobahntestsuite/case/case10_1_1.py",
     "len(self.payload) / self.p.", "len(self.payload) // self.p.", 1),

    # The client, without TLS, with a JSON report only.
    ("autobahntestsuite/fuzzing.py", "import os, json, binascii, time,",
     IMPORT_PY2STR + "\nimport os, json, time,", 1),
    ("autobahntestsuite/fuzzing.py", "binascii.b2a_hex(", "py2str.b2a_hex(", 5),
    ("autobahntestsuite/fuzzing.py", "\nfrom report import", "\nif False: from report import", 1),
    ("autobahntestsuite/fuzzing.py", "import reactor, ssl\n", "import reactor\n", 1),
    ("autobahntestsuite/fuzzing.py", "= ssl.ClientContextFactory()", "= None", 1),
    ("autobahntestsuite/fuzzing.py", '   ellipses = " ..."\n   try:\n',
     '   ellipses = b" ..."\n   data = py2str.octets(data)\n   try:\n', 1),
    ("autobahntestsuite/fuzzing.py", "p = ''.join(payload)", "p = b''.join(payload)", 1),
    ("autobahntestsuite/fuzzing.py", '": self.Case.DESCRIPTION,',
     '": py2str.text(self.Case.DESCRIPTION),', 1),
    ("autobahntestsuite/fuzzing.py", "json.dumps(case, sort_keys = True,",
     "json.dumps(case, default = py2str.text, sort_keys = True,", 1),
    ("autobahntestsuite/fuzzing.py", "def createReports(self, produceHtml = True,",
     "def createReports(self, produceHtml = False,", 1),
    ("autobahntestsuite/fuzzing.py",
     "class FuzzingClientProtocol(FuzzingProtocol, WebSocketClientProtocol):",
     "class FuzzingClientProtocol(FuzzingProtocol, py2str.SendsText, WebSocketClientProtocol):", 1),
]

# Patches for whatever case file has the text.
CASE_PATCHES = [
    # Both bases are new-style classes now, and "object" has to come last.
    ("(object, Case, )", "(Case, )"),
    ("import binascii\n", "import binascii\n" + IMPORT_PY2STR + "\n"),
    ("binascii.b2a_hex(", "py2str.b2a_hex("),
]
CASE_PATCHES_TOTAL = {"(object, Case, )": 6, "binascii.b2a_hex(": 23, "import binascii\n": 13}


def fail(why: str) -> NoReturn:
    sys.exit("port.py: " + why)


def main() -> None:
    for package, wanted in (("autobahntestsuite", "25.10.1"), ("autobahn", "0.10.9")):
        if version(package) != wanted:
            fail(f"expected {package} {wanted}, found {version(package)}")
    if (SUITE / "py2str.py").exists():
        fail("the suite is already converted; install it afresh first")

    cases = sorted((SUITE / "case").glob("*.py"))
    cases.remove(SUITE / "case" / "case9_9_1.py")
    convert = [SUITE / "__init__.py", SUITE / "caseset.py",
               SUITE / "fuzzing.py", *cases]
    sources = {path: path.read_text("latin-1")
               for path in [*convert, SITE / "autobahn/websocket/protocol.py"]}

    for file, old, new, times in PATCHES:
        found = sources[SITE / file].count(old)
        if found != times:
            fail(f"expected {old!r} {times} times in {file}, found it {found} times")
        sources[SITE / file] = sources[SITE / file].replace(old, new)

    total = dict.fromkeys(CASE_PATCHES_TOTAL, 0)
    for path in cases:
        for old, new in CASE_PATCHES:
            total[old] += sources[path].count(old)
            sources[path] = sources[path].replace(old, new)
    if total != CASE_PATCHES_TOTAL:
        fail(f"expected {CASE_PATCHES_TOTAL!r} in the cases, found {total!r}")

    tool = RefactoringTool(FIXERS)
    for path in convert:
        source = re.sub(r'\A# coding=utf-8\n', "", sources[path])
        source = source if source.endswith("\n") else source + "\n"
        source = str(tool.refactor_string(source, str(path)))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Div):
                fail(f"a division is left in {path}")
        sources[path] = "# coding=latin-1\n" + source

    # Write only now, when everything has worked.
    (SUITE / "py2str.py").write_text(PY2STR)
    for path, source in sources.items():
        path.write_text(source, "latin-1")


if __name__ == "__main__":
    main()
