#include "Explanation.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "Keywords.hpp"

namespace {
    using valijson::ValidationResults;

    constexpr size_t mostShown = 20;

    /// `<root>`, `[name]`, `[0]`.
    Way way(const std::vector<std::string> &context) {
        Way way;
        for (size_t index = 1; index < context.size(); index++) {
            const std::string &name = context[index];
            way.push_back(name.substr(1, name.size() - 2));
        }
        return way;
    }

    const Value *find(const Value &root, const Way &way) {
        const Value *value = &root;
        for (const std::string &name : way) {
            if (value->is_object() && value->contains(name)) {
                value = &(*value)[name];
            } else if (value->is_array()) {
                size_t index = std::strtoul(name.c_str(), nullptr, 10);
                if (index >= value->size()) return nullptr;
                value = &(*value)[index];
            } else {
                return nullptr;
            }
        }
        return value;
    }

    /// What only says that something inside is wrong, and where; nothing for every other error.
    std::optional<std::vector<std::string>> placeOfConsequence(const ValidationResults::Error &error) {
        auto place = error.context;
        const std::string &text = error.description;
        for (const char *start : {"Failed to validate against schema associated with property name '",
                                  "Failed to validate item #"}) {
            size_t length = std::strlen(start);
            if (text.compare(0, length, start) != 0) continue;
            size_t end = start[length - 1] == '#' ? text.find(' ', length) : text.rfind('\'');
            place.push_back("[" + text.substr(length, end - length) + "]");
            return place;
        }
        for (const char *start : {
                 "Failed to validate against schema associated with pattern", "Failed to validate against additional",
                 "Failed to validate against child schema #", "Failed to validate against dependent schema",
                 "Failed to validate against a conditional schema",
             }) {
            if (text.rfind(start, 0) == 0) return place;
        }
        return std::nullopt;
    }

    bool isWithin(const std::vector<std::string> &inner, const std::vector<std::string> &outer) {
        return inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
    }

    /// The library's words where they say little.
    const std::map<std::string, std::string> plainWords = {
        {"Failed to match against any enum values.", "is none of the values of 'enum'"},
        {"Failed to match expected value set by 'const' constraint.", "is not the value of 'const'"},
        {"Failed to match regex specified by 'pattern' constraint.", "does not match the 'pattern'"},
        {"Failed to any values against subschema in 'contains' constraint.", "has no element as 'contains' says"},
        {"Target should not validate against schema specified in 'not' constraint.", "is as 'not' forbids"},
        {"Failed to validate against any schemas allowed by anyOf constraint.", "is as none of 'anyOf' says"},
        {"Failed to validate against any child schemas allowed by oneOf constraint.", "is as none of 'oneOf' says"},
        {"Failed to validate against exactly one child schema.", "is as more than one of 'oneOf' says"},
    };

    /// Without a full stop, and numbers as one writes them.
    std::string words(const std::string &description) {
        auto plain = plainWords.find(description);
        if (plain != plainWords.end()) return plain->second;
        std::string text = description;
        if (!text.empty() && text.back() == '.') text.pop_back();
        if (text.rfind("Expected number", 0) == 0 && text.find('.') != std::string::npos) {
            while (text.back() == '0') text.pop_back();
            if (text.back() == '.') text.pop_back();
        }
        if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
        return cut(text, 300);
    }

    /// The errors that say something, each once.
    std::vector<ValidationResults::Error> telling(std::vector<ValidationResults::Error> found) {
        std::vector<ValidationResults::Error> kept;
        for (ValidationResults::Error &error : found) {
            if (auto place = placeOfConsequence(error)) {
                auto says = [&](auto &other) { return isWithin(other.context, *place); };
                if (std::any_of(kept.begin(), kept.end(), says)) continue;
                error = {*place, "is not as the schema says"};
            }
            auto isSame = [&](auto &other) {
                return other.context == error.context && other.description == error.description;
            };
            if (std::none_of(kept.begin(), kept.end(), isSame)) kept.push_back(std::move(error));
        }
        return kept;
    }
} // namespace

std::vector<Fault> faults(const Value &value, const Schema &schema) {
    valijson::adapters::NlohmannJsonAdapter schemaAdapter(schema.document);
    valijson::Schema parsed;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    keywords::teach(parser);
    parser.populateSchema(schemaAdapter, parsed);

    valijson::adapters::NlohmannJsonAdapter adapter(value);
    valijson::Validator validator;
    // Once without reasons: that stops at the first fault, and what is valid needs no more.
    if (validator.validate(parsed, adapter, nullptr)) return {};
    ValidationResults results;
    std::vector<ValidationResults::Error> found;
    try {
        validator.validate(parsed, adapter, &results);
        found.assign(results.begin(), results.end());
    } catch (const keywords::EnoughErrors &enough) {
        found.assign(results.begin(), results.end());
        found.insert(found.end(), enough.errors.begin(), enough.errors.end());
    }
    std::vector<Fault> faults;
    for (const ValidationResults::Error &error : telling(std::move(found))) {
        if (faults.size() == mostShown) {
            faults.push_back({"", "there is more that is wrong, not shown here"});
            break;
        }
        Way where = way(error.context);
        std::string what = words(error.description);
        const Value *there = find(value, where);
        if (there && (there->is_primitive() || what.rfind("must be", 0) == 0)) what += "; this is " + inWords(*there);
        faults.push_back({pointer(where), what});
    }
    if (faults.empty()) faults.push_back({"", "is not as the schema says"});
    return faults;
}
