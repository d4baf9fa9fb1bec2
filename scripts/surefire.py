"""Surefire's XML reports. Imported by scripts/test-names and scripts/test-report."""

import glob
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import namedtuple

# A test method's invocation. The method is empty where a whole class failed or was skipped.
Case = namedtuple("Case", "name method outcome reason")
# A report file: one test class that ran.
Suite = namedtuple("Suite", "module name seconds cases")


def suites(root, since=0):
    """The reports below root that were written after the time `since`, in nanoseconds, sorted by class."""
    found = []
    for file in glob.glob(os.path.join(glob.escape(root), "*", "target", "surefire-reports", "TEST-*.xml")):
        if os.stat(file).st_mtime_ns > since:
            module = os.path.relpath(file, root).split(os.sep)[0]
            try:
                found.append(read(file, module))
            except ElementTree.ParseError as error:
                sys.exit(f"{os.path.basename(sys.argv[0])}: {file}: {error}")
    return sorted(found, key=lambda suite: (suite.name, suite.module))


def read(file, module):
    report = ElementTree.parse(file).getroot()
    suite = report.get("name")
    cases = [case(element) for element in report.iter("testcase")]
    # ArchUnit's engine leaves the package away.
    cases = [it._replace(name=suite) if suite.endswith("." + it.name) else it for it in cases]
    return Suite(module, suite, float(report.get("time", "0").replace(",", "")), cases)


def case(element):
    # Surefire writes method(String)[1] for the first invocation of a method with parameters.
    name = element.get("classname", "")
    method = re.match(r"[^(\[{]*", element.get("name") or "").group()
    if method == name or not re.fullmatch(r"\w+", method):
        method = ""
    for kind, outcome in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        child = element.find(kind)
        if child is not None:
            return Case(name, method, outcome, " ".join((child.get("message") or "").split()))
    return Case(name, method, "passed", "")
