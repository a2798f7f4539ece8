// Keywords that Valijson knows, and that are looked at here instead: see the reasons at each.

#pragma once

#include "Library.hpp"

#include <set>
#include <string>
#include <vector>

namespace keywords {
    /// Keywords of a schema that are given to what stands here, under a name that no schema can have.
    const std::set<std::string> &own();
    std::string ownName(const std::string &keyword);
    /// Given to every schema: stops what goes on finding errors that nobody reads.
    extern const std::string watch;

    /// Errors that were found when there were enough of them.
    struct EnoughErrors {
        std::vector<valijson::ValidationResults::Error> errors;
    };

    /// Makes a parser that knows them.
    void teach(valijson::SchemaParser &parser);
} // namespace keywords
