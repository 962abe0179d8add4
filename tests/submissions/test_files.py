"""Where a submission's files are."""

from pathlib import Path

import pytest

from xharness.submissions.files import cell_file, languages_in, predictions_folder, tasks_of
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME, XTREME_R
from xharness.tasks.xnli import TASK as XNLI


def test_a_run_folder_or_the_predictions_themselves(tmp_path: Path) -> None:
    assert predictions_folder(tmp_path) == tmp_path
    (tmp_path / "predictions").mkdir()
    assert predictions_folder(tmp_path) == tmp_path / "predictions"


@pytest.mark.parametrize(("name", "why"), [("none", "it does not exist"), ("file", "this is a file")])
def test_no_folder(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError) as error:
        predictions_folder(tmp_path / name)
    assert error.value.why.startswith(f"{why}; ")


def test_files_of_a_benchmark() -> None:
    assert [task.name for task in tasks_of(XTREME)] == list(XTREME.languages)
    assert languages_in(XTREME, XNLI) == XTREME.languages["xnli"]
    (bucc,) = (task for task in tasks_of(XTREME) if task.name == "bucc2018")
    assert languages_in(XTREME_R, bucc) == bucc.languages
    assert cell_file(Path("p"), XNLI, "de") == Path("p/xnli/test-de.tsv")
