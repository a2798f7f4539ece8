# /// script
# tool.bobbin = {call = "main", input = [1, 2.5, "x", true, {a = 1}], labels = {a = "b"}}
# ///
