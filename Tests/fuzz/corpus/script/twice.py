# /// script
# ///
# /// script
# ///
