/* SPDX-License-Identifier: MIT */
/* value_number.c - fields that hold a number. */

#include "config/value_number.h"

#include "base/number.h"
#include "config/directive_text.h"
#include "config/value_list.h"

#include <errno.h>

static void put_number(const struct directive *row, void *record, uint64_t number)
{
    void *field = value_field(row, record);
    uint32_t narrow = (uint32_t)number;
    assert(row->size == sizeof(number) || (row->size == sizeof(narrow) && narrow == number));
    if (row->size == sizeof(number))
        memcpy(field, &number, sizeof(number));
    else
        memcpy(field, &narrow, sizeof(narrow));
}

void number_store(const struct config_value *value, struct config_report *report, void *record)
{
    const struct directive *row = value->row;
    unsigned word;
    if (value_find_word(value, &word)) {
        put_number(row, record, word);
        return;
    }

    uint64_t number = 0;
    int err;
    if (row->type == CFG_SIZE)
        err = number_parse_size(value->text, row->max, &number);
    else if (row->type == CFG_DURATION)
        err = number_parse_duration(value->text, row->max, &number);
    else
        err = number_parse(value->text, row->max, &number);

    if (!err && number >= row->min) {
        put_number(row, record, number);
        return;
    }
    char expected[DIRECTIVE_TEXT_SIZE];
    directive_expected(row, expected);
    bool is_number = !err || err == -ERANGE;
    report_error(report, value->place, "%s: \"%.*s\" is %s%s, expected %s", row->key,
                 REPORT_VALUE(value->text), is_number ? "too " : "not a ",
                 !is_number ? directive_type_name(row->type)
                 : err      ? "large"
                            : "small",
                 expected);
}

void choice_store(const struct config_value *value, struct config_report *report, void *record)
{
    unsigned number;
    if (value_find_word(value, &number))
        put_number(value->row, record, number);
    else
        value_report_expected(value, report);
}

/* The value of a word of the row; false after a report. */
static bool find_bit(const struct config_value *value, struct slice text,
                     struct config_report *report, unsigned *ret_bit)
{
    const struct config_value one = {.row = value->row, .text = text};
    if (value_find_word(&one, ret_bit) && *ret_bit != 0)
        return true;
    value_report_expected(value, report);
    return false;
}

void words_store(const struct config_value *value, struct config_report *report, void *record)
{
    struct slice rest = value->text, part, word;
    unsigned bits = 0, bit;
    bool is_none = value_find_word(value, &bit) && bit == 0;
    while (!is_none && slice_next(&rest, ',', &part)) {
        while (list_next_word(&part, &word)) {
            if (!find_bit(value, word, report, &bit))
                return;
            bits |= bit;
        }
    }
    put_number(value->row, record, bits);
}

void bool_store(const struct config_value *value, struct config_report *report, void *record)
{
    static const struct {
        const char *word;
        bool is_on;
    } words[] = {{"on", true},   {"yes", true}, {"true", true},
                 {"off", false}, {"no", false}, {"false", false}};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (slice_equal_nocase(value->text, slice_from_string(words[i].word))) {
            memcpy(value_field(value->row, record), &words[i].is_on, sizeof(bool));
            return;
        }
    }
    value_report_expected(value, report);
}

uint64_t number_of_field(const struct directive *row, const void *record)
{
    const void *field = value_field_const(row, record);
    uint64_t wide = 0;
    uint32_t narrow = 0;
    if (row->size == sizeof(bool))
        return *(const bool *)field;
    if (row->size == sizeof(narrow)) {
        memcpy(&narrow, field, sizeof(narrow));
        return narrow;
    }
    memcpy(&wide, field, sizeof(wide));
    return wide;
}
