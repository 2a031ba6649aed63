/* SPDX-License-Identifier: MIT */
/* gate.c - one read, one write. */
#include "support/unit.h"

#include "support/gate.h"

#include <poll.h>
#include <unistd.h>

#define PATIENCE_MS 20000 /* only a failing test waits so long */

void gate_await(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    uint64_t value;

    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
    assert_int_equal(read(fd, &value, sizeof(value)), sizeof(value));
}

void gate_tell(int fd)
{
    const uint64_t one = 1;

    assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}
