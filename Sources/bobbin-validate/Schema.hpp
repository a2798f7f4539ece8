// A schema that can be used: draft-07, whole in itself, and in the shape that the library takes without mistakes.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "Document.hpp"

/// Something that is wrong, and where: a JSON pointer.
struct Fault {
    std::string where;
    std::string what;
};

class Schema {
public:
    /// Looks at a schema; `faults` says whether it can be used.
    explicit Schema(Value document);

    std::vector<Fault> faults;
    /// What the library is to read.
    Value document;

    /// The schema of draft-07 schemas.
    static const Schema &ofSchemas();

private:
    /// Every place of the document that is a schema, by its pointer.
    std::map<std::string, Value *> places;
    /// Schemas that hold of the same value as the one they stand in or are referred to from.
    std::map<std::string, std::vector<std::string>> inPlace;
    std::set<std::string> referred;
    std::string ownURI;

    void add(const std::string &where, const std::string &what) { faults.push_back({where, what}); }
    bool isDraft7(const Value &schema, const std::string &where);
    void walk(Value &schema, const std::string &where, bool isRebased);
    void refer(Value &schema, const std::string &where, bool isRebased);
    void checkPatterns(const Value &schema, const std::string &where);
    void findCycles();
    void prepare();
};
