"""Checks imports against the manifest (standard input: `swift package dump-package`).

SwiftPM accepts an import of anything that happens to be built, declared or not; and nothing but this keeps the layers:
a file imports only what its target declares, edge and hub never meet, lower layers never look up, each C module has
one Swift target that imports it, and routes are served from the route table alone, where each has its rule.
"""

import json
import pathlib
import re
import sys

LAYERS = ["Shared", "domain", "app", "main", "Tests"]
APPS = {"EdgeAgent", "EdgePreview", "HubAPI", "HubConsole", "HubJobs"}
SYSTEM = {"Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Testing", "Synchronization", "XCTest"}
# A route put into a router past the table would have no rule and be in no document and no test.
ROUTE = re.compile(r"\b\w*[rR]outer\w*(?:\([^()]*\))?\s*\.\s*(on|get|post|put|patch|delete|head|ws|group|addRoutes)\s*\(|\.addRoutes\s*\(")
TEXT = re.compile(r"""\"\"\".*?\"\"\"""", re.S)
IMPORT = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal )?import (?:struct |class |enum |func |protocol )?(\w+)", re.M)


def layer(target):
    if target["path"].startswith("Tests/"):
        return "Tests"
    if target["path"].startswith("Shared/"):
        return "Shared"
    if target["type"] == "executable":
        return "main"
    return "app" if target["name"] in APPS else "domain"


def declared(target):
    names = set()
    for dependency in target["dependencies"]:
        kind, value = next(iter(dependency.items()))
        if kind in ("byName", "target", "product"):
            names.add(value[0])
    return names


def main():
    manifest = json.load(sys.stdin)
    targets = {target["name"]: target for target in manifest["targets"]}
    faults = []
    importers = {}
    for name, target in targets.items():
        allowed = declared(target)
        for dependency in allowed & targets.keys():
            other = targets[dependency]
            if LAYERS.index(layer(other)) > LAYERS.index(layer(target)):
                faults.append(f"{name} ({layer(target)}) depends on {dependency} ({layer(other)}), which is above it")
            sides = {target["path"].split("/")[0], other["path"].split("/")[0]}
            if sides == {"Edge", "Hub"}:
                faults.append(f"{name} depends on {dependency}: edge and hub meet only in WireModel and in tests")
        # What is embedded is shown, not compiled: examples for readers.
        embedded = {pathlib.Path(target["path"]) / one["path"] for one in target.get("resources", [])}
        for file in sorted(pathlib.Path(target["path"]).rglob("*.swift")):
            if file in embedded:
                continue
            text = file.read_text()
            if layer(target) == "app" and file.name != "RouteTable.swift":
                faults += [f"{file}: {found[0]}…) serves a route outside the route table" for found in ROUTE.finditer(text)]
            for module in IMPORT.findall(TEXT.sub("", text)):
                if module in SYSTEM:
                    continue
                if module not in allowed:
                    faults.append(f"{file}: imports {module}, which {name} does not declare")
                if module in targets and re.match(r"C[A-Z]", module) and layer(target) != "Tests":
                    importers.setdefault(module, set()).add(name)
    for module, users in importers.items():
        if len(users) > 1:
            faults.append(f"{module} is imported by {', '.join(sorted(users))}: one target owns a C module")
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


sys.exit(main())
