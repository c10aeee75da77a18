"""The bridge to a Ray cluster: a process between the driver and the cluster, the only one that loads Ray.

What Ray does to a process that connects to it then happens here: its threads, signal handlers and messages, minutes of
waiting for an address where nothing answers, and the end of the process when the cluster is lost. The driver sends
pickles and receives lines of JSON, as it does with its own workers. When the driver ends, in any way, its connection
closes, the bridge ends, and with it all that it has started on the cluster.
"""

import asyncio
import logging
import math
import socket
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nas.driver.deaths import LIVES
from nas.driver.executors.answers import message_of
from nas.driver.executors.executor import Failed
from nas.driver.executors.ray_setup import AUTO, LOCAL, Setup
from nas.driver.executors.ray_slot import Home, Slot, versions
from nas.driver.executors.wire import LENGTH, Lines, Sources, Unpickled, line, read_pickle, written
from nas.errors import ArchwrightError, FailureKind, StorageError, UsageError
from nas.events import Events

_PROBE = 5.0
"""Seconds in which the address of a cluster takes a connection."""

_GRACE = 60.0
"""Seconds beyond `EvaluationLimits.seconds` after which an actor that says nothing is lost."""

_LONG = 20.0
"""Seconds without any worker after which the user is told what the search waits for."""


def serve(descriptor: int) -> None:
    """Runs the bridge on a connection to the driver. The first two pickles are the setup and the evaluator."""
    with socket.socket(fileno=descriptor) as control:
        with control.makefile("rb", buffering=0) as stream:
            head, evaluator = read_pickle(stream), read_pickle(stream)
        if head is None or evaluator is None:
            return
        setup: Setup = Unpickled(head, Events(), Sources()).load()
        try:
            slots = _connect(setup)
            bridge = _Bridge(setup, evaluator)
        except ArchwrightError as error:
            control.sendall(line(**written(error)))
            return
        del evaluator
        control.sendall(line(slots=slots))
        try:
            asyncio.run(bridge.run(control, slots))
        finally:
            import ray

            ray.shutdown()


