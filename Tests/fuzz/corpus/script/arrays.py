# /// script
# [[tool.bobbin.outputs]]
# path = "a"
# [[tool.bobbin.outputs]]
# path = "b"
# required = true
# ///
