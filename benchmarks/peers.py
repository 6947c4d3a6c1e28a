"""For each stage the least that anyone could do, or another package doing the same.

Here: the peers, each timed in one process beside ours on the workspace's own data. Not here: the
stages as a whole (`stages.py`).

Every function gives `peer` (its name), `ours` and `theirs` in seconds.
"""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.stages import opened
from benchmarks.survey import CHOICES, FORM, UID, Question, questions

_EQUAL = re.compile(r"\$\{(\w+)\} = '(\w+)'")


def bare_pull(root: Path) -> dict[str, Any]:
    """Ask for all pages and throw them away; ours is the client without the log."""
    import httpx

    from benchmarks.stages import client
    from meal_pipeline.practice import PRACTICE_TOKEN

    with opened(root) as (_workspace, _store, project):
        server = project.server
    headers = {"Authorization": f"Token {PRACTICE_TOKEN}"}

    def pages() -> None:
        last = 0
        with httpx.Client(base_url=server, headers=headers) as http:
            while True:
                query = json.dumps({"_id": {"$gt": last}})
                asked: dict[str, str | int] = {
                    "limit": 1000,
                    "query": query,
                    "sort": '{"_id":1}',
                    "format": "json",
                }
                rows = http.get(f"/api/v2/assets/{UID}/data/", params=asked).json()["results"]
                if not rows:
                    return
                last = rows[-1]["_id"]

    def ours() -> None:
        with client(server) as kobo:
            for _page in kobo.submissions(UID):
                pass

    return {"peer": "httpx, json", "ours": _seconds(ours), "theirs": _seconds(pages)}


def json_bodies(root: Path) -> dict[str, Any]:
    """Parse all bodies from plain JSON; ours decrypts and unpacks them, too."""
    import orjson

    from meal_pipeline.store.submission_log import bodies

    with opened(root) as (workspace, store, project):
        key = workspace.key()
        plain = [orjson.dumps(one) for one in bodies(store, project.server, UID, None, key)]

        def ours() -> None:
            for _body in bodies(store, project.server, UID, None, key):
                pass

        def theirs() -> None:
            for one in plain:
                orjson.loads(one)

        return {"peer": "orjson.loads", "ours": _seconds(ours), "theirs": _seconds(theirs)}


def bare_masks(root: Path) -> dict[str, Any]:
    """Evaluate the form's rules as pandas masks by hand; ours are derived from the form."""
    from meal_pipeline.rows.loading import forms_of
    from meal_pipeline.validate.form_frames import load_form
    from meal_pipeline.validate.form_rules import derive_rules
    from meal_pipeline.validate.masks import evaluate_rules

    with opened(root) as (_workspace, store, project):
        snapshot = store.snapshots.latest(project.code, "read")
        union = forms_of(store, project)[FORM]
        form = load_form(snapshot, project, FORM, union)

    def ours() -> None:
        for version in union.versions:
            rules = derive_rules(version, union, personal=form.hidden)
            rules.sort(key=lambda rule: (rule.version, rule.repeat))
            evaluate_rules(form.frames, union, rules, hidden=form.hidden)

    def theirs() -> None:
        for question in questions():
            frame = form.frames["member" if question.group == "member" else ""]
            if question.name in frame.columns:
                for mask in _masks(frame, question):
                    np.flatnonzero(mask.to_numpy(bool))

    return {"peer": "pandas masks", "ours": _seconds(ours), "theirs": _seconds(theirs)}


def _masks(frame: Any, question: Question) -> list[Any]:
    answers = frame[question.name]
    given = answers.notna()
    masks = []
    if question.required:
        masks.append(~given)
    if question.choices and question.type == "select_one":
        masks.append(given & ~answers.isin(CHOICES[question.choices]))
    if question.constraint and question.type in ("integer", "decimal"):
        masks.append((answers < 0).fillna(False) | (answers > 50).fillna(False))
    asked = _EQUAL.match(question.relevant)
    if asked and asked[1] in frame.columns:
        masks.append(given & frame[asked[1]].ne(asked[2]).fillna(True))
    return masks


