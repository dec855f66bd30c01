#!/usr/bin/env python3
"""Makes the rows in rows/*.csv from a contract folder.

usage: conformance/contracts/import.py CONTRACT_FOLDER [--into FOLDER]

A row is one promise of the reference. README.md says how ids are made; the order is that of the ids,
so that a new release of the contract shows as a small diff.
"""

import argparse
import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

HERE = Path(__file__).resolve().parent
GENERATOR = "conformance/contracts/import.py"


@dataclass(frozen=True)
class Row:
    id: str
    area: str
    observability: str
    source: str
    promise: str


def plain(text: str) -> str:
    """A text of the reference as an id: without verbs of Go formats, commas and the quotes around nothing."""
    text = re.sub(r"""(["']?)%[a-zA-Z]\1""", " ", text).replace(",", " ").replace('"', "")
    return re.sub(r"\s+([):.]|$)", r"\1", " ".join(text.split())).rstrip(" :-.")


def brief(*parts: object) -> str:
    """Facts in one line; what is absent leaves no trace."""
    return "; ".join(" ".join(str(part).split()) for part in parts if part not in (None, "", []))


def listed(area: str, row_id: str, source: str, *facts: object) -> Row:
    return Row(row_id, area, "wire", source, brief(*facts))


def go_tests(folder: Path) -> Iterator[Row]:
    with (folder / "go-tests.csv").open(newline="") as stream:
        tests = [test for test in csv.DictReader(stream) if test["kind"] == "Test"]
    uses = Counter(test["name"] for test in tests)
    for test in tests:
        place = "" if uses[test["name"]] == 1 else test["file"].removesuffix("_test.go") + "/"
        yield Row(f"go:{place}{test['name']}", test["area"], test["observability"], test["file"], "")


def api_errors(contract: dict) -> Iterator[Row]:
    for error in contract["errors"]:
        unused = "never emitted" if error.get("emitted") is False else None
        facts = (error["constant"], f"code {error['code']}", error["description"], unused)
        yield listed("api-errors", f"api-error:{error['error_code']}", "error-codes.json", *facts)


def option_paths(block: str) -> list[str]:
    """Where a block stands, without brackets and names that users choose; "a|b" and "a / b" are two places."""
    places = []
    for place in block.split(" / "):
        path = re.sub(r"\.?<\w+>|[{}\[\]]", "", place)
        head, _, last = path.rpartition(".")
        places += [f"{head}.{name}" if head else name for name in last.split("|")]
    return places


def options(contract: dict) -> Iterator[Row]:
    for key in contract["keys"]:
        default = f"default {json.dumps(key['default'])}" if "default" in key else None
        aliases = f"aliases {', '.join(key['aliases'])}" if key.get("aliases") else None
        reload = f"reload {key['reload']}" if "reload" in key else None
        for path in option_paths(key["block"]):
            name = f"{path}.{key['key']}" if path else key["key"]
            facts = (key["type"], default, aliases, reload, key.get("note"))
            yield listed("options", f"option:{name}", "config-keys.json", *facts)


def flags(contract: dict) -> Iterator[Row]:
    for flag in contract["flags"]:
        facts = (" ".join(flag["flags"]), flag["type"], flag["what"])
        yield listed("flags", f"flag:{flag['flags'][0]}", "cli-flags.json", *facts)


def signals(contract: dict) -> Iterator[Row]:
    for signal in contract["signals"]["os"]:
        name = signal["signal"].removeprefix("SIG")
        yield listed("signals", f"signal:{name}", "cli-flags.json", signal["action"])


def endpoints(contract: dict) -> Iterator[Row]:
    source = "monitoring.json"
    for endpoint in contract["endpoints"]:
        path = endpoint["path"]
        yield listed("endpoints", f"endpoint:{path}", source, endpoint.get("response"), *endpoint.get("notes", []))
        for param in endpoint["params"]:
            facts = (param["type"], f"default {json.dumps(param.get('default'))}", param.get("note"))
            yield listed("endpoint-params", f"param:{path}/{param['name']}", source, *facts)
        for field in endpoint.get("fields", []):
            absent = "absent when empty" if field.get("omitempty") else None
            yield listed("endpoint-fields", f"field:{path}/{field['path']}", source, field["type"], absent)


def subjects(contract: dict) -> Iterator[Row]:
    source = "system-subjects.json"
    for request in contract["sys_requests"]:
        for name in request.get("names", [""]):
            subject = request["subject"].replace("{NAME}", name)
            yield listed("subjects", f"subject:{subject}", source, "request", request.get("responders"))
    for group, kind in (("sys_events", "event"), ("js_api", "API"), ("js_advisories", "advisory")):
        for entry in contract[group]:
            name = entry.get("type") or entry.get("event_type") or entry.get("response_type")
            yield listed("subjects", f"subject:{entry['subject']}", source, kind, name, entry.get("note"))


