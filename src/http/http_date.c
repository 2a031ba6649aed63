/* SPDX-License-Identifier: MIT */
/*
 * http_date.c - dates by arithmetic on days of the proleptic Gregorian calendar.
 *
 * Years are counted from March here, so that the leap day is the last of its year; 400 of them
 * make an era of 146097 days.
 */
#include "http/http_date.h"

#include "base/number.h"

#include <errno.h>
#include <stdint.h>

#define SECONDS_PER_DAY 86400
#define DAYS_PER_ERA 146097
#define DAYS_TO_1970 719468               /* from 1 March of year 0 */
#define SECONDS_MAX INT64_C(253402300799) /* 31 Dec 9999 23:59:59 */

struct civil_time {
    unsigned year, month, day; /* month from 1 to 12 */
    unsigned hour, minute, second;
};

static const char day_names[] = "SunMonTueWedThuFriSat";
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char *const long_day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                             "Thursday", "Friday", "Saturday"};

/* Days since 1 Jan 1970; any @year from 0, a day past the end of its month counts on. */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t from_march = year - (month <= 2);
    int64_t era = (from_march >= 0 ? from_march : from_march - 399) / 400;
    int64_t year_of_era = from_march - era * 400;
    int64_t day_of_year = (153 * (int64_t)((month + 9) % 12) + 2) / 5 + (int64_t)day - 1;

    return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
           day_of_year - DAYS_TO_1970;
}

/* @days since 1 Jan 1970, not negative. */
static void civil_from_days(uint32_t days, struct civil_time *civil)
{
    uint32_t z = days + DAYS_TO_1970;
    uint32_t era = z / DAYS_PER_ERA;
    uint32_t day_of_era = z % DAYS_PER_ERA;
    uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                            day_of_era / 146096) /
                           365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month_from_march = (5 * day_of_year + 2) / 153;

    civil->day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    civil->month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    civil->year = year_of_era + era * 400 + (civil->month <= 2);
}

