#include "CSimdJSON.h"

#include <simdjson.h>

#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace simdjson;

static_assert(MARTLET_JSON_PADDING >= SIMDJSON_PADDING, "the padding asked of callers must do for simdjson");

namespace {

/// One open array or object. `token` is the index of the token where its next member begins.
struct Level {
    bool is_object = false;
    std::optional<dom::object::iterator> member, members_end;
    std::optional<dom::array::iterator> item, items_end;
    uint32_t token = 0;
};

/// Texts up to this size are copied to a buffer that is kept; longer ones to one that is not.
constexpr size_t kept_copy_max = 256 * 1024;

bool is_space(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

/// A character outside ASCII that some reader takes for ASCII letters: all whose full case folding is ASCII,
/// and the two letters i that Java's equalsIgnoreCase takes for one.
struct Fold {
    std::string_view utf8, ascii;
};
constexpr Fold folds[] = {
    {"\xC5\xBF", "s"},      {"\xE2\x84\xAA", "k"},  {"\xC3\x9F", "ss"},     {"\xE1\xBA\x9E", "ss"},
    {"\xC4\xB0", "i"},      {"\xC4\xB1", "i"},      {"\xEF\xAC\x80", "ff"}, {"\xEF\xAC\x81", "fi"},
    {"\xEF\xAC\x82", "fl"}, {"\xEF\xAC\x83", "ffi"}, {"\xEF\xAC\x84", "ffl"}, {"\xEF\xAC\x85", "st"},
    {"\xEF\xAC\x86", "st"},
};

/// No name with an ASCII folding longer than this can be a listed one.
constexpr size_t folded_length_max = 64;

/// The name in lower-case ASCII, or nothing if it cannot be written so. `into` has room for 64 + 3 bytes.
std::optional<std::string_view> folded(std::string_view name, char *into) {
    size_t length = 0;
    while (!name.empty()) {
        if (length >= folded_length_max) { return std::nullopt; }
        if (static_cast<unsigned char>(name[0]) < 0x80) {
            into[length++] = lower(name[0]);
            name.remove_prefix(1);
            continue;
        }
        bool found = false;
        for (const Fold &fold : folds) {
            if (name.substr(0, fold.utf8.size()) != fold.utf8) { continue; }
            std::memcpy(into + length, fold.ascii.data(), fold.ascii.size());
            length += fold.ascii.size();
            name.remove_prefix(fold.utf8.size());
            found = true;
            break;
        }
        if (!found) { return std::nullopt; }
    }
    return std::string_view(into, length);
}

martlet_json_status status(error_code error) {
    switch (error) {
        case SUCCESS: return MARTLET_JSON_OK;
        case EMPTY: return MARTLET_JSON_EMPTY;
        case UTF8_ERROR: return MARTLET_JSON_NOT_UTF8;
        case DEPTH_ERROR: return MARTLET_JSON_TOO_DEEP;
        case NUMBER_ERROR: return MARTLET_JSON_BAD_NUMBER;
        case STRING_ERROR:
        case UNESCAPED_CHARS:
        case UNCLOSED_STRING: return MARTLET_JSON_BAD_STRING;
        case CAPACITY: return MARTLET_JSON_TOO_LARGE;
        case MEMALLOC: return MARTLET_JSON_NO_MEMORY;
        default: return MARTLET_JSON_BAD_SYNTAX;
    }
}

}  // namespace

struct martlet_json_names {
    std::vector<std::string> list;
    size_t length_max = 0;

    void look_up(std::string_view name, bool is_escaped, martlet_json_member &member) const {
        char room[folded_length_max + 4];
        // Where a reader in C stops; only an escape can have put a NUL here.
        std::string_view whole = name;
        if (is_escaped) { name = name.substr(0, name.find('\0')); }
        // A character that folds to ASCII takes at most three bytes for one letter.
        if (name.size() > 3 * this->length_max) { return; }
        auto plain = folded(name, room);
        if (!plain) { return; }
        for (size_t i = 0; i < this->list.size(); i += 1) {
            if (this->list[i] != *plain) { continue; }
            member.listed = static_cast<uint32_t>(i);
            member.spelling = is_escaped                ? MARTLET_JSON_ESCAPED
                              : this->list[i] == whole ? MARTLET_JSON_PLAIN
                                                       : MARTLET_JSON_OTHER_CASE;
            return;
        }
    }
};

struct martlet_json {
    dom::parser parser;
    dom::element root;
    dom::element last;
    const uint8_t *text = nullptr;
    size_t length = 0;
    size_t length_max;
    size_t depth_max;
    bool with_ranges = false;
    bool is_torn = false;
    bool is_started = false;
    size_t depth = 0;
    Level levels[MARTLET_JSON_LEVELS_MAX];
    /// Token at which the value of the last member begins.
    uint32_t last_token = 0;
    std::unique_ptr<uint8_t[]> copy;
    size_t copy_size = 0;

