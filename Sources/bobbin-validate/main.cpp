// Checks the JSON text on standard input against a schema of JSON Schema's draft-07, or without one whether it is JSON at all.
// It runs in a sandbox of its own: both may be of strangers, and of any size.
//
//     bobbin-validate [SCHEMA] < text
//
// What is wrong is printed a line each, a JSON pointer and a sentence with a tab between them. It ends with
//
//     0   the text is as the schema says
//     1   it is not: at most 21 lines, pointers into the text
//     2   the schema cannot be used: pointers into the schema
//     3   the text is no JSON
//     4   this cannot be found out within the limits: memory, time, depth
//     64  wrong arguments; 74 the machine failed, said on standard error; 75 it was short of something: the errno's number first
//
// It holds itself to its limits, so that what they end is said; the sandbox's lie beyond.

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <sys/resource.h>
#include <unistd.h>

#include "Document.hpp"
#include "Explanation.hpp"
#include "Pattern.hpp"
#include "Schema.hpp"

namespace {
    enum Verdict { valid = 0, invalid = 1, badSchema = 2, noJSON = 3, beyondLimits = 4 };

    constexpr rlim_t mostMemory = 960u << 20;
    constexpr rlim_t mostSeconds = 60;
    constexpr size_t mostLevels = 500;
    constexpr size_t mostSchemaLevels = 128;
    constexpr long mostSchemaBytes = 1 << 20;

    [[noreturn]] void fail(const char *what, int error) {
        bool isPassing = error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE || error == ENOMEM;
        if (isPassing) std::fprintf(stderr, "%d ", error);
        std::fprintf(stderr, "bobbin-validate: %s: %s\n", what, std::strerror(error));
        std::_Exit(isPassing ? 75 : 74);
    }

    /// A pointer and a sentence on a line, whatever is in them.
    void print(const Fault &fault) {
        auto printed = [](const std::string &text, size_t bytes) {
            std::string shown = cut(text, bytes);
            std::string result;
            for (char character : shown) {
                if (character == '\n' || character == '\t') result += "\uFFFD";
                else result += character;
            }
            return shown.size() < text.size() ? result + "…" : result;
        };
        std::printf("%s\t%s\n", printed(fault.where, 300).c_str(), printed(fault.what, 500).c_str());
    }

    int say(Verdict verdict, const std::vector<Fault> &faults) {
        for (const Fault &fault : faults) print(fault);
        // What is not written would be taken for less.
        if (std::fflush(stdout) != 0) fail("cannot write", errno);
        std::_Exit(verdict);
    }

    /// Ends the process out of whatever it was doing; nothing was printed yet.
    void giveUp(int signal) {
        const char *line = signal == SIGXCPU ? "\tit takes more than a minute of processor time\n"
                                             : "\tthe schema and the value go too deep together\n";
        if (write(1, line, std::strlen(line)) < 0) _exit(74);
        _exit(beyondLimits);
    }

    void holdLimits() {
        auto lower = [](int resource, rlim_t value) {
            rlimit limit;
            if (getrlimit(resource, &limit) != 0) return;
            limit.rlim_cur = std::min(value, limit.rlim_max);
            setrlimit(resource, &limit);
        };
        lower(RLIMIT_CORE, 0);
        lower(RLIMIT_DATA, mostMemory);
        lower(RLIMIT_CPU, mostSeconds);
        // One that overflowed leaves no room for a handler.
        static char stack[64 << 10];
        stack_t other = {};
        other.ss_sp = stack;
        other.ss_size = sizeof stack;
        sigaltstack(&other, nullptr);
        struct sigaction action = {};
        action.sa_handler = giveUp;
        action.sa_flags = SA_ONSTACK;
        for (int signal : {SIGSEGV, SIGBUS, SIGXCPU}) sigaction(signal, &action, nullptr);
    }

    /// Reads the schema, or says why it cannot be used.
    Schema readSchema(const char *path) {
        std::FILE *file = std::fopen(path, "re");
        if (file == nullptr || std::fseek(file, 0, SEEK_END) != 0) fail(path, errno);
        long size = std::ftell(file);
        std::rewind(file);
        if (size > mostSchemaBytes) {
            say(badSchema, {{"", "is " + std::to_string(size) + " bytes; at most 1 MiB is allowed"}});
        }
        try {
            Value document = readDocument(file, {mostSchemaLevels, true});
            std::fclose(file);
            Schema schema(document);
            if (!schema.faults.empty() && (schema.faults[0].where == "/$schema" || !document.is_object())) {
                say(badSchema, schema.faults);
            }
            std::vector<Fault> wrong = faults(document, Schema::ofSchemas());
            wrong.insert(wrong.end(), schema.faults.begin(), schema.faults.end());
            if (wrong.size() > 20) wrong.resize(20);
            if (!wrong.empty()) say(badSchema, wrong);
            return schema;
        } catch (const NotJSON &error) {
            say(badSchema, {{"", std::string("is no JSON: ") + error.what()}});
        } catch (const TooDeep &error) { say(badSchema, {{"", error.what()}}); }
        std::abort();
    }

    /// Half a text is another one.
    void checkReading(std::FILE *file) {
        if (std::ferror(file)) fail("cannot read", errno);
    }

    int check(const char *schemaPath) {
        if (schemaPath == nullptr) {
            checkSyntax(stdin);
            return say(valid, {});
        }
        Schema schema = readSchema(schemaPath);
        Value value;
        try {
            value = readDocument(stdin, {mostLevels});
        } catch (const TooDeep &error) { return say(beyondLimits, {{"", error.what()}}); }
        std::vector<Fault> wrong = faults(value, schema);
        return say(wrong.empty() ? valid : invalid, wrong);
    }
} // namespace

int main(int count, char **arguments) {
    if (count > 2) {
        std::fprintf(stderr, "usage: bobbin-validate [SCHEMA] < text\n");
        return 64;
    }
    holdLimits();
    try {
        return check(count == 2 ? arguments[1] : nullptr);
    } catch (const NotJSON &error) {
        checkReading(stdin);
        return say(noJSON, {{"", error.what()}});
    } catch (const EndlessPattern &error) {
        return say(beyondLimits, {{"", error.what()}});
    } catch (const std::bad_alloc &) {
        return say(beyondLimits, {{"", "it takes more than 960 MiB of memory"}});
    } catch (const std::exception &error) {
        // The library, of a schema that is allowed and that it does not understand.
        return say(badSchema, {{"", error.what()}});
    }
}
