/* SPDX-License-Identifier: MIT */
/* fuzz_control.c - a packet of the control socket, as the server and as the client read it. */

#include "process/control_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_line(const uint8_t *data, size_t size)
{
    char packet[CONTROL_PACKET_MAX];
    struct control_answer answer;
    char *text = malloc(size + 1);

    if (!text)
        return;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    size_t len = control_format_line(text, packet);
    check(len <= CONTROL_PACKET_MAX);
    check(control_parse_answer(slice_of(packet, len), &answer));
    check(!answer.is_end && answer.text.len == len - 1 && answer.text.len <= strlen(text));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice packet = slice_of((const char *)data, size);
    struct control_answer answer;
    struct slice argument;
    const struct sig_row *row = control_parse_request(packet, &argument);

    if (row) {
        size_t len = strlen(row->word);

        check(len <= size && memcmp(row->word, data, len) == 0);
        check(argument.len == 0 ? len == size : len + 1 + argument.len == size);
    }
    if (control_parse_answer(packet, &answer)) {
        check(!answer.is_end || answer.text.len == 0);
        for (size_t i = 0; i < answer.text.len; i++)
            check((unsigned char)answer.text.data[i] >= ' ' && answer.text.data[i] != 0x7f);
    }
    check_line(data, size);
    return 0;
}
