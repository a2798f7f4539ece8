# /// script
# [tool.bobbin.input]
# a = 1979-05-27T07:32:00Z
# b = 1979-05-27
# c = 07:32:00
# e = 0x1F
# f = 1_000
# ///