def parquet_write(root: Path) -> dict[str, Any]:
    """Write a part of the main frame by pyarrow; ours is named by its content and synced."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from meal_pipeline.store import open_store

    with opened(root) as (_workspace, store, project):
        snapshot = store.snapshots.latest(project.code, "read")
        frame = store.snapshots.read_part(snapshot.parts(FORM)[0])
    with TemporaryDirectory() as folder:
        new = open_store(str(Path(folder) / "store.sqlite"), snapshots=Path(folder) / "parts")

        def theirs() -> None:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            pq.write_table(table, Path(folder) / "peer.parquet", compression="zstd")

        ours = _seconds(lambda: new.snapshots.write_part(frame))
        new.close()
        return {"peer": "pyarrow.write_table", "ours": ours, "theirs": _seconds(theirs)}


def survey_estimate(root: Path) -> dict[str, Any]:
    """Estimate one share in the full design by the package svy; both must agree."""
    import polars
    import svy

    from meal_pipeline.statistics.survey_design import Design
    from meal_pipeline.statistics.taylor import estimate_proportion

    frame = _valid(root, ["hungry_night", "weight", "district", "community"])
    y = (frame["hungry_night"] == "never").astype(float).to_numpy()
    columns = {
        "y": y,
        "w": frame["weight"].to_numpy(float),
        "s": frame["district"].to_numpy(object),
        "c": frame["community"].to_numpy(object),
    }
    found: dict[str, float] = {}

    def ours() -> None:
        design = Design(columns["w"], strata=columns["s"], clusters=columns["c"])
        found["ours"] = estimate_proportion(y, design).se

    def theirs() -> None:
        data = polars.DataFrame({**columns, "s": list(columns["s"]), "c": list(columns["c"])})
        sample = svy.Sample(data, svy.Design(stratum="s", psu="c", wgt="w"))
        found["theirs"] = sample.estimation.mean("y").estimates[0].se

    seconds = {"ours": _seconds(ours), "theirs": _seconds(theirs)}
    _same(found["ours"], found["theirs"])
    return {"peer": "svy", **seconds}


def regression(root: Path) -> dict[str, Any]:
    """Estimate the effect by statsmodels; both must agree."""
    import statsmodels.api as sm

    from meal_pipeline.statistics.effects import difference_in_differences

    frame = _valid(root, ["hungry_night", "round", "arm", "community", "weight"])
    y = (frame["hungry_night"] == "never").astype(float).to_numpy()
    arm = (frame["arm"] == "participant").astype(float).to_numpy()
    later = (frame["round"] == "endline").astype(float).to_numpy()
    weights = frame["weight"].to_numpy(float)
    clusters = frame["community"].to_numpy(object)
    found: dict[str, float] = {}

    def ours() -> None:
        found["ours"] = difference_in_differences(y, arm, later, clusters, weights).se

    def theirs() -> None:
        x = np.column_stack([np.ones(len(y)), arm, later, arm * later])
        groups = np.unique(clusters.astype(str), return_inverse=True)[1]
        model = sm.WLS(y, x, weights)
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        found["theirs"] = float(fit.bse[3])

    seconds = {"ours": _seconds(ours), "theirs": _seconds(theirs)}
    _same(found["ours"], found["theirs"])
    return {"peer": "statsmodels WLS", **seconds}


def _valid(root: Path, columns: list[str]) -> Any:
    with opened(root) as (_workspace, store, project):
        snapshot = store.snapshots.latest(project.code, "validate")
        return snapshot.frame(FORM, columns).dropna().reset_index(drop=True)


def _same(ours: float, theirs: float) -> None:
    if not np.isclose(ours, theirs, rtol=1e-6):
        raise ArithmeticError(f"the peer finds {theirs}, we find {ours}")


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


PEERS = (bare_pull, json_bodies, bare_masks, parquet_write, survey_estimate, regression)
"""Every peer, in the order of the line."""
