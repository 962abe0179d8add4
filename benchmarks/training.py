"""Training throughput in useful tokens a second: against fixed padding, and against transformers' Trainer.

Model: all-MiniLM-L6-v2, fp32, dropout as shipped, the recipe's batch. Data: real lengths of udpos, of xnli's training
pairs and of SQuAD's questions. Every contestant gets the same encoded examples; the Trainer groups by length, and is
measured again with our precision, and with our attention and dropout as well. Each trains some batches of its epoch,
chosen evenly by size. What counts is tokens without padding, because steps differ in length. Peak memory is that of a
process of its own for each contestant.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from load import alternate, minilm, real_data, report, save

from xharness.compute import kernels
from xharness.compute.device import computes_bf16
from xharness.predict.stream import pad
from xharness.train.finetune import make_trainer
from xharness.train.mixture_options import MixtureOptions
from xharness.train.model import build
from xharness.train.objectives.base import TrainingInstance
from xharness.train.options import FinetuneOptions
from xharness.train.phase import Phase
from xharness.train.prepare import prepare

WIDTHS = {"udpos": 128, "xnli": 128, "squad_v1": 384}


class Counted:
    """A contestant: trains some steps when called, and remembers how many tokens that were."""

    def __init__(self, train: Callable[[], int]) -> None:
        self.train, self.tokens = train, 0

    def __call__(self) -> None:
        self.tokens = self.train()


def typical(tokens: Sequence[int], count: int) -> list[int]:
    """Some batches of an epoch that stand for all: evenly spaced among them by size."""
    order = np.argsort(tokens, kind="stable")
    return [int(order[round(at)]) for at in np.linspace(0, len(order) - 1, 2 * count + 1)[1::2]]


def phase_of(task: str, data: Path, folder: Path, grouped: bool = False, precision: str = "fp32") -> Phase:
    options = FinetuneOptions(
        model=minilm(),
        tasks=(task,),
        data=data,
        out=folder,
        examples=4000,
        sets=("epochs=1", "select=last"),
        mixture=MixtureOptions(grouped=grouped),
        precision=precision,
    )
    return prepare(options)


def ours(phase: Phase, folder: Path, steps: int) -> Counted:
    """The trainer, step by step."""
    trainer = make_trainer(phase, built(phase), folder)
    trainer.learner.raw.train()
    drawn = (trainer.micro_batches.of_step(step) for step in range(phase.total))
    chosen = typical([sum(batch.tokens for batch in batches) for batches in drawn], steps)

    def train() -> int:
        before = trainer.progress.tokens
        with trainer.learner.faster():
            for trainer.progress.step in chosen:
                trainer.step()
        return trainer.progress.tokens - before

    return Counted(train)


def built(phase: Phase) -> Any:
    torch.manual_seed(phase.recipe.seed)
    return build(phase.parent, phase.objectives, phase.recipe, phase.loaded.pad_id)


def fixed(phase: Phase, width: int, steps: int) -> Counted:
    """The reference's loop: shuffled batches, everything padded to ``width``."""
    model = built(phase).model
    model.train()
    (task,) = phase.objectives
    optimizer = torch.optim.AdamW(model.parameters(), lr=phase.recipe.learning_rate, fused=True)
    batches = shuffled(phase, task, phase.recipe.batch_size)

    def train() -> int:
        tokens = 0
        for _ in range(steps):
            instances = next(batches)
            rows = [row for instance in instances for row in instance.rows]
            kinds = [types for instance in instances for types in instance.types]
            filler = [phase.loaded.pad_id] * width
            inputs = {
                name: value[:-1] for name, value in pad(phase.loaded, [*rows, filler], [*kinds, [0] * width]).items()
            }
            loss = model(task, inputs, instances) / len(instances)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            tokens += sum(map(len, rows))
        return tokens

    return Counted(train)


def shuffled(phase: Phase, task: str, size: int) -> Iterator[list[TrainingInstance]]:
    instances = phase.objectives[task].instances
    generator = torch.Generator().manual_seed(0)
    while True:
        order = torch.randperm(len(instances), generator=generator).tolist()
        for start in range(0, len(order) - size + 1, size):
            yield [instances[index] for index in order[start : start + size]]


