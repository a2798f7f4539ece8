// Whether a value is as a schema says, and what is wrong with it.

#pragma once

#include <vector>

#include "Schema.hpp"

/// What is wrong with a value, at most 20 faults; none if nothing is.
///
/// Throws EndlessPattern, std::bad_alloc, std::runtime_error of the library.
std::vector<Fault> faults(const Value &value, const Schema &schema);
