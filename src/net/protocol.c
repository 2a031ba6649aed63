/* SPDX-License-Identifier: MIT */
/* protocol.c - names of the reasons to close. */
#include "net/protocol.h"

#include "base/macros.h"

static const char *const names[] = {
    [CLOSE_DONE] = "done",
    [CLOSE_PEER] = "peer-closed",
    [CLOSE_READ_TIMEOUT] = "read-timeout",
    [CLOSE_SEND_TIMEOUT] = "send-timeout",
    [CLOSE_SEND_RATE] = "send-too-slow",
    [CLOSE_ABORTED] = "file-changed",
    [CLOSE_REFUSED] = "refused",
    [CLOSE_EVICTED] = "evicted",
    [CLOSE_SHUTDOWN] = "shutdown",
    [CLOSE_NO_MEMORY] = "out-of-memory",
};
static_assert(COUNT_OF(names) == CLOSE_REASON_COUNT, "every reason has a name");

const char *close_reason_name(enum close_reason why)
{
    return names[why];
}