    martlet_json(size_t length_max, size_t depth_max)
        : parser(length_max), length_max(length_max), depth_max(depth_max) {}

    /// simdjson's first stage leaves the offset of every token: brackets, `:`, `,`, and the first byte of each
    /// string, number and word. The second stage has checked that they form a text, so that counting brackets
    /// among them is enough to find where a value ends.
    uint32_t tokens() const { return this->parser.implementation->n_structural_indexes; }
    uint32_t offset(uint32_t token) const { return this->parser.implementation->structural_indexes[token]; }
    uint8_t byte(uint32_t token) const { return this->text[this->offset(token)]; }

    /// The token after the value that begins at `token`.
    uint32_t after_value(uint32_t token) const {
        const uint32_t end = this->tokens();
        const uint32_t *offsets = this->parser.implementation->structural_indexes.get();
        int64_t open = 0;
        for (uint32_t i = token; i < end; i += 1) {
            // `[` `]` `{` `}` are 0x5B 0x5D 0x7B 0x7D; the bit 0x20 tells braces from brackets.
            const uint8_t byte = this->text[offsets[i]] | 0x20;
            open += (byte == 0x7B) - (byte == 0x7D);
            if (open == 0) { return i + 1; }
        }
        return end;
    }

    void locate(Level &level, martlet_json_member &member) {
        uint32_t token = level.token;
        if (level.is_object) {
            if (token + 2 >= this->tokens() || this->byte(token) != '"' || this->byte(token + 1) != ':') {
                this->is_torn = true;
                return;
            }
            member.name_start = this->offset(token);
            token += 2;
        }
        const uint32_t after = this->after_value(token);
        if (after >= this->tokens() || (this->byte(after) != ',' && this->byte(after) != (level.is_object ? '}' : ']'))) {
            this->is_torn = true;
            return;
        }
        uint32_t end = this->offset(after);
        while (end > 0 && is_space(this->text[end - 1])) { end -= 1; }
        member.value_start = this->offset(token);
        member.value_end = end;
        this->last_token = token;
        level.token = after + 1;
    }

    /// Only with ranges is the name as written at hand; without them no name is called escaped.
    bool is_escaped(const martlet_json_member &member) const {
        if (!this->with_ranges || this->is_torn || member.name_length == 0) { return false; }
        // Up to its first escape a name stands as it is meant, and each escape means at least one byte.
        return std::memchr(this->text + member.name_start + 1, '\\', member.name_length) != nullptr;
    }

    void describe(dom::element value, martlet_json_member &member) {
        switch (value.type()) {
            case dom::element_type::NULL_VALUE: member.kind = MARTLET_JSON_NULL; break;
            case dom::element_type::BOOL:
                member.kind = bool(value.get_bool().value_unsafe()) ? MARTLET_JSON_TRUE : MARTLET_JSON_FALSE;
                break;
            case dom::element_type::INT64:
                member.kind = MARTLET_JSON_INTEGER;
                member.integer = value.get_int64().value_unsafe();
                break;
            case dom::element_type::UINT64: member.kind = MARTLET_JSON_UNSIGNED; break;
            case dom::element_type::DOUBLE:
                member.kind = MARTLET_JSON_DOUBLE;
                member.number = value.get_double().value_unsafe();
                break;
            case dom::element_type::STRING: {
                member.kind = MARTLET_JSON_STRING;
                std::string_view text = value.get_string().value_unsafe();
                member.text = reinterpret_cast<const uint8_t *>(text.data());
                member.text_length = text.size();
                break;
            }
            case dom::element_type::ARRAY:
                member.kind = MARTLET_JSON_ARRAY;
                member.count = value.get_array().value_unsafe().size();
                break;
            case dom::element_type::OBJECT:
                member.kind = MARTLET_JSON_OBJECT;
                member.count = value.get_object().value_unsafe().size();
                break;
        }
    }

