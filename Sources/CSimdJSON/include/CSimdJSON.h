#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A typed C surface over simdjson's DOM: one parse that checks the whole text, then a cursor over members.
//
// A reader is used by one thread at a time. Everything that a cursor hands out (names, text) lives until the
// reader's next parse; the text given to `martlet_json_parse` must live as long as its cursor is used.

#ifdef __cplusplus
extern "C" {
#endif

/// Readable bytes that must follow a text that is parsed in place.
enum { MARTLET_JSON_PADDING = 64 };

typedef struct martlet_json martlet_json;
typedef struct martlet_json_names martlet_json_names;

typedef enum martlet_json_status {
    MARTLET_JSON_OK = 0,
    MARTLET_JSON_EMPTY = 1,
    MARTLET_JSON_NOT_UTF8 = 2,
    MARTLET_JSON_TOO_DEEP = 3,
    MARTLET_JSON_BAD_NUMBER = 4,
    MARTLET_JSON_BAD_STRING = 5,
    MARTLET_JSON_BAD_SYNTAX = 6,
    MARTLET_JSON_TOO_LARGE = 7,
    MARTLET_JSON_NO_MEMORY = 8,
} martlet_json_status;

typedef enum martlet_json_kind {
    MARTLET_JSON_NULL = 0,
    MARTLET_JSON_FALSE = 1,
    MARTLET_JSON_TRUE = 2,
    /// Fits Int64.
    MARTLET_JSON_INTEGER = 3,
    /// Above Int64 but within UInt64.
    MARTLET_JSON_UNSIGNED = 4,
    MARTLET_JSON_DOUBLE = 5,
    MARTLET_JSON_STRING = 6,
    MARTLET_JSON_ARRAY = 7,
    MARTLET_JSON_OBJECT = 8,
} martlet_json_kind;

typedef enum martlet_json_spelling {
    MARTLET_JSON_UNLISTED = 0,
    /// Byte for byte the listed name.
    MARTLET_JSON_PLAIN = 1,
    /// The listed name once its escapes are resolved, or up to an escaped NUL, where C readers stop.
    MARTLET_JSON_ESCAPED = 2,
    /// The listed name but for letter case, by Unicode's full case folding.
    MARTLET_JSON_OTHER_CASE = 3,
} martlet_json_spelling;

typedef struct martlet_json_member {
    /// Index into the names asked for; only if `spelling` is not MARTLET_JSON_UNLISTED.
    uint32_t listed;
    martlet_json_spelling spelling;
    martlet_json_kind kind;
    /// Offsets in the text: the name's opening quote, and the value from its first byte to one past its last.
    /// Zero unless the text was parsed with ranges.
    uint32_t name_start;
    uint32_t value_start;
    uint32_t value_end;
    int64_t integer;
    double number;
    /// The unescaped name (of a member of an object) and text (of a string); not terminated.
    const uint8_t *name;
    size_t name_length;
    const uint8_t *text;
    size_t text_length;
    /// Members of an array or object; saturates at 0xFFFFFF.
    size_t count;
} martlet_json_member;

/// NULL if there is no memory. Texts longer than `length_max` and nested deeper than `depth_max` are refused.
martlet_json *martlet_json_create(size_t length_max, size_t depth_max);
void martlet_json_destroy(martlet_json *reader);

/// Parses the whole text. With `is_padded`, MARTLET_JSON_PADDING readable bytes follow it; else it is copied.
/// With `with_ranges`, members tell where they stand; costs a step per token of what is walked over.
martlet_json_status martlet_json_parse(
    martlet_json *reader, const uint8_t *text, size_t length, bool is_padded, bool with_ranges
);

martlet_json_kind martlet_json_root(const martlet_json *reader);

/// Moves into the root (first call) or the value of the member read last. False if that is neither array nor
/// object, or the cursor is already MARTLET_JSON_LEVELS_MAX levels deep.
bool martlet_json_enter(martlet_json *reader);
enum { MARTLET_JSON_LEVELS_MAX = 24 };

/// The text that was parsed; valid until the next parse.
const uint8_t *martlet_json_text(const martlet_json *reader);

/// Back to the level above, behind the member that was entered.
void martlet_json_leave(martlet_json *reader);

/// The next member of the level, or false at its end. `names` may be NULL.
bool martlet_json_next(martlet_json *reader, const martlet_json_names *names, martlet_json_member *member);

/// Whether the token index ever disagreed with the tree. Never seen; a reader must then not be believed.
bool martlet_json_is_torn(const martlet_json *reader);

/// A list of lower-case ASCII names, separated by single spaces. Immutable, so any thread may use it.
martlet_json_names *martlet_json_names_create(const char *list, size_t length);
void martlet_json_names_destroy(martlet_json_names *names);

#ifdef __cplusplus
}
#endif
