# /// script
# [ˆˆˆˆˆtool.bo,bbin
# x = 
# ///
