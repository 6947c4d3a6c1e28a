"""The names of methods, as they stand beside every number.

Here: one English name a method, which is also the message id of its translation: show it with
`meal_pipeline.locale.gettext(name)`. Not here: the methods.
"""

from meal_pipeline.locale import mark

TAYLOR = mark("Taylor linearisation")
TAYLOR_SINGLETONS = {
    "centre": mark("Taylor linearisation, strata with one cluster centred at the grand mean"),
    "average": mark("Taylor linearisation, strata with one cluster given the average variance"),
    "certainty": mark("Taylor linearisation, strata with one cluster taken as certain"),
}

T_DESIGN = mark("t, degrees of freedom of the whole design")
LOGIT_T_DESIGN = mark("t on the logit scale, degrees of freedom of the whole design")
EXACT = mark("exact Korn-Graubard bound on the effective number of answers")
COMBINED = mark("combined from the two proportions' own intervals")

NO_ANSWERS = mark("no interval: nobody answered")
ONE_CLUSTER = mark("no interval: all answers of a compared set come from one cluster")
NO_DEGREES = mark("no interval: the design leaves no degrees of freedom")
ZERO_DENOMINATOR = mark("no interval: the denominator adds up to zero")

WITHOUT_REPLACEMENT = mark("simple random sampling without replacement")
WITH_REPLACEMENT = mark("simple random sampling with replacement")

CR1 = mark("least squares, standard errors clustered (CR1), t with clusters minus one")
HC1 = mark("least squares, standard errors robust without clusters (HC1), t with rows minus terms")
