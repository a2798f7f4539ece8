// Valijson, which checks a value against a schema, with patterns of ours.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "Pattern.hpp"

// Valijson 1.0 has no say in which regular expressions it uses; later ones do. Inside its namespace `std` is this one, which is
// the real one but for them.
namespace valijson::std {
    using namespace ::std;

    struct regex {
        Pattern pattern;
        explicit regex(const string &text) : pattern(text) {}
    };

    /// Only so that it compiles: what it compares as a whole are formats and URNs, and those are refused or looked at before.
    struct smatch {
        struct Part {
            string str() const { return ""; }
        };
        Part operator[](int) const { return {}; }
    };

    inline bool regex_search(const string &text, const regex &regex) { return regex.pattern.isIn(text); }
    inline bool regex_match(const string &text, const regex &regex) { return regex.pattern.isIn(text); }
    inline bool regex_match(const string &text, smatch &, const regex &regex) { return regex.pattern.isIn(text); }
} // namespace valijson::std

// Without it errors end the process.
#ifndef VALIJSON_USE_EXCEPTIONS
#define VALIJSON_USE_EXCEPTIONS 1
#endif

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/constraint_builder.hpp>
#include <valijson/constraints/concrete_constraints.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
