// JSON texts and places in them.

#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

using Value = nlohmann::json;

/// A text that is no JSON that others could read: says where and why.
struct NotJSON : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A value that is nested deeper than it can be looked at.
struct TooDeep : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What is to be refused in a text that is JSON.
struct ReadingRules {
    /// Levels of lists and objects.
    size_t levels;
    /// A schema that says a thing twice, or has a NUL in a name, is not what it seems.
    bool isSchema = false;
};

/// Reads the whole of an open file. Throws NotJSON, TooDeep, std::bad_alloc.
Value readDocument(std::FILE *file, ReadingRules rules);

/// Whether an open file is JSON, in memory that does not grow with it. Throws NotJSON, std::bad_alloc.
void checkSyntax(std::FILE *file);

/// Names and indices from the root.
using Way = std::vector<std::string>;

/// The JSON pointer of RFC 6901.
std::string pointer(const Way &way);
/// One part of it, escaped.
std::string pointerPart(const std::string &name);

/// A value in a few words.
std::string inWords(const Value &value);

/// At most that many bytes of a text, never a part of a character.
std::string cut(const std::string &text, size_t bytes);
