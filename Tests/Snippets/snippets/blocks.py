"""The Swift blocks of a document, with the place where each stands."""

import dataclasses
import pathlib
import re


@dataclasses.dataclass
class Block:
    """One fenced block, from ```swift to ```."""

    path: str
    """The document, below the package's folder."""
    line: int
    """The line of the block's first line of code, from 1."""
    lines: list
    imports: list
    """What it sees: the modules that its document's chapter has imported so far, itself included."""

    @property
    def name(self):
        return f"{pathlib.Path(self.path).stem.replace('+', '_')}_{self.line}"


def documents(root):
    """The documents whose blocks are checked, as paths below the package's folder."""
    sources = sorted(path.relative_to(root) for path in (root / "Sources").rglob("*.swift"))
    guides = sorted(path.relative_to(root) for path in (root / "Sources").rglob("*.docc/*.md"))
    return [pathlib.Path("README.md"), *guides, *sources]


def swift_blocks(root, document):
    """The Swift blocks of a Markdown file, or of the doc comments of a Swift file."""
    is_source = document.suffix == ".swift"
    # The blocks of a module's own doc comments need no import of it.
    first_imports = [document.parts[2]] if is_source else []
    blocks, block, imports = [], None, list(first_imports)
    for number, line in enumerate((root / document).read_text().splitlines(), 1):
        if is_source:
            comment = re.match(r"\s*/// ?(.*)", line)
            line = comment[1] if comment else ""
        if block is not None:
            if line.strip() == "```":
                imports += [name for name in imported(block.lines) if name not in imports]
                block.imports = list(imports)
                blocks.append(block)
                block = None
            else:
                block.lines.append(line)
        elif line.strip() == "```swift":
            block = Block(str(document), number + 1, [], [])
        elif line.startswith("## "):
            imports = list(first_imports)
    return blocks


def imported(lines):
    return [match[1] for line in lines if (match := re.match(r"import (\w+)", line))]
