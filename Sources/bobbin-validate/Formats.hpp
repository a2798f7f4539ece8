// The formats that are looked at; every other one says nothing.

#pragma once

#include <string>

namespace formats {
    /// What a text of that format must be, if this is none; empty if it is one, or the format is not known here.
    std::string fault(const std::string &format, const std::string &text);
} // namespace formats
