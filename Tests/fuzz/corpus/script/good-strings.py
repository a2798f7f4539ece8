# /// script
# [tool.bobbin]
# title = '''
# several
# lines'''
# args = ["\u00e9", 'raw \n', """multi"""]
# env = {A = "1"}
# ///