def _connect(setup: Setup) -> int:
    """Connects this process to the cluster. Returns the number of workers.

    Raises:
        UsageError: there is no such cluster, or it has no room for a worker.
    """
    if setup.address not in (AUTO, LOCAL):
        _probe(setup.address)
    import ray

    where = "" if setup.address == AUTO else f" at {setup.address}"
    own = {"include_dashboard": False} if setup.address == LOCAL else {}
    try:
        ray.init(address=setup.address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except ConnectionError as error:
        hint = "start one with `ray start --head`, or give the address of one"
        raise UsageError(f"no Ray cluster runs{where or ' on this machine'}: {hint}") from error
    except (RuntimeError, ValueError, OSError, ray.exceptions.RayError) as error:
        hint = "the machine of the search must be a node of the cluster, as after `ray start --address=HOST:PORT`"
        first = str(error).strip().partition("\n")[0]
        raise UsageError(f"the Ray cluster{where} cannot be used: {first} ({hint})") from error
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    room, wanted = capacity(nodes, setup), setup.resources.workers
    return min(room if isinstance(wanted, str) else wanted, setup.resources.window)


def _probe(address: str) -> None:
    """Raises UsageError if nothing takes connections there; Ray itself would wait for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PROBE).close()
    except OSError as error:
        raise UsageError(f"no Ray cluster answers at {address}: {error.strerror or error}") from error


def capacity(nodes: Sequence[Mapping[str, float]], setup: Setup) -> int:
    """How many workers there is room for, by the resources of each node. Raises UsageError if there is none."""
    wanted = {"CPU": setup.num_cpus, "GPU": setup.num_gpus}
    rooms = [
        min(math.floor(node.get(name, 0) / amount + 1e-9) for name, amount in wanted.items() if amount)
        for node in nodes
    ]
    if not any(rooms):
        most = ", ".join(
            f"{name}: {max((node.get(name, 0) for node in nodes), default=0):g}" for name, amount in wanted.items()
        )
        raise UsageError(f"a worker needs {setup.needs}, and no node of the Ray cluster has as much (at most {most})")
    return sum(rooms)


class _Bridge:
    """The actors, and the jobs that wait for them."""

    def __init__(self, setup: Setup, evaluator: bytes) -> None:
        import ray

        self._setup = setup
        self._lost_with = (ray.exceptions.RayError, TimeoutError)
        whole = len(evaluator).to_bytes(LENGTH, "little") + evaluator
        # Once in the object store, and from there once to each node, where actors read it in shared memory.
        self._arguments = (
            ray.put(np.frombuffer(whole, np.uint8)),
            ray.put(Home.here(setup.sources)),
            setup.resources.limits,
            setup.resources.threads,
            setup.num_gpus,
        )
        self._actors = ray.remote(Slot).options(
            num_cpus=setup.num_cpus,
            num_gpus=setup.num_gpus,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
        )
        self._jobs: asyncio.PriorityQueue[tuple[int, bytes]] = asyncio.PriorityQueue()  # those of low numbers first
        self._lost: dict[int, int] = {}  # by trial, how many actors were lost in it
        self._ready = asyncio.Event()

    async def run(self, control: socket.socket, slots: int) -> None:
        """Takes jobs until the driver closes the connection."""
        reader, self._writer = await asyncio.open_connection(sock=control)
        tasks = [asyncio.create_task(self._slot()) for _ in range(slots)]
        tasks.append(asyncio.create_task(self._tell_of_waiting(slots)))
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(LENGTH), "little")
                job = Unpickled(await reader.readexactly(length), Events(), Sources()).load()
                self._jobs.put_nowait(job)
        except (asyncio.IncompleteReadError, ConnectionError):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _say(self, **message: Any) -> None:
        self._writer.write(line(**message))

    async def _slot(self) -> None:
        """One worker of the search: an actor, and another one when it is lost."""
        failures = 0
        while True:
            actor = self._actors.remote(*self._arguments)
            try:
                await self._start(actor)
                failures = 0
                self._ready.set()
                while True:
                    number, data = await self._jobs.get()
                    if not await self._evaluated(actor, number, data):
                        break
            except self._lost_with as error:
                failures += 1
                if failures == LIVES or getattr(error, "actor_init_failed", False):
                    text = f"no worker can be started on the Ray cluster: {_cause(error)}"
                    self._say(**written(StorageError(text)))
                    return
            except ArchwrightError as error:
                self._say(**written(error))
                return
            _kill(actor)

    async def _start(self, actor: Any) -> None:
        """Waits until an actor is ready. Raises UsageError if its node has other versions."""
        (said,) = Lines().add(await actor.start.remote())
        other = {name: one for name, one in said["versions"].items() if one != versions()[name]}
        if other:
            theirs = ", ".join(f"{name} {one}" for name, one in other.items())
            ours = ", ".join(f"{name} {versions()[name]}" for name in other)
            raise UsageError(f"the node {said['node']} of the Ray cluster has {theirs}, and this machine {ours}")

    async def _evaluated(self, actor: Any, number: int, data: bytes) -> bool:
        """Evaluates a job. False if the actor was lost, as a notice says: the job then waits again, or has failed."""
        began, lines = False, Lines()
        stream = actor.evaluate.remote(data)
        try:
            while True:
                reference = await asyncio.wait_for(anext(stream), self._setup.resources.limits.seconds + _GRACE)
                if not began:
                    began = True
                    self._say(began=number)
                for message in lines.add(await reference):
                    self._say(number=number, **message)
        except StopAsyncIteration:
            self._lost.pop(number, None)
            return True
        except self._lost_with as error:
            cause = "it said nothing for too long" if isinstance(error, asyncio.TimeoutError) else _cause(error)
        # Before the outcome, which may be the last that the search waits for.
        self._say(notice=f"trial {number} lost its worker on the cluster: {cause}")
        self._lost[number] = self._lost.get(number, 0) + began
        if self._lost[number] < LIVES:
            self._jobs.put_nowait((number, data))
        else:
            self._lost.pop(number)
            failed = Failed(FailureKind.CRASH, f"{LIVES} workers on the cluster were lost in it ({cause})")
            self._say(number=number, **message_of((failed, 0.0)), death="lost")
        return False

    async def _tell_of_waiting(self, slots: int) -> None:
        try:
            await asyncio.wait_for(self._ready.wait(), _LONG)
        except TimeoutError:
            each = f"{slots} workers, each with {self._setup.needs}"
            self._say(notice=f"the search waits for the Ray cluster, which has not started any of {each}")


def _kill(actor: Any) -> None:
    """Ends an actor, if it is still there."""
    import ray

    ray.kill(actor)


def _cause(error: BaseException) -> str:
    """What Ray says of a lost actor, in a sentence: that of the last line, which follows a list of its properties."""
    said = [text for text in str(error).splitlines() if text.strip()] or [type(error).__name__]
    return said[-1].strip().partition(". ")[0][:300]
