"""What a study declares must fit together: every refusal, and its words."""

from __future__ import annotations

import pytest

from tests.harness.studies.written import DESIGN, design_of
from xharness.studies.checks import check_design, check_languages, lineage, phases_of
from xharness.tasks.common.errors import UserError

SHORT = """
title = "t"
question = "q"
[arms.a]
amount = 10.0
phases = [{ tasks = ["mnli"] }]
[arms.b]
amount = 100.0
[arms.c]
amount = 1000.0
[arms.d]
[targets.x]
evaluate = ["tatoeba"]
[targets.y]
evaluate = ["tatoeba"]
[sizes.s]
seeds = [1, 2]
"""
HYPOTHESIS = '[[hypotheses]]\nname = "h"\narms = ["a", "b"]\ntargets = ["x"]\n'
SUBSET = '[subsets.hard]\nof = "mnli"\nby = "hard"\nshare = 0.5\nmap = { tasks = ["mnli"] }\n'


def refused(text: str) -> UserError:
    with pytest.raises(UserError) as error:
        check_design(design_of(text))
    return error.value


def test_what_fits_passes() -> None:
    check_design(design_of(DESIGN))
    check_design(design_of(SHORT + HYPOTHESIS + SUBSET))


def test_an_arm_has_the_phases_of_those_before_it() -> None:
    design = design_of(DESIGN)
    assert [phase.tasks for phase in phases_of(design, "chain")] == [("mnli",), ("qqp",)]
    assert lineage(design, "none") == [design.arms["none"]]


@pytest.mark.parametrize(("table", "what"), [("arms", "arms"), ("targets", "targets"), ("sizes", "sizes")])
def test_nothing_to_run(table: str, what: str) -> None:
    whole = {
        "arms": "[arms.a]\n",
        "targets": '[targets.x]\nevaluate = ["tatoeba"]\n',
        "sizes": "[sizes.s]\nseeds = [1]\n",
    }
    there = "".join(f"[{name}]\n" if name == table else text for name, text in whole.items())
    error = refused(f'title = "t"\nquestion = "q"\n{there}')
    assert error.what == f"a study without {what}"
    assert error.fix == f"declare one: [{what}.NAME]"