def trainer(phase: Phase, steps: int, folder: Path, arithmetic: Callable[[Any], Any]) -> Counted:
    """transformers' Trainer with its grouping by length and dynamic padding, on typical batches of its own order."""
    import transformers
    from transformers.trainer_pt_utils import LengthGroupedSampler

    (task,) = phase.objectives
    model, size = built(phase).model, phase.recipe.batch_size
    instances = phase.objectives[task].instances
    lengths = [instance.length for instance in instances]
    order = list(LengthGroupedSampler(size, lengths=lengths, generator=torch.Generator().manual_seed(0)))
    batches = [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
    chosen = typical([sum(lengths[index] for index in batch) for batch in batches], steps)

    class Wrapped(torch.nn.Module):
        """Our head and loss behind the signature that the Trainer calls."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, instances: Sequence[TrainingInstance], **inputs: Any) -> dict[str, torch.Tensor]:
            return {"loss": self.inner(task, inputs, instances) / len(instances)}

    seen = [0]

    def collate(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        alike = [instances[row["index"]] for row in rows]
        flat = [row for instance in alike for row in instance.rows]
        seen[0] += sum(map(len, flat))
        types = [types for instance in alike for types in instance.types]
        return {**pad(phase.loaded, flat, types), "instances": alike}

    arguments = transformers.TrainingArguments(
        str(folder),
        max_steps=steps,
        per_device_train_batch_size=size,
        learning_rate=phase.recipe.learning_rate,
        train_sampling_strategy="sequential",
        use_cpu=phase.loaded.device.name == "cpu",
        bf16=phase.loaded.device.precision == "bf16",
        disable_tqdm=True,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        remove_unused_columns=False,
        dataloader_pin_memory=False,  # batches are on the device already
    )
    dataset = [{"index": index} for number in chosen for index in batches[number]]
    peer = transformers.Trainer(Wrapped(), arguments, data_collator=collate, train_dataset=dataset)

    def train() -> int:
        seen[0] = 0
        with arithmetic(model.encoder):
            peer.train()
        return seen[0]

    return Counted(train)


def as_shipped(_encoder: Any) -> Any:
    return nullcontext()


@contextmanager
def our_precision(_encoder: Any) -> Iterator[None]:
    """torch's switch that lets oneDNN multiply."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium" if kernels.switched_is_exact() else before)
    yield
    torch.set_float32_matmul_precision(before)


def contestants(phase: Phase, task: str, data: Path, folder: Path, steps: int) -> dict[str, Callable[[], Counted]]:
    """What makes each contestant."""
    bf16 = {
        "xharness --precision bf16": lambda: ours(
            phase_of(task, data, folder, precision="bf16"), folder / "bf16", steps
        )
    }
    return {
        "xharness": lambda: ours(phase, folder, steps),
        f"fixed padding to {WIDTHS[task]}": lambda: fixed(phase, WIDTHS[task], max(1, steps // 3)),
        "xharness --grouped": lambda: ours(phase_of(task, data, folder, grouped=True), folder / "grouped", steps),
        "Trainer, grouped by length": lambda: trainer(phase, steps, folder, as_shipped),
        "the same, our precision": lambda: trainer(phase, steps, folder, our_precision),
        "the same, all our arithmetic": lambda: trainer(phase, steps, folder, kernels.faster_training),
        **(bf16 if computes_bf16() else {}),
    }


def peak_memory(task: str, name: str, steps: int) -> float:
    """GB of a process that trains with one contestant only, everything counted."""
    command = [sys.executable, __file__, "--tasks", task, "--steps", str(steps), "--only", name]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(said.splitlines()[-1])


def run_alone(call: Counted) -> None:
    """Train, and print the peak memory in GB. (What ``getrusage`` says would include that of the parent.)"""
    call()
    lines = Path("/proc/self/status").read_text(encoding="utf-8").split("\n")
    print(next(int(line.split()[1]) * 1024 / 1e9 for line in lines if line.startswith("VmHWM")))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--tasks", default="udpos,xnli,squad_v1")
    parser.add_argument(
        "--contestants", help="names with ; between them; the first is the one that others are compared with"
    )
    parser.add_argument("--only", help="one contestant: train once and print the peak memory of the process")
    arguments = parser.parse_args()
    data = real_data()
    if data is None:
        raise SystemExit("this benchmark needs training files: set XHARNESS_SHARED_DATA")
    results = []
    for task in arguments.tasks.split(","):
        with tempfile.TemporaryDirectory() as name:
            phase = phase_of(task, data, Path(name))
            makers = contestants(phase, task, data, Path(name), arguments.steps)
            if arguments.contestants:
                makers = {name: makers[name] for name in arguments.contestants.split(";")}
            if arguments.only:
                run_alone(makers[arguments.only]())
                continue
            title = f"training {task}, batch {phase.recipe.batch_size}"
            results.append(compared(title, makers, arguments.repetitions))
        results[-1]["peak_gb"] = {name: round(peak_memory(task, name, arguments.steps), 2) for name in makers}
        print("  peak memory: " + ", ".join(f"{gb} GB {name}" for name, gb in results[-1]["peak_gb"].items()))
    if not (arguments.only or arguments.contestants):
        save("training", results)


def compared(title: str, makers: Mapping[str, Callable[[], Counted]], repetitions: int) -> dict[str, Any]:
    """Time all contestants of a task."""
    calls = {name: make() for name, make in makers.items()}
    timings = alternate(calls, repetitions)
    first = next(iter(calls))
    mine = calls[first].tokens
    work = {name: call.tokens / mine for name, call in calls.items()}
    targets = {name: 2.5 if "fixed" in name else 1.2 for name in calls if "xharness" not in name}
    result = report(title, timings, targets, work)
    print(f"  {mine / timings[first].median:,.0f} useful tokens/s")
    return result


if __name__ == "__main__":
    main()
