#!/bin/sh
# A script that fails. Its state is `failed`, `exit_code` says 3, and everything it wrote until then comes back:
# a failure is a result like any other.
echo "checked 2 of 3 files" | tee progress.txt
echo "fails.sh: the third file is missing" >&2
exit 3