@pytest.mark.parametrize(
    ("more", "what", "fix"),
    [
        ('[arms.e]\nafter = "f"\n[arms.f]\nafter = "e"\n', "arms in a circle: e → f → e", "change one 'after'"),
        ('[arms.e]\nafter = "e"\n', "arms in a circle: e → e", "change one 'after'"),
        ('[arms.arm-e]\nafter = "arm-f"\n', "arm 'arm-e' comes after 'arm-f', which is not an arm", "'arm-e'?"),
        ("[arms.e]\nphases = [{ tasks = [] }]\n", "a phase of arm 'e' has no task", "name a task"),
        (
            '[arms.e]\nphases = [{ tasks = ["mnli"], subset = "hrd" }]\n' + SUBSET,
            "arm 'e': unknown subset 'hrd'",
            "did you mean 'hard'?",
        ),
        (
            '[arms.e]\nphases = [{ tasks = ["qqp"], subset = "hard" }]\n' + SUBSET,
            "arm 'e' trains qqp on the subset 'hard'",
            "train on that task alone",
        ),
        (
            '[targets.z]\nevaluate = ["xnli"]\nphase = { tasks = [] }\n',
            "a phase of target 'z' has no task",
            "name a task",
        ),
        ("[targets.z]\nevaluate = []\n", "target 'z' evaluates nothing", "name a task"),
        ('[targets.z]\nevaluate = ["xnli"]\ndata = "d"\n', "target 'z': unknown data 'd'", "choose from"),
        ('[subsets.e]\nof = "mnli"\nby = "hardest"\n', "subset 'e': unknown way 'hardest'", "did you mean 'hard'?"),
        ('[subsets.e]\nof = "mnli"\nby = "hard"\n', "subset 'e' lacks map or share", "add map = "),
        (
            '[subsets.e]\nof = "mnli"\nby = "hard"\nshare = 1.5\nmap = { tasks = ["mnli"] }\n',
            "subset 'e' lacks map or share",
            "add map = ",
        ),
        (
            '[subsets.e]\nof = "mnli"\nby = "hard"\nshare = 0.5\nmap = { tasks = ["qqp"] }\n',
            "subset 'e' has the map of another task",
            "train on it",
        ),
        (
            '[subsets.e]\nof = "mnli"\nby = "twin"\ntwin_of = "hrd"\n' + SUBSET,
            "subset 'e' is the twin of an unknown subset 'hrd'",
            "did you mean 'hard'?",
        ),
        (
            '[subsets.e]\nof = "mnli"\nby = "twin"\ntwin_of = "f"\n'
            '[subsets.f]\nof = "mnli"\nby = "twin"\ntwin_of = "hard"\n' + SUBSET,
            "subset 'e' is the twin of a twin",
            "name that one",
        ),
        ("[sizes.e]\nseeds = []\n", "size 'e' has the seeds []", "fix them"),
        ("[sizes.e]\nseeds = [1, 1]\n", "size 'e' has the seeds [1, 1]", "fix them"),
        ("[sizes.e]\nseeds = [-1]\n", "size 'e' has the seeds [-1]", "fix them"),
        ("[sizes.e]\nseeds = [1]\ndata_seeds = [1, 2]\n", "size 'e' has 2 data_seeds", "give as many, or none"),
        ("[sizes.e]\nseeds = [1]\nscale = 2\n", "size 'e' has the scale 2", "give 0 < scale <= 1"),
        ('[sizes.e]\nseeds = [1]\narms = ["g"]\n', "size 'e' names unknown arms 'g'", "choose from: a, b, c, d"),
        ('[sizes.e]\nseeds = [1]\ntargets = ["z"]\n', "size 'e' names unknown targets 'z'", "choose from: x, y"),
        ("[sizes.e]\nseeds = [1]\nlimit = 0\n", "size 'e' has the limit 0", "give 1 or more"),
        ("[sizes.e]\nseeds = [1]\nexamples = -4\n", "size 'e' has the examples -4", "give 1 or more"),
        (
            "[sizes.e]\nseeds = [1]\ntasks = { mnli = { examples = 0 } }\n",
            "size 'e' has the examples of mnli 0",
            "give 1 or more",
        ),
        ('[arms.e]\nphases = [{ tasks = ["mnli"], cap = 0 }]\n', "a phase of arm 'e' has cap = 0", "give another cap"),
        (
            '[arms.e]\nphases = [{ tasks = ["mnli"], temperature = nan }]\n',
            "a phase of arm 'e' has temperature = nan",
            "give another temperature",
        ),
        (
            '[arms.e]\nphases = [{ tasks = ["mnli", "qqp"], cap = 9 }]\n',
            "a phase of arm 'e' has a cap",
            "add mixture = 'capped'",
        ),
        (
            '[arms.e]\nphases = [{ tasks = ["mnli", "qqp"], mixture = "capped", temperature = 2 }]\n',
            "a phase of arm 'e' has a temperature",
            "add mixture = 'temperature'",
        ),
        (
            '[arms.e]\nphases = [{ tasks = ["mlm"], examples = 9 }]\n',
            "a phase of arm 'e' has examples = 9",
            "leave it out",
        ),
        (
            '[arms.e]\nphases = [{ tasks = ["mnli"], subset = "hard", examples = 9 }]\n' + SUBSET,
            "a phase of arm 'e' has examples = 9",
            "leave it out",
        ),
        (
            '[subsets.e]\nof = "qqp"\nby = "twin"\ntwin_of = "hard"\n' + SUBSET,
            "subset 'e' is the twin of 'hard'",
            "write of = 'mnli'",
        ),
        (
            '[targets.z]\nevaluate = ["xnli", "pawsx"]\ndata = "d"\n[perturbed.d]\ntasks = ["xnli"]\nby = "ngram"\n',
            "target 'z' evaluates pawsx on changed data",
            "add pawsx to its tasks",
        ),
    ],
)
def test_arms_targets_subsets_and_sizes(more: str, what: str, fix: str) -> None:
    error = refused(SHORT + more)
    assert error.what == what
    assert fix in error.fix


def test_the_baseline_is_an_arm() -> None:
    assert refused('baseline = "z"\n' + SHORT).what == "unknown baseline 'z'"


