#include "Schema.hpp"

#include <algorithm>

#include "Keywords.hpp"
#include "Metaschema.hpp"

namespace {
    // Keywords whose value is a schema, a list of schemas, schemas by name; those marked hold of the same value.
    const std::map<std::string, bool> single = {
        {"additionalItems", false}, {"additionalProperties", false}, {"contains", false}, {"items", false},
        {"propertyNames", false},   {"if", true},                    {"then", true},      {"else", true},
        {"not", true},
    };
    const std::map<std::string, bool> lists = {
        {"items", false}, {"allOf", true}, {"anyOf", true}, {"oneOf", true},
    };
    const std::map<std::string, bool> named = {
        {"properties", false}, {"patternProperties", false}, {"definitions", false}, {"dependencies", true},
    };

    bool isSchema(const Value &value) { return value.is_object() || value.is_boolean(); }

    bool startsWith(const std::string &text, const std::string &start) { return text.rfind(start, 0) == 0; }

    /// The text of a URI without `%41`; empty characters where it is none.
    std::string decoded(const std::string &text) {
        std::string result;
        for (size_t index = 0; index < text.size(); index++) {
            if (text[index] == '%' && index + 2 < text.size()) {
                result += static_cast<char>(std::strtoul(text.substr(index + 1, 2).c_str(), nullptr, 16));
                index += 2;
            } else {
                result += text[index];
            }
        }
        return result;
    }

    /// A pointer as the fragment of a URI: the library decodes it.
    std::string fragment(const std::string &pointer) {
        std::string result = "#";
        for (char character : pointer) {
            if (character == '%') result += "%25";
            else result += character;
        }
        return result;
    }
} // namespace

Schema::Schema(Value given) : document(std::move(given)) {
    if (!isDraft7(document, "")) return;
    if (document.is_object() && document.contains("$id") && document["$id"].is_string()) {
        std::string id = document["$id"];
        ownURI = id.substr(0, id.find('#'));
    }
    walk(document, "", false);
    if (faults.empty()) findCycles();
    if (faults.empty()) prepare();
}

const Schema &Schema::ofSchemas() {
    static const Schema schema(Value::parse(metaschema));
    return schema;
}

bool Schema::isDraft7(const Value &schema, const std::string &where) {
    if (!schema.is_object() || !schema.contains("$schema")) return true;
    const Value &said = schema["$schema"];
    std::string uri = said.is_string() ? said.get<std::string>() : "";
    if (!uri.empty() && uri.back() == '#') uri.pop_back();
    if (uri == "http://json-schema.org/draft-07/schema" || uri == "https://json-schema.org/draft-07/schema") return true;
    std::string name = inWords(said);
    for (const char *draft : {"draft-03", "draft-04", "draft-06", "draft/2019-09", "draft/2020-12"}) {
        if (uri.find(draft) == std::string::npos) continue;
        name = draft;
        std::replace(name.begin(), name.end(), '/', ' ');
    }
    add(where + "/$schema", "this is a schema of " + name + "; only those of draft-07 are understood");
    return false;
}

void Schema::walk(Value &schema, const std::string &where, bool isRebased) {
    if (!isSchema(schema)) return add(where, "a schema is an object, true or false; this is " + inWords(schema));
    if (!places.emplace(where, &schema).second || !schema.is_object()) return;
    for (auto member = schema.begin(); member != schema.end();) {
        member = !member.key().empty() && member.key()[0] == '\x01' ? schema.erase(member) : std::next(member);
    }
    if (!where.empty()) {
        isDraft7(schema, where);
        auto id = schema.find("$id");
        if (id != schema.end() && id->is_string() && !startsWith(*id, "#")) isRebased = true;
    }
    checkPatterns(schema, where);
    auto child = [&](Value &value, const std::string &place, bool isInPlace) {
        // In draft-07 what stands beside a reference does not count.
        if (isInPlace && !schema.contains("$ref")) inPlace[where].push_back(place);
        walk(value, place, isRebased);
    };
    for (auto &[keyword, isInPlace] : single) {
        auto value = schema.find(keyword);
        if (value != schema.end() && !value->is_array()) child(*value, where + "/" + keyword, isInPlace);
    }
    for (auto &[keyword, isInPlace] : lists) {
        auto value = schema.find(keyword);
        if (value == schema.end() || !value->is_array()) continue;
        size_t index = 0;
        for (Value &element : *value) child(element, where + "/" + keyword + "/" + std::to_string(index++), isInPlace);
    }
    for (auto &[keyword, isInPlace] : named) {
        auto value = schema.find(keyword);
        if (value == schema.end() || !value->is_object()) continue;
        for (auto &[name, element] : value->items()) {
            // A dependency may be a list of names.
            if (element.is_array() && keyword == "dependencies") continue;
            child(element, where + "/" + keyword + "/" + pointerPart(name), isInPlace);
        }
    }
    if (schema.contains("$ref")) refer(schema, where, isRebased);
}

