"""What a run tells while it runs: which process it is, and its log in sentences. Our own lines are
shown, and a failure that is foreseen is told without the program's inner parts."""

from __future__ import annotations

import logging
import os
import socket

from flows import failures

AGAIN = ("Finished in state Failed(", "Finished in state Completed(")  # both were told before
OURS, PREFECTS = "evidence", ("prefect.flow_runs", "prefect.task_runs")


class Foreseen(logging.Filter):
    """Has Prefect tell a foreseen failure of a step as the sentences that it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a line through; one with a foreseen failure as its sentences alone, and not the one
        that says the same again."""
        if record.getMessage().startswith(AGAIN):
            return False
        why = record.exc_info[1] if record.exc_info else None
        if type(why).__name__ == "FailedRun":  # that a flow ended as Failed, as it was meant to
            return False
        sentences = failures.foreseen(why) if why else None
        if sentences is not None:
            record.msg, record.args = "This step did not succeed: %s", (" ".join(sentences),)
            record.exc_info = record.exc_text = None
        return True


def begin() -> None:
    """Have the log of this process's run tell what an officer can read."""
    logging.getLogger(OURS).setLevel(logging.INFO)  # Prefect shows our lines from a level on
    for name in PREFECTS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, Foreseen) for known in logger.filters):
            logger.addFilter(Foreseen())


def sign_in() -> None:
    """Note on the server which process runs this, unless a worker did: a desk that opens again
    asks whether it is still at work (``leftovers``)."""
    from prefect.client.orchestration import get_client
    from prefect.runtime import flow_run

    if not (mine := flow_run.id):
        return
    with get_client(sync_client=True) as client:
        if not client.read_flow_run(mine).infrastructure_pid:
            client.update_flow_run(mine, infrastructure_pid=f"{socket.gethostname()}:{os.getpid()}")
