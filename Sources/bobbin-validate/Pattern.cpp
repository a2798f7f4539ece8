#include "Pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <map>
#include <new>

namespace {
    /// ECMAScript's meaning where Perl's is another one: `$` is the very end, `[]` is nothing, `\u0041` is a letter, a group that
    /// took no part matches the empty text. `\C` could break a character in two.
    constexpr uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_ALT_BSUX
                                 | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;

    /// Steps that one comparison may take: about a second.
    constexpr uint32_t mostSteps = 20'000'000;

    std::map<std::string, pcre2_code *> compiled;
} // namespace

Pattern::Pattern(const std::string &text) : text(text) {
    auto known = compiled.find(text);
    if (known != compiled.end()) {
        code = known->second;
        return;
    }
    int number = 0;
    size_t offset = 0;
    auto characters = reinterpret_cast<PCRE2_SPTR>(text.data());
    code = pcre2_compile(characters, text.size(), options, &number, &offset, nullptr);
    if (code == nullptr) {
        PCRE2_UCHAR words[200];
        if (pcre2_get_error_message(number, words, sizeof words) < 0) words[0] = 0;
        throw BadPattern(std::string(reinterpret_cast<char *>(words)) + ", at byte " + std::to_string(offset));
    }
    compiled.emplace(text, code);
}

bool Pattern::isIn(const std::string &subject) const {
    static pcre2_match_context *context = pcre2_match_context_create(nullptr);
    static pcre2_match_data *data = pcre2_match_data_create(1, nullptr);
    if (context == nullptr || data == nullptr) throw std::bad_alloc();
    pcre2_set_match_limit(context, mostSteps);
    // What was read as JSON is UTF-8.
    int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), 0,
                            PCRE2_NO_UTF_CHECK, data, context);
    if (found >= 0) return true;
    if (found == PCRE2_ERROR_NOMATCH) return false;
    if (found == PCRE2_ERROR_NOMEMORY) throw std::bad_alloc();
    throw EndlessPattern("the pattern '" + text + "' takes too many steps on a text of "
                         + std::to_string(subject.size()) + " bytes; make it simpler");
}
