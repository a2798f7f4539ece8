#include "Formats.hpp"

#include <arpa/inet.h>

#include <map>

#include "Pattern.hpp"

namespace {
    const char *const date = "(?:(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
                             "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
                             "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
    const char *const time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?"
                             "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";

    struct Format {
        std::string pattern;
        std::string wanted;
    };

    const std::map<std::string, Format> &byPattern() {
        static const std::map<std::string, Format> table = {
            {"date", {std::string("^") + date + "$", "must be a date as 2026-01-31"}},
            {"time", {std::string("^") + time + "$", "must be a time as 14:30:00Z or 14:30:00+02:00"}},
            {"date-time",
             {std::string("^") + date + "[Tt]" + time + "$", "must be a date and time as 2026-01-31T14:30:00Z"}},
            {"email", {"^[^\\s@]+@[^\\s@]+$", "must be a mail address"}},
            {"hostname",
             {"^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)"
              "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$",
              "must be the name of a host"}},
            {"uri",
             {"^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$",
              "must be a URI as https://example.org/a"}},
        };
        return table;
    }
} // namespace

std::string formats::fault(const std::string &format, const std::string &text) {
    auto known = byPattern().find(format);
    if (known != byPattern().end()) {
        return Pattern(known->second.pattern).isIn(text) ? "" : known->second.wanted;
    }
    unsigned char address[sizeof(in6_addr)];
    // They end at a NUL.
    bool isWhole = text.find('\0') == std::string::npos;
    if (format == "ipv4") {
        return isWhole && inet_pton(AF_INET, text.c_str(), address) == 1 ? "" : "must be an address as 192.0.2.1";
    }
    if (format == "ipv6") {
        return isWhole && inet_pton(AF_INET6, text.c_str(), address) == 1 ? "" : "must be an address as 2001:db8::1";
    }
    if (format == "regex") {
        try {
            Pattern pattern(text);
        } catch (const BadPattern &bad) { return std::string("must be a regular expression: ") + bad.what(); }
    }
    return "";
}