@pytest.mark.parametrize(
    ("changes", "what", "fix"),
    [
        ({"test": '"differenz"'}, "hypothesis 'h': unknown test 'differenz'", "did you mean 'difference'?"),
        ({"direction": '"grater"'}, "hypothesis 'h': unknown direction 'grater'", "did you mean 'greater'?"),
        ({"smallest_effect": "-1.0"}, "hypothesis 'h': smallest_effect is -1", "give the size"),
        ({"direction": '"equivalent"'}, "hypothesis 'h': smallest_effect is 0", "give the size"),
        ({"arms": '["a", "z"]'}, "hypothesis 'h' names an unknown arm 'z'", "choose from: a, b, c, d"),
        ({"targets": '["z"]'}, "hypothesis 'h' names an unknown target 'z'", "choose from: x, y"),
        ({"targets": "[]"}, "hypothesis 'h' names no target", "name one"),
        ({"arms": '["a"]'}, "hypothesis 'h' names 1 arms", "change arms"),
        ({"arms": '["a", "a"]'}, "hypothesis 'h' names 2 arms", "change arms"),
        ({"arms": '["a", "b", "c"]'}, "hypothesis 'h' names 3 arms", "change arms"),
        ({"test": '"interaction"', "arms": '["a", "b", "c"]'}, "hypothesis 'h' names 3 arms", "change arms"),
        ({"test": '"slope"'}, "hypothesis 'h' names 2 arms", "change arms"),
        ({"test": '"slope"', "arms": '["a", "b", "d"]'}, "hypothesis 'h': arm 'd' has no amount", "add amount"),
        (
            {"test": '"difference-in-differences"'},
            "hypothesis 'h': other_targets and test do not fit",
            "change one of them",
        ),
        (
            {"test": '"difference-in-differences"', "other_targets": '["x"]'},
            "hypothesis 'h' names 'x' on both sides",
            "take it out of one",
        ),
        ({"smallest_effect": "nan"}, "hypothesis 'h': smallest_effect is nan", "give the size"),
        ({"smallest_effect": "inf"}, "hypothesis 'h': smallest_effect is inf", "give the size"),
        ({"other_targets": '["y"]'}, "hypothesis 'h': other_targets and test do not fit", "change one of them"),
        ({"chosen_on": '"y"'}, "hypothesis 'h': chosen_on and test do not fit", "change one of them"),
        (
            {"test": '"best-single"', "arms": '["a", "b", "c"]'},
            "hypothesis 'h': chosen_on and test do not fit",
            "change one of them",
        ),
        (
            {"test": '"best-single"', "arms": '["a", "b", "c"]', "chosen_on": '"z"'},
            "hypothesis 'h' chooses on an unknown target 'z'",
            "choose from: x, y",
        ),
        (
            {"test": '"best-single"', "arms": '["a", "b", "c"]', "targets": '["x", "y"]', "chosen_on": '"y"'},
            "hypothesis 'h' names several targets",
            "declare one for each",
        ),
    ],
)
def test_hypotheses(changes: dict[str, str], what: str, fix: str) -> None:
    fields = {"name": '"h"', "arms": '["a", "b"]', "targets": '["x"]', **changes}
    lines = "".join(f"{name} = {value}\n" for name, value in fields.items())
    error = refused(f"{SHORT}[[hypotheses]]\n{lines}")
    assert error.what == what
    assert fix in error.fix


def test_amounts_differ() -> None:
    text = SHORT.replace("100.0", "10.0").replace("1000.0", "10.0").replace("100.0", "10.0")
    lines = '[[hypotheses]]\nname = "h"\ntest = "slope"\narms = ["a", "b", "c"]\ntargets = ["x"]\n'
    assert refused(text + lines).what == "hypothesis 'h': all amounts are the same"


def test_hypotheses_have_names_of_their_own() -> None:
    assert refused(SHORT + HYPOTHESIS + HYPOTHESIS).what == "two hypotheses are called 'h'"


@pytest.mark.parametrize("amount", ["nan", "inf", "-1.0"])
def test_an_amount_has_a_logarithm(amount: str) -> None:
    lines = '[[hypotheses]]\nname = "h"\ntest = "slope"\narms = ["a", "b", "c"]\ntargets = ["x"]\n'
    assert refused(SHORT.replace("100.0", amount, 1) + lines).what == "hypothesis 'h': arm 'b' has no amount"


def test_languages_are_those_of_the_world_or_of_the_data() -> None:
    named = design_of(SHORT.replace("seeds = [1, 2]", 'seeds = [1, 2]\nlanguages = ["en", "klingon"]'))
    check_languages(named, "s", ["klingon"])
    with pytest.raises(UserError, match="size 's' evaluates 'klingon'"):
        check_languages(named, "s", ["tlh"])
    for text in ("zero-shott", "", "de,dee"):
        with pytest.raises(UserError, match="hypothesis 'h' is about "):
            check_languages(design_of(SHORT + HYPOTHESIS + f'languages = "{text}"\n'), "s", [])
    for text in ("zero-shot", "all", "en", "de, sw"):
        check_languages(design_of(SHORT + HYPOTHESIS + f'languages = "{text}"\n'), "s", [])