def client_protocol(contract: dict) -> Iterator[Row]:
    source = "protocol.json"
    for op in contract["client"]["ops"]:
        yield listed("client-ops", f"op:{op['op']}", source, op["dir"], op["grammar"], op.get("note"))
    for field in contract["client"]["info_fields"]:
        for_clients = "client" in field["in"]
        area, prefix = ("info-fields", "info") if for_clients else ("link-info-fields", "link-info")
        facts = (field["type"], "in " + ", ".join(field["in"]), field.get("note"))
        yield listed(area, f"{prefix}:{field['field']}", source, *facts)
    for field in contract["client"]["connect_fields"]:
        yield listed("connect-fields", f"connect:{field['field']}", source, field["type"], field.get("note"))


def headers(contract: dict) -> Iterator[Row]:
    source = "protocol.json"
    for header in contract["headers"]:
        yield listed("headers", f"header:{header['header']}", source, header["direction"], header["meaning"])
    for status in contract["status_messages"]:
        code, _, text = status["status_line"].removeprefix("NATS/1.0 ").partition(" ")
        row_id = f"header-status:{code} {plain(text)}".rstrip()
        yield listed("header-status", row_id, source, status["status_line"], status["where"], status.get("when"))


def link_ops(contract: dict) -> Iterator[Row]:
    for op in contract["server_links"]["ops"]:
        for name in op["op"].split(", "):
            for kind in op["kinds"]:
                yield listed("link-ops", f"link-op:{kind}/{name}", "protocol.json", op["grammar"], op.get("note"))


def client_errors(contract: dict) -> Iterator[Row]:
    source = "protocol-errors.json"
    for error in contract["client_err"]:
        if not error["text"].startswith("("):  # "(none sent)"
            closes = "closes" if error["closes"] else "stays open"
            facts = (error["text"], f"to {error['to']}", closes, error.get("when"))
            yield listed("client-errors", f"err:{plain(error['text'])}", source, *facts)
    for reason in contract["closed_reasons"]:
        if not reason["name"].startswith("("):  # "(unset)"
            yield listed("closed-reasons", f"closed:{reason['text']}", source, reason["name"])


# file of the contract -> the lists in it
LISTS = {
    "error-codes.json": [api_errors],
    "config-keys.json": [options],
    "cli-flags.json": [flags, signals],
    "monitoring.json": [endpoints],
    "system-subjects.json": [subjects],
    "protocol.json": [client_protocol, headers, link_ops],
    "protocol-errors.json": [client_errors],
}


def collect(folder: Path) -> list[Row]:
    rows = list(go_tests(folder))
    for name, makers in LISTS.items():
        contract = json.loads((folder / name).read_text())
        for maker in makers:
            rows += merged(maker(contract))
    check_ids(rows)
    return rows


def merged(rows: Iterable[Row]) -> list[Row]:
    """The same text in several situations is one row that names them all."""
    by_id: dict[str, Row] = {}
    for row in rows:
        known = by_id.get(row.id)
        if known is None:
            by_id[row.id] = row
        elif row.promise != known.promise:
            promise = f"{known.promise} | {row.promise}"
            by_id[row.id] = Row(row.id, row.area, row.observability, row.source, promise)
    return list(by_id.values())


def check_ids(rows: list[Row]) -> None:
    """An id stands in a script's line and in the first column: words, without quotes and commas."""
    for row_id, count in Counter(row.id for row in rows).items():
        if count > 1:
            sys.exit(f"import.py: two rows have the id {row_id}")
        if not re.fullmatch(r"[a-z-]+:[^\s\",]+( [^\s\",]+)*", row_id):
            sys.exit(f"import.py: not fit for an id: {row_id}")


def write(rows: list[Row], folder: Path) -> None:
    """One file for each prefix of ids."""
    folder.mkdir(parents=True, exist_ok=True)
    by_prefix: dict[str, list[Row]] = {}
    for row in rows:
        by_prefix.setdefault(row.id.partition(":")[0], []).append(row)
    for prefix, group in by_prefix.items():
        sources = sorted({row.source for row in group})
        origin = "go-tests.csv" if prefix == "go" else ", ".join(sources)
        with (folder / f"{prefix}.csv").open("w", newline="") as stream:
            stream.write(f"# generated by {GENERATOR} from {origin} of a contract folder\n")
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(field.name for field in fields(Row))
            writer.writerows(astuple(row) for row in sorted(group, key=lambda row: row.id))


def main() -> None:
    parser = argparse.ArgumentParser(prog=GENERATOR, description="Makes rows/*.csv from a contract folder.")
    parser.add_argument("contract", type=Path, help="folder with go-tests.csv, config-keys.json, ...")
    parser.add_argument("--into", type=Path, default=HERE / "rows", help="where to write (default: rows/ beside this)")
    options_given = parser.parse_args()
    rows = collect(options_given.contract)
    write(rows, options_given.into)
    print(f"{len(rows)} rows into {options_given.into}", file=sys.stderr)


if __name__ == "__main__":
    main()
