# /// script
# [tool.bobbin]
