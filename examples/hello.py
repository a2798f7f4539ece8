# The smallest bundle there is: one script, no manifest.
#
#   mv hello.py spool/inbox/default/        (or: bobbin submit --wait hello.py)
#
# What it prints comes back as `stdout`, what it writes beside itself as `files/`.
import os
from pathlib import Path

name = os.environ.get("BOBBIN_NAME", "a shell")
print(f"Hello from {name}.")
Path("greeting.txt").write_text(f"{name} was here.\n", encoding="utf-8")
