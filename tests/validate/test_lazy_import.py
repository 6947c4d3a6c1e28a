"""Great Expectations takes seconds to import, so nothing imports it in passing."""

import subprocess
import sys


def test_importing_the_stage_does_not_import_great_expectations():
    heavy = "great_expectations", "scipy", "dagster"
    code = (
        "import sys, meal_pipeline.validate.validate_project\n"
        "import meal_pipeline.validate.suites, meal_pipeline.validate.great_expectations_results\n"
        f"print([one for one in {heavy!r} if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
