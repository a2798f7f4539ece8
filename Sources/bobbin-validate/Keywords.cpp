#include "Keywords.hpp"

#include <cmath>
#include <memory>
#include <new>
#include <unordered_set>

#include "Formats.hpp"

using valijson::ValidationResults;
using valijson::adapters::Adapter;
using valijson::constraints::Constraint;
using Context = std::vector<std::string>;

namespace {
    template <class Own> class Keyword : public valijson::constraints::PolyConstraint {
        Constraint *cloneInto(void *place) const override { return new (place) Own(static_cast<const Own &>(*this)); }
        size_t sizeOf() const override { return sizeof(Own); }

    protected:
        static bool fail(ValidationResults *results, const Context &context, const std::string &message) {
            if (results) results->pushError(context, message);
            return false;
        }
    };

    template <class Own> struct Builder : valijson::ConstraintBuilder {
        Constraint *make(const Adapter &node) const override { return new Own(node); }
    };

    /// An integer is any whole number, beyond 64 bits too; and it says which types there may be.
    class Type : public Keyword<Type> {
        std::vector<std::string> names;

        static bool isOf(const std::string &name, const Adapter &value) {
            if (name == "integer") {
                return value.isInteger() || (value.isDouble() && std::floor(value.getDouble()) == value.getDouble());
            }
            if (name == "number") return value.isNumber();
            if (name == "string") return value.isString();
            if (name == "boolean") return value.isBool();
            if (name == "null") return value.isNull();
            if (name == "array") return value.isArray();
            return name == "object" && value.isObject();
        }

    public:
        explicit Type(const Adapter &node) {
            if (node.isString()) names.push_back(node.asString());
            if (!node.isArray()) return;
            node.applyToArray([this](const Adapter &name) {
                names.push_back(name.asString());
                return true;
            });
        }

        bool validate(const Adapter &value, const Context &context, ValidationResults *results) const override {
            std::string list;
            for (const std::string &name : names) {
                if (isOf(name, value)) return true;
                list += (list.empty() ? "" : " or ") + name;
            }
            return fail(results, context, "must be of type " + list);
        }
    };

    /// The library cuts the fraction off, and knows no 0.01.
    class MultipleOf : public Keyword<MultipleOf> {
        double divisor;

        bool isMultiple(double value) const {
            double quotient = value / divisor;
            bool isWhole = value == std::floor(value) && divisor == std::floor(divisor);
            if (isWhole || !std::isfinite(quotient)) return std::fmod(value, divisor) == 0;
            // 19.99 is one of 0.01, though neither can be said in binary.
            return std::fabs(quotient - std::round(quotient)) <= 1e-15 * std::fabs(quotient);
        }

    public:
        explicit MultipleOf(const Adapter &node) : divisor(node.isNumber() ? node.getNumber() : 1) {}

        bool validate(const Adapter &value, const Context &context, ValidationResults *results) const override {
            if (!value.isNumber()) return true;
            // Beyond 53 bits an integer is no other number.
            bool isExact = value.isInteger() && divisor == std::floor(divisor) && divisor < 9e15;
            if (isExact ? value.getInteger() % static_cast<int64_t>(divisor) == 0 : isMultiple(value.getNumber())) {
                return true;
            }
            return fail(results, context, "must be a multiple of " + nlohmann::json(divisor).dump());
        }
    };

    /// The library compares each element with each other one.
    class UniqueItems : public Keyword<UniqueItems> {
        bool isAsked;

        /// The same for equal values.
        static std::string canonical(const Adapter &value) {
            if (value.isNull()) return "n";
            if (value.isBool()) return value.getBool() ? "t" : "f";
            if (value.isInteger()) return std::to_string(value.getInteger());
            if (value.isNumber()) return nlohmann::json(value.getNumber()).dump();
            if (value.isString()) {
                std::string text = value.getString();
                return std::to_string(text.size()) + '"' + text;
            }
            std::string list(1, value.isArray() ? '[' : '{');
            if (value.isArray()) {
                value.applyToArray([&list](const Adapter &element) {
                    list += canonical(element) + ',';
                    return true;
                });
            } else {
                // The adapter has them in the order of their names.
                value.applyToObject([&list](const std::string &name, const Adapter &member) {
                    list += std::to_string(name.size()) + '"' + name + canonical(member) + ',';
                    return true;
                });
            }
            return list + ']';
        }

    public:
        explicit UniqueItems(const Adapter &node) : isAsked(node.isBool() && node.getBool()) {}

        bool validate(const Adapter &value, const Context &context, ValidationResults *results) const override {
            if (!isAsked || !value.isArray()) return true;
            std::unordered_set<std::string> seen;
            size_t index = 0;
            bool isUnique = true;
            value.applyToArray([&](const Adapter &element) {
                isUnique = seen.insert(canonical(element)).second;
                if (isUnique) index++;
                return isUnique;
            });
            if (isUnique) return true;
            return fail(results, context, "its element " + std::to_string(index) + " is there twice");
        }
    };

    /// The library asks numbers for their text, and knows three formats.
    class Format : public Keyword<Format> {
        std::string name;

    public:
        explicit Format(const Adapter &node) : name(node.isString() ? node.getString() : "") {}

        bool validate(const Adapter &value, const Context &context, ValidationResults *results) const override {
            if (!value.isString()) return true;
            std::string fault = formats::fault(name, value.getString());
            return fault.empty() || fail(results, context, fault);
        }
    };

    /// The library counts until a NUL.
    template <bool isMinimum> class Length : public Keyword<Length<isMinimum>> {
        double limit;

    public:
        explicit Length(const Adapter &node) : limit(node.isNumber() ? node.getNumber() : 0) {}

        bool validate(const Adapter &value, const Context &context, ValidationResults *results) const override {
            if (!value.isString()) return true;
            double length = 0;
            for (unsigned char byte : value.getString()) length += (byte & 0xC0) != 0x80;
            if (isMinimum ? length >= limit : length <= limit) return true;
            return Keyword<Length<isMinimum>>::fail(
                results, context,
                std::string(isMinimum ? "must have at least " : "must have at most ")
                    + std::to_string(static_cast<int64_t>(limit)) + " characters");
        }
    };

    class Watch : public Keyword<Watch> {
        static constexpr size_t enough = 200;

    public:
        explicit Watch(const Adapter &) {}

        bool validate(const Adapter &, const Context &, ValidationResults *results) const override {
            if (results && results->numErrors() > enough) {
                throw keywords::EnoughErrors{{results->begin(), results->end()}};
            }
            return true;
        }
    };
} // namespace

namespace keywords {
    const std::set<std::string> &own() {
        static const std::set<std::string> names = {"type",   "multipleOf", "uniqueItems",
                                                    "format", "minLength",  "maxLength"};
        return names;
    }

    std::string ownName(const std::string &keyword) { return "\x01" + keyword; }

    const std::string watch = "\x01watch";

    void teach(valijson::SchemaParser &parser) {
        parser.addConstraintBuilder(ownName("type"), new Builder<Type>);
        parser.addConstraintBuilder(ownName("multipleOf"), new Builder<MultipleOf>);
        parser.addConstraintBuilder(ownName("uniqueItems"), new Builder<UniqueItems>);
        parser.addConstraintBuilder(ownName("format"), new Builder<Format>);
        parser.addConstraintBuilder(ownName("minLength"), new Builder<Length<true>>);
        parser.addConstraintBuilder(ownName("maxLength"), new Builder<Length<false>>);
        parser.addConstraintBuilder(watch, new Builder<Watch>);
    }
} // namespace keywords
