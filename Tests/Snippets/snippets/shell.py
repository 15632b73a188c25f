"""The shell commands of documents, with the place where each stands, and what is shown of their answers."""

import dataclasses
import re

# Where prose shows code.
INLINE = re.compile(r"`((?:make|swift run) [^`]+)`")
# What a document says of a command, beside it.
DESCRIPTION = re.compile(r"\s+# .*$|\s{2,}\S.*$")
FENCE = re.compile(r"```(\w*)$")
SHELLS = "sh", "shell", "console"
# How an indented block of commands begins.
FIRST = re.compile(r" {4}(\$ |(make|swift|curl|git|docker|sudo) |\.?\w+/\S)")


@dataclasses.dataclass
class Command:
    path: str
    line: int
    chapter: int
    """Which of the document's chapters, each from one `##` heading to the next."""
    text: str
    is_inline: bool = False
    answer: list = dataclasses.field(default_factory=list)


def shell_commands(root, document):
    """Those of a Markdown file, or of the doc comments of a Swift file, in their order."""
    commands, block, chapter, fence, was_blank = [], None, 0, None, True
    for number, line in enumerate((root / document).read_text().splitlines(), 1):
        if document.suffix == ".swift":
            comment = re.match(r"\s*/// ?(.*)", line)
            line = comment[1] if comment else ""
        if found := FENCE.match(line.strip()):
            fence = None if fence is not None else found[1]
            block = [] if fence in SHELLS else None
        elif fence is not None:
            if block is not None:
                add(line, block, commands, Command(str(document), number, chapter, line))
        elif line.startswith("    ") and (block is not None or (was_blank and FIRST.match(line))):
            block = [] if block is None else block
            add(line[4:], block, commands, Command(str(document), number, chapter, line[4:]))
        else:
            block = None
            chapter += line.startswith("## ")
            commands += [Command(str(document), number, chapter, text, True) for text in INLINE.findall(line)]
        was_blank = not line.strip()
    return commands


def add(line, block, commands, command):
    """A block whose first line begins with `$ ` has answers: all lines that do not. Else each line is a command."""
    has_prompts = (block or [line])[0].startswith("$ ")
    continues = bool(block) and block[-1].endswith("\\")
    block.append(line)
    if continues:
        commands[-1].text = commands[-1].text.removesuffix("\\") + line.strip()
    elif has_prompts and not line.startswith("$ "):
        commands[-1].answer.append(line)
    elif line.strip():
        command.text = DESCRIPTION.sub("", line.removeprefix("$ ").strip())
        commands.append(command)