    /// Room for the text and its padding; the buffer is kept unless it is large.
    uint8_t *room_for(size_t size) {
        if (this->copy_size >= size + SIMDJSON_PADDING) { return this->copy.get(); }
        this->copy.reset(new (std::nothrow) uint8_t[size + SIMDJSON_PADDING]);
        this->copy_size = this->copy ? size + SIMDJSON_PADDING : 0;
        return this->copy.get();
    }
};

extern "C" {

martlet_json *martlet_json_create(size_t length_max, size_t depth_max) {
    return new (std::nothrow) martlet_json(length_max, depth_max);
}

void martlet_json_destroy(martlet_json *reader) { delete reader; }

martlet_json_status martlet_json_parse(
    martlet_json *reader, const uint8_t *text, size_t length, bool is_padded, bool with_ranges
) {
    reader->depth = 0;
    reader->is_torn = false;
    reader->is_started = false;
    reader->with_ranges = with_ranges;
    if (length == 0) { return MARTLET_JSON_EMPTY; }
    if (length > reader->length_max) { return MARTLET_JSON_TOO_LARGE; }
    if (reader->copy_size > kept_copy_max + SIMDJSON_PADDING) {
        reader->copy.reset();
        reader->copy_size = 0;
    }
    if (!is_padded) {
        uint8_t *room = reader->room_for(length);
        if (room == nullptr) { return MARTLET_JSON_NO_MEMORY; }
        std::memcpy(room, text, length);
        text = room;
    }
    reader->text = text;
    reader->length = length;
    if (reader->parser.capacity() < length || reader->parser.max_depth() != reader->depth_max) {
        // Grown in steps, so that bodies that get a little longer each time do not allocate each time.
        size_t capacity = 4096;
        while (capacity < length) { capacity *= 2; }
        if (capacity > reader->length_max) { capacity = reader->length_max; }
        error_code error = reader->parser.allocate(capacity, reader->depth_max);
        if (error != SUCCESS) { return status(error); }
    }
    return status(reader->parser.parse(text, length, false).get(reader->root));
}

martlet_json_kind martlet_json_root(const martlet_json *reader) {
    martlet_json_member member{};
    const_cast<martlet_json *>(reader)->describe(reader->root, member);
    return member.kind;
}

bool martlet_json_enter(martlet_json *reader) {
    if (reader->depth >= MARTLET_JSON_LEVELS_MAX) { return false; }
    const bool is_root = !reader->is_started;
    dom::element value = is_root ? reader->root : reader->last;
    Level level;
    level.token = (is_root ? 0 : reader->last_token) + 1;
    if (value.is_object()) {
        dom::object object = value.get_object().value_unsafe();
        level.is_object = true;
        level.member.emplace(object.begin());
        level.members_end.emplace(object.end());
    } else if (value.is_array()) {
        dom::array array = value.get_array().value_unsafe();
        level.item.emplace(array.begin());
        level.items_end.emplace(array.end());
    } else {
        return false;
    }
    reader->is_started = true;
    reader->levels[reader->depth] = level;
    reader->depth += 1;
    return true;
}

const uint8_t *martlet_json_text(const martlet_json *reader) { return reader->text; }

void martlet_json_leave(martlet_json *reader) {
    if (reader->depth > 0) { reader->depth -= 1; }
}

bool martlet_json_next(martlet_json *reader, const martlet_json_names *names, martlet_json_member *member) {
    *member = martlet_json_member{};
    if (reader->depth == 0 || reader->is_torn) { return false; }
    Level &level = reader->levels[reader->depth - 1];
    if (level.is_object) {
        if (!(*level.member != *level.members_end)) { return false; }
        std::string_view name = level.member->key();
        member->name = reinterpret_cast<const uint8_t *>(name.data());
        member->name_length = name.size();
        reader->last = level.member->value();
        ++*level.member;
    } else {
        if (!(*level.item != *level.items_end)) { return false; }
        reader->last = **level.item;
        ++*level.item;
    }
    reader->describe(reader->last, *member);
    if (reader->with_ranges) {
        reader->locate(level, *member);
        if (reader->is_torn) { return false; }
    }
    if (names != nullptr && level.is_object) {
        names->look_up({reinterpret_cast<const char *>(member->name), member->name_length}, reader->is_escaped(*member), *member);
    }
    return true;
}

bool martlet_json_is_torn(const martlet_json *reader) { return reader->is_torn; }

martlet_json_names *martlet_json_names_create(const char *list, size_t length) {
    auto *names = new (std::nothrow) martlet_json_names;
    if (names == nullptr) { return nullptr; }
    std::string_view rest(list, length);
    while (!rest.empty()) {
        size_t end = std::min(rest.find(' '), rest.size());
        names->list.emplace_back(rest.substr(0, end));
        names->length_max = std::max(names->length_max, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return names;
}

void martlet_json_names_destroy(martlet_json_names *names) { delete names; }

}  // extern "C"
