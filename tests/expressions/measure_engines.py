"""Ask both engines what expressions give in whole forms, and write down what they answer.

Not a test: run it by hand, in the project's folder, when cases or engines change:

    npm install --prefix FOLDER openrosa-xpath-evaluator@3 jsdom@24
    python -m tests.expressions.measure_engines FOLDER

It needs Java 17 (`javac`), node, and pyxform, in whose wheel JavaRosa comes (ODK_Validate.jar).
It reads `golden/cases.json` (expressions by the repeat in which they stand) and writes
`golden/forms.jsonl`: for each case the results of KoboCollect's engine and of Enketo's, one a row
in which the expression stands; null for a refusal.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from xml.etree import ElementTree

import pyxform
from pyxform.xls2xform import convert

from .forms import ANSWERS, HOUSEHOLD, REPEATS, survey_with

GOLDEN = Path(__file__).with_name("golden")
JAR = Path(pyxform.__file__).with_name("validators") / "odk_validate/bin/ODK_Validate.jar"
XFORMS = "http://www.w3.org/2002/xforms"
TEMPLATE = "{http://openrosa.org/javarosa}template"


def main(folder: Path) -> None:
    """Measure all cases."""
    cases = list(_cases(json.loads((GOLDEN / "cases.json").read_text("utf-8"))))
    asked = [_asked(case) for case in cases]
    found = []
    for zone in ("UTC", "Asia/Damascus"):
        some = [
            n for n, case in enumerate(cases) if bool(case.get("offset_minutes")) != (zone == "UTC")
        ]
        collect, enketo = _collect([asked[n] for n in some], folder, zone), None
        enketo = _enketo([asked[n] for n in some], folder, zone)
        found += list(zip(some, collect, enketo, strict=True))
    with (GOLDEN / "forms.jsonl").open("w", encoding="utf-8") as file:
        for number, collect, enketo in sorted(found, key=lambda one: one[0]):
            case = {
                **cases[number],
                "collect": collect.get("results"),
                "enketo": enketo.get("results"),
            }
            file.write(json.dumps(case, ensure_ascii=False) + "\n")


def _cases(by_repeat: dict[str, list[str]]) -> Iterator[dict]:
    """Give each expression with answers; those of dates and times also by a clock in Damascus."""
    for repeat, expressions in by_repeat.items():
        for expression in expressions:
            for name in ANSWERS if not repeat else ("full", "other"):
                yield {"expression": expression, "at": repeat, "answers": name}
            if re.search("day|moment|clock|date", expression):
                given = {"expression": expression, "at": repeat, "answers": "full"}
                yield given | {"offset_minutes": 180}


def _asked(case: dict) -> dict:
    """Give a case as the engines take it: a form with its answers, an expression of paths."""
    calculation = {"type": "calculate", "name": "result", "calculation": case["expression"]}
    survey = survey_with(calculation, case["at"])
    content = {"survey": survey, "choices": HOUSEHOLD["choices"], "settings": [{"name": "data"}]}
    xml = convert(xlsform=content, validate=False).xform
    root = ElementTree.fromstring(xml)
    model = next(root.iter(f"{{{XFORMS}}}model"))
    data = model.find(f"{{{XFORMS}}}instance")[0]
    for repeat in reversed(REPEATS):
        _only_template(data, repeat.split("/"))
    _fill(data, ANSWERS[case["answers"]])
    binds = model.findall(f"{{{XFORMS}}}bind")
    bind = next(one for one in binds if one.get("nodeset", "").endswith("/result"))
    return {
        "form": ElementTree.tostring(root, encoding="unicode"),
        "model": _plain(model),
        "expression": bind.get("calculate", "").strip(),
        "result": bind.get("nodeset"),
        "repeats": [f"/data/{one}" for one in REPEATS],
    }


def _only_template(element: ElementTree.Element, names: list[str]) -> None:
    """Take away the row that a repeat starts with; its template stays."""
    first, *more = names
    for one in list(element):
        if _local(one.tag) == first and more:
            _only_template(one, more)
        elif _local(one.tag) == first and one.get(TEMPLATE) is None:
            element.remove(one)


def _fill(element: ElementTree.Element, answers: dict) -> None:
    for name, value in answers.items():
        children = [one for one in element if _local(one.tag) == name]
        if isinstance(value, list):
            template = children[0]
            place = list(element).index(template) + 1
            for number, row in enumerate(value):
                made = deepcopy(template)
                made.attrib.pop(TEMPLATE, None)
                _fill(made, row)
                for one in [one for one in made if one.get(TEMPLATE) is not None]:
                    made.remove(one)  # only a template may hold another
                element.insert(place + number, made)
        elif isinstance(value, dict):
            _fill(children[0], value)
        else:
            children[0].text = value


def _plain(model: ElementTree.Element) -> str:
    """Give the instances without namespaces and templates, as Enketo keeps them."""
    made = ElementTree.Element("model")
    for instance in model.findall(f"{{{XFORMS}}}instance"):
        made.append(_stripped(instance))
    return ElementTree.tostring(made, encoding="unicode")


def _stripped(element: ElementTree.Element) -> ElementTree.Element:
    plain = ElementTree.Element(
        _local(element.tag), {k: v for k, v in element.attrib.items() if k == "id"}
    )
    plain.text = element.text
    plain.extend(_stripped(one) for one in element if one.get(TEMPLATE) is None)
    return plain


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _collect(asked: list[dict], folder: Path, zone: str) -> list[dict]:
    subprocess.run(["javac", "-cp", JAR, "-d", folder, GOLDEN / "ResultsOfForm.java"], check=True)
    command = ["java", f"-Duser.timezone={zone}", "-cp", f"{JAR}:{folder}", "ResultsOfForm"]
    return _answers(command, asked, zone, folder)


def _enketo(asked: list[dict], folder: Path, zone: str) -> list[dict]:
    return _answers(["node", str(GOLDEN / "results_of_form.js")], asked, zone, folder)


def _answers(command: list[str], asked: list[dict], zone: str, folder: Path) -> list[dict]:
    lines = "\n".join(json.dumps(one) for one in asked) + "\n"
    environment = {**os.environ, "TZ": zone, "NODE_PATH": str(folder / "node_modules")}
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, check=True, env=environment
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
