"""`python -m meal_pipeline.cli`, where the command `meal` is not on the path."""

from meal_pipeline.cli.main import main

main()