void Schema::checkPatterns(const Value &schema, const std::string &where) {
    auto check = [&](const std::string &text, const std::string &place) {
        try {
            Pattern pattern(text);
        } catch (const BadPattern &bad) {
            add(place, "'" + cut(text, 80) + "' is no regular expression: " + bad.what());
        }
    };
    auto pattern = schema.find("pattern");
    if (pattern != schema.end() && pattern->is_string()) {
        std::string text = *pattern;
        if (text.find('\0') != std::string::npos) return add(where + "/pattern", "there is a NUL in the pattern");
        check(text, where + "/pattern");
    }
    auto byPattern = schema.find("patternProperties");
    if (byPattern == schema.end() || !byPattern->is_object()) return;
    for (auto &[text, _] : byPattern->items()) check(text, where + "/patternProperties/" + pointerPart(text));
}

/// Follows a reference, which must stay in this document: nothing is fetched, and no file is read.
void Schema::refer(Value &schema, const std::string &where, bool isRebased) {
    std::string place = where + "/$ref";
    if (!schema["$ref"].is_string()) return add(place, "must be a text");
    std::string target = schema["$ref"];
    std::string shown = "'" + cut(target, 200) + "'";
    if (!ownURI.empty() && startsWith(target, ownURI + "#")) target.erase(0, ownURI.size());
    if (target.empty() || target[0] != '#') {
        return add(place, shown + " is outside of this schema, and nothing is fetched; put what it names into "
                                  "'definitions' and refer to '#/definitions/NAME'");
    }
    if (isRebased) return add(place, shown + " stands in a schema with an '$id' of its own; take that '$id' out");
    std::string pointer = decoded(target.substr(1));
    Value *found = nullptr;
    if (pointer.empty() || pointer[0] == '/') {
        try {
            found = &document.at(Value::json_pointer(pointer));
        } catch (const Value::exception &) {}
    }
    bool isOdd = pointer.find("//") != std::string::npos || (!pointer.empty() && pointer.back() == '/');
    if (found == nullptr || isOdd) {
        return add(place, shown + " is not in this schema; a reference is as '#/definitions/NAME'");
    }
    schema["$ref"] = fragment(pointer);
    inPlace[where].push_back(pointer);
    referred.insert(pointer);
    // It may be where no keyword looks for a schema.
    walk(*found, pointer, false);
}

/// A schema that holds of a value only if it itself holds of it says nothing, and would be looked at without end.
void Schema::findCycles() {
    std::set<std::string> done;
    std::vector<std::pair<std::string, size_t>> way;
    std::set<std::string> onWay;
    for (auto &[start, _] : inPlace) {
        if (!done.count(start)) way.push_back({start, 0}), onWay.insert(start);
        while (!way.empty()) {
            auto &[where, next] = way.back();
            auto targets = inPlace.find(where);
            if (targets == inPlace.end() || next == targets->second.size()) {
                done.insert(where);
                onWay.erase(where);
                way.pop_back();
                continue;
            }
            std::string target = targets->second[next++];
            if (onWay.count(target)) return add(where, "refers to itself without end, by way of '#" + target + "'");
            if (!done.count(target)) way.push_back({target, 0}), onWay.insert(target);
        }
    }
}

void Schema::prepare() {
    // From the innermost: what is in a schema moves with it, it itself does not stay where it is.
    for (auto place = places.rbegin(); place != places.rend(); place++) {
        if (!place->second->is_object() || place->second->contains("$ref")) continue;
        auto &members = place->second->get_ref<Value::object_t &>();
        // A keyword of draft-04, which the library takes for the schema's own URI.
        members.erase("id");
        for (const std::string &keyword : keywords::own()) {
            auto node = members.extract(keyword);
            if (node.empty()) continue;
            node.key() = keywords::ownName(keyword);
            members.insert(std::move(node));
        }
        members[keywords::watch] = true;
        // The library takes the place of this keyword's schema for that of the schema that it stands in.
        auto names = members.extract("propertyNames");
        if (names.empty()) continue;
        auto inside = referred.lower_bound(place->first + "/propertyNames");
        if (inside != referred.end() && startsWith(*inside, place->first + "/propertyNames")) {
            return add(place->first + "/propertyNames", "is referred to; put it into 'definitions'");
        }
        Value wrapped = Value::object();
        wrapped.get_ref<Value::object_t &>().insert(std::move(names));
        Value &all = members["allOf"];
        if (!all.is_array()) all = Value::array();
        all.push_back(std::move(wrapped));
    }
}
