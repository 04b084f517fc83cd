"""`python -m vaultindex`: the same program under the safe name."""

import sys

from vaultindex.cli.commands import run

sys.exit(run(sys.argv[1:], "vaultindex"))
