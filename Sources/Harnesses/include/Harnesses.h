// The files that every sandbox has for scripts: the harnesses that call a function of theirs, and the helper modules by which
// they speak to Bobbin. They are part of the launcher, so that nothing has to be installed, found or trusted beside it.
#pragma once

#include <stddef.h>

struct harness_file {
    // Absolute, in the sandbox.
    const char *path;
    const unsigned char *bytes;
    size_t length;
};

// The file of that number, from 0; NULL after the last.
const struct harness_file *harness_file_at(size_t number);
