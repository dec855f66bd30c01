"""Source files as the rules see them: includes with their lines, and code without comments and text."""

import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
NOISE = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}: {kind}{self.text}"


@dataclass(frozen=True)
class Include:
    line: int
    target: str
    angled: bool


@dataclass(frozen=True)
class Source:
    """One file of the work tree; `path` is relative to the root, with slashes."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def is_header(self) -> bool:
        return self.path.endswith(".h")

    @property
    def is_test(self) -> bool:
        return self.path.endswith(("_test.cc", "_fuzz.cc", "_bench.cc", "_test.h", "_for_test.h", "_fixture.h"))

    @cached_property
    def includes(self) -> list[Include]:
        return [
            Include(line_of(self.text, match.start(1)), match[2], match[1] == "<")
            for match in INCLUDE.finditer(self.text)
        ]

    @cached_property
    def code(self) -> str:
        """The text with comments, string and character literals blanked; lines keep their numbers."""
        return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), self.text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def listed_files(root: Path) -> list[str]:
    """Files that are committed or would be: what git does not ignore."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    output = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    return sorted(path for path in set(output.split("\0")) if path and (root / path).is_file())


def cxx_sources(root: Path, files: list[str]) -> list[Source]:
    return [
        Source(path, (root / path).read_text(encoding="utf-8"))
        for path in files
        if path.endswith((".h", ".cc"))
    ]
