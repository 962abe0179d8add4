"""Runs a graph: starts every step whose parents are whole, until all are, or what is left cannot be done.

The driver holds no state. What is done is what the store has, so it may be killed at any moment, run twice at the same
time, or run on another machine: the same command goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from xharness.studies.executors.base import Ended, Executor, Job
from xharness.studies.graph import Graph
from xharness.studies.store import Store
from xharness.studies.time_left import Pace, times
from xharness.studies.worker import DONE, HELD, INTERRUPTED
from xharness.tasks.common.errors import UserError

WAIT = 0.5
ELSEWHERE = 5.0
"""Seconds between two looks at steps that another driver's jobs do."""


@dataclass
class Progress:
    """Where a study stands.

    Attributes:
        elsewhere: Steps that jobs of another driver do, or of an earlier one that was killed.
        failed: Why, by step.
        blocked: Steps that wait for a failed one.
        seconds: That steps which are whole took.
        operations: Of each step, by the budget.
    """

    graph: Graph
    done: set[str] = field(default_factory=set)
    running: dict[str, float] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    operations: Mapping[str, float] = field(default_factory=dict)

    def ready(self) -> list[str]:
        """Steps that can be started: those first that begin the dearest chain, so that it is not left to the end."""
        out = self.done | self.running.keys() | self.elsewhere | self.failed.keys() | self.blocked
        found = [
            step.id
            for step in self.graph
            if step.id not in out and all(parent in self.done for parent in step.parents.values())
        ]
        return sorted(found, key=self._chains.__getitem__, reverse=True)

    @cached_property
    def _chains(self) -> Mapping[str, float]:
        return self.graph.chains(self.operations)

    @property
    def seconds_left(self) -> float | None:
        """Until the end, if as many steps run side by side as now; None before the first has ended."""
        running = {name: time.time() - since for name, since in self.running.items()}
        started = self.done | running.keys() | self.failed.keys() | self.blocked
        waiting = [name for name in self.graph.steps if name not in started]
        left = Pace(self.graph, self.seconds, self.operations).left(waiting, running)
        return None if left is None else left / max(1, len(running) + len(self.elsewhere))

    def fail(self, step_id: str, reason: str) -> None:
        """Note that a step failed; what needs it is not started."""
        self.failed[step_id] = reason
        self.blocked |= self.graph.descendants(step_id) - self.done


class Driver:
    """Runs one graph in one store by one executor."""

    def __init__(
        self,
        graph: Graph,
        store: Store,
        executor: Executor,
        threads: int = 1,
        shown: Callable[[Progress], None] = lambda _progress: None,
        operations: Mapping[str, float] | None = None,
    ) -> None:
        self.graph, self.store, self.executor, self.threads, self.shown = graph, store, executor, threads, shown
        self.progress = Progress(graph, seconds=times(graph, store)[0], operations=operations or {})
        self._verified: set[str] = set()
        self._looked = 0.0

    def run(self) -> Progress:
        """Run until nothing more can be done. Steps that failed are tried once a call.

        Raises:
            KeyboardInterrupt: the user wants to stop; running steps have saved their state.
        """
        progress = self.progress
        progress.done = self.store.done() & self.graph.steps.keys()
        try:
            self._check_results()
            while self._start_ready() or progress.running or progress.elsewhere:
                self.shown(progress)
                for job in self.executor.ended(WAIT):
                    self._end(job)
                if not progress.running:
                    time.sleep(WAIT)
                self._look_elsewhere()
        finally:
            try:
                self.shown(progress)
            finally:
                self.executor.stop()
        return progress

    def _check_results(self) -> None:
        """Look at the files of what no step reads: the user does."""
        for step_id in [name for name in self.progress.done if not self.graph.children[name]]:
            self._is_whole(step_id)

    def _start_ready(self) -> bool:
        """Start what can be started; whether anything was."""
        ready, started = self.progress.ready(), False
        if not ready or self.executor.room <= 0:
            return False
        held = self.store.held()
        self.progress.elsewhere |= held.keys() & {*ready}
        others = held.keys() & self.progress.elsewhere
        beside = sum(held[name].is_here for name in others) if self.executor.is_here else 0
        for step_id in ready:
            if self.executor.room <= beside:
                break
            started = (step_id not in self.progress.elsewhere and self._start(step_id)) or started
        return started

    def _start(self, step_id: str) -> bool:
        """Start a step, unless somebody works on it, or a parent turns out to be damaged."""
        step = self.graph.steps[step_id]
        if self.store.is_done(step_id):  # another driver did it
            self.progress.done.add(step_id)
            return True
        if self.store.is_held(step_id):
            self.progress.elsewhere.add(step_id)
            return False
        if not all(self._is_whole(parent) for parent in step.parents.values()):
            return True  # the parent is to be done again
        self.store.plan(step)
        root = self.store.root.resolve()
        try:
            self.executor.start(Job(step_id, root, self.threads, Store(root).log(step_id)))
        except OSError as error:
            self._fail(step_id, f"it cannot be started: {error}")
            return True
        self.progress.running[step_id] = time.time()
        return True

    def _is_whole(self, step_id: str) -> bool:
        """Whether the files of a finished step are what they were; looked at once."""
        if step_id in self._verified:
            return True
        if wrong := self.store.check(step_id):
            aside = self.store.set_aside(step_id)
            title = self.graph.steps[step_id].title
            self.progress.notes.append(f"{title} is damaged ({wrong[0]}): done again, the old files are in {aside}")
            self.progress.done.discard(step_id)
            return False
        self._verified.add(step_id)
        return True

    def _end(self, job: Ended) -> None:
        """Take note of a job that has ended: what counts is what the store has."""
        del self.progress.running[job.step_id]
        if self.store.is_done(job.step_id):
            self.progress.done.add(job.step_id)
            self.progress.seconds[job.step_id] = self.store.seconds(job.step_id)
        elif job.code in (HELD, DONE):  # done, and not seen yet: a network file system tells later
            self.progress.elsewhere.add(job.step_id)
        elif job.code == INTERRUPTED:  # somebody else asked it to end: it goes on from its saved state
            self.progress.notes.append(f"{self.graph.steps[job.step_id].title} was interrupted: started again")
        else:
            recorded = self.store.failure(job.step_id).get("reason")
            self._fail(job.step_id, job.reason or recorded or f"its process ended with {job.code}")

    def _fail(self, step_id: str, reason: str) -> None:
        """Take note of a step that was not done, on the disk too if there is room."""
        self.progress.fail(step_id, reason)
        with suppress(OSError, UserError):
            self.store.fail(step_id, reason)
            self.store.note("failed", step_id, reason=reason)

    def _look_elsewhere(self) -> None:
        """See what became of the steps that others do."""
        if not self.progress.elsewhere or time.monotonic() - self._looked < ELSEWHERE:
            return
        self._looked = time.monotonic()
        for step_id in list(self.progress.elsewhere):
            if self.store.is_done(step_id):
                self.progress.elsewhere.discard(step_id)
                self.progress.done.add(step_id)
            elif not self.store.is_held(step_id):
                self.progress.elsewhere.discard(step_id)  # its worker is gone: it is started here
