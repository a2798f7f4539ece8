#include "Document.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace {
    /// Only says whether the parser finds errors.
    struct Syntax : nlohmann::json_sax<Value> {
        bool null() override { return true; }
        bool boolean(bool) override { return true; }
        bool number_integer(number_integer_t) override { return true; }
        bool number_unsigned(number_unsigned_t) override { return true; }
        bool number_float(number_float_t, const string_t &) override { return true; }
        bool string(string_t &) override { return true; }
        bool binary(binary_t &) override { return true; }
        bool start_object(size_t) override { return true; }
        bool key(string_t &) override { return true; }
        bool end_object() override { return true; }
        bool start_array(size_t) override { return true; }
        bool end_array() override { return true; }
        bool parse_error(size_t, const std::string &, const nlohmann::detail::exception &error) override {
            std::string words = error.what();
            // `[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing value - …`
            size_t end = words.find("] ");
            if (end != std::string::npos) words.erase(0, end + 2);
            for (const char *start : {"parse error at ", "parse error: ", "syntax error "}) {
                if (words.rfind(start, 0) == 0) words.erase(0, std::string(start).size());
            }
            // What it read last may be of any length, and no UTF-8.
            throw NotJSON(cut(words.substr(0, words.find("; last read")), 300));
        }
    };

    /// Makes the value. A number that is whole is an integer however it is written, as draft-07 has it.
    struct Reader : Syntax {
        Value root;

        explicit Reader(ReadingRules rules) : rules(rules) {}

        bool null() override { return put(nullptr); }
        bool boolean(bool value) override { return put(value); }
        bool number_integer(number_integer_t value) override { return put(value); }
        bool number_unsigned(number_unsigned_t value) override {
            // The library would take it for a negative one.
            if (value > static_cast<number_unsigned_t>(INT64_MAX)) return put(static_cast<double>(value));
            return put(static_cast<int64_t>(value));
        }
        bool number_float(number_float_t value, const string_t &) override {
            if (std::floor(value) == value && std::fabs(value) < 9e15) return put(static_cast<int64_t>(value));
            return put(value);
        }
        bool string(string_t &value) override { return put(std::move(value)); }
        bool start_object(size_t) override { return open(Value::object()); }
        bool start_array(size_t) override { return open(Value::array()); }
        bool end_object() override { return close(); }
        bool end_array() override { return close(); }
        bool key(string_t &value) override {
            if (rules.isSchema) {
                if (value.find('\0') != string_t::npos) throw NotJSON("there is a NUL in the name of a member");
                if (parents.back()->contains(value)) throw NotJSON("the member '" + cut(value, 80) + "' is there twice");
            }
            name = std::move(value);
            return true;
        }

    private:
        ReadingRules rules;
        std::vector<Value *> parents;
        string_t name;

        Value *add(Value value) {
            if (parents.empty()) {
                root = std::move(value);
                return &root;
            }
            Value &parent = *parents.back();
            if (parent.is_array()) {
                parent.push_back(std::move(value));
                return &parent.back();
            }
            Value &place = parent[name];
            place = std::move(value);
            return &place;
        }
        bool put(Value value) {
            add(std::move(value));
            return true;
        }
        bool open(Value value) {
            if (parents.size() == rules.levels) {
                throw TooDeep("it is nested more than " + std::to_string(rules.levels) + " levels deep");
            }
            parents.push_back(add(std::move(value)));
            return true;
        }
        bool close() {
            parents.pop_back();
            return true;
        }
    };
} // namespace

Value readDocument(std::FILE *file, ReadingRules rules) {
    // Never freed where reading fails: to take a value apart takes memory, of which there may be none, and the process ends.
    Reader *reader = new Reader(rules);
    Value::sax_parse(file, reader);
    return std::move(reader->root);
}

void checkSyntax(std::FILE *file) {
    Syntax syntax;
    Value::sax_parse(file, &syntax);
}

std::string pointerPart(const std::string &name) {
    std::string part;
    for (char character : name) {
        if (character == '~') part += "~0";
        else if (character == '/') part += "~1";
        else part += character;
    }
    return part;
}

std::string pointer(const Way &way) {
    std::string text;
    for (const std::string &name : way) text += "/" + pointerPart(name);
    return text;
}

std::string inWords(const Value &value) {
    switch (value.type()) {
    case Value::value_t::null: return "null";
    case Value::value_t::object: return value.empty() ? "an empty object" : "an object";
    case Value::value_t::array: return value.empty() ? "an empty list" : "a list of " + std::to_string(value.size());
    case Value::value_t::string: {
        const std::string &text = value.get_ref<const std::string &>();
        std::string shown = cut(text, 40);
        return "'" + shown + (shown.size() < text.size() ? "…'" : "'");
    }
    default: return value.dump();
    }
}

std::string cut(const std::string &text, size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) bytes--;
    return text.substr(0, bytes);
}
