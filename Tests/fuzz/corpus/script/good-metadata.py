# /// script
# [tool.bobbin]
# title = "x"
# priority = 7
# [tool.bobbin.limits]
# cpus = 1.5
# ///
print(1)
