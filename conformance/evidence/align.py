"""A golden and a replay side by side: events paired in order, leaves paired by their path."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

LEAF_PATH = re.compile(r'^\s*("(?:[^"\\]|\\.)*"|\S+)')
LOG_KEY_LENGTH = 16
CONTEXT = 40  # lines kept round a marked line when a trace is too long to show whole
ROWS_MAX = 4000


@dataclass
class Block:
    """An event with its leaves, or the head of the file."""

    head: str
    number: int
    leaves: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Side:
    number: int
    text: str


@dataclass
class Row:
    golden: Side | None
    replay: Side | None
    mark: str = ""  # "", "differs", "missing", "extra", "info"
    first: bool = False
    note: str = ""


def blocks(text: str) -> list[Block]:
    found = [Block("", 0)]
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("@"):
            found.append(Block(line, number))
        else:
            found[-1].leaves.append((number, line))
    return found


def actor_of(block: Block) -> str:
    return block.head.split(" ", 2)[1]


def event_key(block: Block) -> str:
    """Direction and frame; log lines by how they begin, because their order is free. Steps may move."""
    direction_and_frame = block.head.split(" ", 2)[2]
    if not direction_and_frame.startswith("#") or not block.leaves:
        return direction_and_frame
    return f"{direction_and_frame} {value_of(block.leaves[0][1])[:LOG_KEY_LENGTH]}"


def leaf_key(line: str) -> str:
    """The path: a word, or a JSON string where it holds blanks."""
    match = LEAF_PATH.match(line)
    return match[1] if match else line


def value_of(line: str) -> str:
    path = leaf_key(line)
    return line.strip().removeprefix(path).lstrip().partition(" ")[2]


def pair(left: list, right: list, key) -> list[tuple]:
    """Pairs of equal keys in order; what has no partner stands alone."""
    left_keys, right_keys = [key(item) for item in left], [key(item) for item in right]
    same = 0  # most of two traces is the same: only what follows needs a search
    while same < min(len(left), len(right)) and left_keys[same] == right_keys[same]:
        same += 1
    pairs = list(zip(left[:same], right[:same], strict=True))
    matcher = SequenceMatcher(None, left_keys[same:], right_keys[same:], autojunk=False)
    for tag, left_from, left_to, right_from, right_to in matcher.get_opcodes():
        ours, theirs = left[same + left_from : same + left_to], right[same + right_from : same + right_to]
        if tag == "equal":
            pairs += zip(ours, theirs, strict=True)
        else:
            pairs += [(item, None) for item in ours] + [(None, item) for item in theirs]
    return pairs


def side_by_side(golden: str, replay: str, differences: list[dict]) -> list[Row]:
    golden_head, *golden_events = blocks(golden)
    replay_head, *replay_events = blocks(replay)
    rows = leaf_rows(golden_head, replay_head, lambda leaf: " ".join(leaf[1].split()[:2]))
    for row in rows:
        row.mark = "info"  # conditions of the recording: never compared
    for left, right in paired_events(golden_events, replay_events):
        rows.append(Row(left and Side(left.number, left.head), right and Side(right.number, right.head)))
        rows += leaf_rows(left, right, lambda leaf: leaf_key(leaf[1]))
    mark(rows, differences)
    return rows


def paired_events(golden: list[Block], replay: list[Block]) -> list[tuple[Block | None, Block | None]]:
    """Actors are independent, so each is paired by itself; then in the golden's order, the replay's own where it stood."""
    pairs = []
    for actor in dict.fromkeys(actor_of(block) for block in [*golden, *replay]):
        left, right = ([block for block in side if actor_of(block) == actor] for side in (golden, replay))
        after = 0.0
        for one, other in pair(left, right, event_key):
            after = float(one.number) if one else after + 1e-6
            pairs.append((after, one, other))
    pairs.sort(key=lambda item: item[0])
    return [(one, other) for _, one, other in pairs]


def leaf_rows(left: Block | None, right: Block | None, key) -> list[Row]:
    pairs = pair(left.leaves if left else [], right.leaves if right else [], key)
    return [Row(golden and Side(*golden), replay and Side(*replay)) for golden, replay in pairs]


def mark(rows: list[Row], differences: list[dict]) -> None:
    """The judge says what differs and where; the text alone cannot, because goldens hold patterns."""
    by_golden = {row.golden.number: index for index, row in enumerate(rows) if row.golden}
    by_replay = {row.replay.number: index for index, row in enumerate(rows) if row.replay}
    for difference in differences:
        index = by_golden.get(difference["golden_line"], by_replay.get(difference["replay_line"]))
        if index is None:
            continue
        row = rows[leaf_index(rows, index, difference.get("path", ""))]
        row.mark = difference["what"] if difference["what"] in ("missing", "extra") else "differs"
        row.note = f"{row.note}\n{difference['line']}".strip()
        row.first = row.first or bool(difference.get("first"))


def leaf_index(rows: list[Row], index: int, path: str) -> int:
    """The judge may name the line of the event: the row of the leaf with that path stands below it."""
    if not path or not is_event(rows[index]):
        return index
    for at in range(index + 1, len(rows)):
        if is_event(rows[at]):
            break
        if any(side and leaf_key(side.text) == path for side in (rows[at].golden, rows[at].replay)):
            return at
    return index


def is_event(row: Row) -> bool:
    return any(side is not None and side.text.startswith("@") for side in (row.golden, row.replay))


def shortened(rows: list[Row]) -> list[Row | int]:
    """Long traces: what is near a marked line, and the number of lines left out between."""
    if len(rows) <= ROWS_MAX:
        return list(rows)
    keep = set(range(CONTEXT * 4))
    for index, row in enumerate(rows):
        if row.note:
            keep.update(range(index - CONTEXT, index + CONTEXT))
    shown: list[Row | int] = []
    hidden = 0
    for index, row in enumerate(rows):
        if index not in keep:
            hidden += 1
            continue
        if hidden:
            shown.append(hidden)
        hidden = 0
        shown.append(row)
    return shown + ([hidden] if hidden else [])
