# /// script
# [tool.bobbin
# x = 
# ///
