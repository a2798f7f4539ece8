// The regular expressions of schemas. libstdc++'s std::regex goes a level deeper for each character of the text, so that a
// long one ends the process, takes exponential time, and knows bytes only; PCRE2 counts its steps and knows UTF-8.

#pragma once

#include <stdexcept>
#include <string>

struct pcre2_real_code_8;

/// What no text can be compared with: says why.
struct BadPattern : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A pattern that takes more steps on a text than a pattern may.
struct EndlessPattern : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A regular expression as ECMAScript has them, compiled once for all that have the same text.
class Pattern {
public:
    /// Throws BadPattern.
    explicit Pattern(const std::string &text);

    /// Whether it is found anywhere in the text. Throws EndlessPattern.
    bool isIn(const std::string &text) const;

private:
    pcre2_real_code_8 *code;
    std::string text;
};
