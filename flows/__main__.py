"""The command ``evidence``. Its subcommands are in ``flows/commands/``.

Exit codes: 0 done or nothing new, 1 unexpected, 2 usage, catalogue or place, 3 built but critical
checks failed, 4 a source failed, 5 another run holds the lock.
"""

from __future__ import annotations

import sys

from flows import failures, loading
from flows.commands import app, asking, refreshing, releases, signing

for errand in (refreshing, signing, releases, asking):  # in the order of the help
    app.add_typer(errand.commands)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; every foreseen failure is a sentence and a code, never a traceback."""
    if arguments is None:
        loading.watch()
        loading.collect_seldom()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(args=given, standalone_mode=False)
    except Exception as why:
        raise SystemExit(
            failures.told(why, debug="--debug" in given, as_json="--json" in given)
        ) from None
    raise SystemExit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
