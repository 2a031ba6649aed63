/* SPDX-License-Identifier: MIT */
/* control_text.c - strict reading, careful writing. */

#include "process/control_text.h"

#include <string.h>

static bool is_printable(char c)
{
    return (unsigned char)c >= ' ' && c != 0x7f;
}

static bool is_argument(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_printable(text.data[i]) || text.data[i] == ' ')
            return false;
    }
    return text.len > 0;
}

const struct sig_row *control_parse_request(struct slice packet, struct slice *ret_argument)
{
    char word[CONTROL_WORD_MAX + 1];
    struct slice argument = slice_of("", 0);
    ptrdiff_t blank = slice_find(packet, ' ');
    const struct sig_row *row;
    if (packet.len > CONTROL_PACKET_MAX)
        return NULL;
    if (blank >= 0) {
        argument = slice_from(packet, (size_t)blank + 1);
        packet.len = (size_t)blank;
    }
    if (packet.len == 0 || packet.len > CONTROL_WORD_MAX)
        return NULL;
    for (size_t i = 0; i < packet.len; i++) {
        if (packet.data[i] < 'a' || packet.data[i] > 'z')
            return NULL;
        word[i] = packet.data[i];
    }
    word[packet.len] = '\0';
    row = sig_find_word(word);
    if (!row || (blank >= 0 && (row->argument == SIG_ARGUMENT_NONE || !is_argument(argument))) ||
        (blank < 0 && row->argument == SIG_ARGUMENT_ONE))
        return NULL;
    *ret_argument = argument;
    return row;
}

bool control_parse_answer(struct slice packet, struct control_answer *ret_answer)
{
    struct control_answer answer = {0};
    if (packet.len == 0 || packet.len > CONTROL_PACKET_MAX)
        return false;
    if (packet.data[0] == '=') {
        if (packet.len != 2 || (packet.data[1] != '0' && packet.data[1] != '1'))
            return false;
        answer.is_end = true;
        answer.is_done = packet.data[1] == '0';
        *ret_answer = answer;
        return true;
    }
    if (packet.data[0] != '-')
        return false;
    answer.text = slice_from(packet, 1);
    for (size_t i = 0; i < answer.text.len; i++) {
        if (!is_printable(answer.text.data[i]))
            return false;
    }
    *ret_answer = answer;
    return true;
}

size_t control_format_line(const char *text, char packet[CONTROL_PACKET_MAX])
{
    size_t len = strnlen(text, CONTROL_PACKET_MAX - 1);
    packet[0] = '-';
    for (size_t i = 0; i < len; i++)
        packet[i + 1] = is_printable(text[i]) ? text[i] : '?';
    return len + 1;
}