static bool is_leap_year(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

void http_date_format(char *out, time_t seconds)
{
    int64_t clamped = seconds < 0 ? 0 : MIN((int64_t)seconds, SECONDS_MAX);
    uint32_t days = (uint32_t)(clamped / SECONDS_PER_DAY);
    uint32_t rest = (uint32_t)(clamped % SECONDS_PER_DAY);
    struct civil_time civil;

    civil_from_days(days, &civil);
    memcpy(out, "Thu, 01 Jan 1970 00:00:00 GMT", HTTP_DATE_SIZE);
    memcpy(out, day_names + 3 * (size_t)((days + 4) % 7), 3); /* 1 Jan 1970 was a Thursday */
    number_format_padded(out + 5, 2, civil.day);
    memcpy(out + 8, month_names + 3 * (size_t)(civil.month - 1), 3);
    number_format_padded(out + 12, 4, civil.year);
    number_format_padded(out + 17, 2, rest / 3600);
    number_format_padded(out + 20, 2, rest / 60 % 60);
    number_format_padded(out + 23, 2, rest % 60);
}

/* The readers take what they know off the front of *@text, or return false. */

static bool read_literal(struct slice *text, struct slice literal)
{
    if (!slice_starts_with(*text, literal))
        return false;
    *text = slice_from(*text, literal.len);
    return true;
}

static bool read_digits(struct slice *text, unsigned width, unsigned *ret_value)
{
    unsigned value = 0;

    if (text->len < width)
        return false;
    for (unsigned i = 0; i < width; i++) {
        if (!ascii_is_digit(text->data[i]))
            return false;
        value = value * 10 + (unsigned)(text->data[i] - '0');
    }
    *text = slice_from(*text, width);
    *ret_value = value;
    return true;
}

/* One of the three-letter names, which stand in one string; its number from 0. */
static bool read_name(struct slice *text, struct slice names, unsigned *ret_number)
{
    if (text->len < 3)
        return false;
    for (size_t at = 0; at < names.len; at += 3) {
        if (memcmp(text->data, names.data + at, 3) == 0) {
            *text = slice_from(*text, 3);
            *ret_number = (unsigned)(at / 3);
            return true;
        }
    }
    return false;
}

static bool read_month(struct slice *text, unsigned *ret_month)
{
    if (!read_name(text, SLICE_LITERAL(month_names), ret_month))
        return false;
    ++*ret_month;
    return true;
}

static bool read_short_day_name(struct slice *text)
{
    unsigned number;

    return read_name(text, SLICE_LITERAL(day_names), &number);
}

static bool read_long_day_name(struct slice *text)
{
    for (size_t i = 0; i < COUNT_OF(long_day_names); i++) {
        if (read_literal(text, slice_from_string(long_day_names[i])))
            return true;
    }
    return false;
}

static bool read_clock(struct slice *text, struct civil_time *civil)
{
    return read_digits(text, 2, &civil->hour) && read_literal(text, SLICE_LITERAL(":")) &&
           read_digits(text, 2, &civil->minute) && read_literal(text, SLICE_LITERAL(":")) &&
           read_digits(text, 2, &civil->second);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool read_imf_fixdate(struct slice text, struct civil_time *civil)
{
    return read_short_day_name(&text) && read_literal(&text, SLICE_LITERAL(", ")) &&
           read_digits(&text, 2, &civil->day) && read_literal(&text, SLICE_LITERAL(" ")) &&
           read_month(&text, &civil->month) && read_literal(&text, SLICE_LITERAL(" ")) &&
           read_digits(&text, 4, &civil->year) && read_literal(&text, SLICE_LITERAL(" ")) &&
           read_clock(&text, civil) && slice_equal(text, SLICE_LITERAL(" GMT"));
}

/* "Sunday, 06-Nov-94 08:49:37 GMT"; the year is left as its two digits. */
static bool read_rfc850_date(struct slice text, struct civil_time *civil)
{
    return read_long_day_name(&text) && read_literal(&text, SLICE_LITERAL(", ")) &&
           read_digits(&text, 2, &civil->day) && read_literal(&text, SLICE_LITERAL("-")) &&
           read_month(&text, &civil->month) && read_literal(&text, SLICE_LITERAL("-")) &&
           read_digits(&text, 2, &civil->year) && read_literal(&text, SLICE_LITERAL(" ")) &&
           read_clock(&text, civil) && slice_equal(text, SLICE_LITERAL(" GMT"));
}

/* "Sun Nov  6 08:49:37 1994" */
static bool read_asctime_date(struct slice text, struct civil_time *civil)
{
    return read_short_day_name(&text) && read_literal(&text, SLICE_LITERAL(" ")) &&
           read_month(&text, &civil->month) && read_literal(&text, SLICE_LITERAL(" ")) &&
           (read_literal(&text, SLICE_LITERAL(" ")) ? read_digits(&text, 1, &civil->day)
                                                    : read_digits(&text, 2, &civil->day)) &&
           read_literal(&text, SLICE_LITERAL(" ")) && read_clock(&text, civil) &&
           read_literal(&text, SLICE_LITERAL(" ")) && read_digits(&text, 4, &civil->year) &&
           text.len == 0;
}

static int64_t seconds_of(const struct civil_time *civil, int64_t year)
{
    return days_from_civil(year, civil->month, civil->day) * SECONDS_PER_DAY +
           (int64_t)(civil->hour * 3600 + civil->minute * 60 + civil->second);
}

/* The century of @now, or the one before when that lies more than 50 years ahead of @now. */
static unsigned full_year(const struct civil_time *civil, time_t now)
{
    int64_t clamped = now < 0 ? 0 : MIN((int64_t)now, SECONDS_MAX);
    struct civil_time today;
    unsigned year;

    civil_from_days((uint32_t)(clamped / SECONDS_PER_DAY), &today);
    year = today.year - today.year % 100 + civil->year;
    return seconds_of(civil, (int64_t)year - 50) > clamped ? year - 100 : year;
}

int http_date_parse(struct slice text, time_t now, time_t *ret_seconds)
{
    struct civil_time civil;

    if (read_imf_fixdate(text, &civil) || read_asctime_date(text, &civil))
        ;
    else if (read_rfc850_date(text, &civil))
        civil.year = full_year(&civil, now);
    else
        return -EINVAL;

    if (civil.day < 1 || civil.day > days_in_month(civil.year, civil.month) || civil.hour > 23 ||
        civil.minute > 59 || civil.second > 59)
        return -EINVAL;
    *ret_seconds = (time_t)seconds_of(&civil, civil.year);
    return 0;
}
