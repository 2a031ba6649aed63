/* SPDX-License-Identifier: MIT */
/* fetch_failure.c - what each end of a request means for its client, its server, and the log. */
#include "upstream/fetch_private.h"

#define CONNECT_ROW(text, code)                                                                    \
    {                                                                                              \
        (text), (code), OUTCOME_CONNECT, FETCH_ENDED_BY_SERVER, RETRY_ON_CONNECT                   \
    }
#define TIMEOUT_ROW(text)                                                                          \
    {                                                                                              \
        (text), 504, OUTCOME_TIMEOUT, FETCH_ENDED_BY_TIME, RETRY_ON_TIMEOUT                        \
    }
#define RESET_ROW(text)                                                                            \
    {                                                                                              \
        (text), 502, OUTCOME_RESET, FETCH_ENDED_BY_SERVER, RETRY_ON_RESET                          \
    }
#define BAD_ROW(text, retry)                                                                       \
    {                                                                                              \
        (text), 502, OUTCOME_BAD_REPLY, FETCH_ENDED_BY_SERVER, (retry)                             \
    }
#define OUR_ROW(text, code)                                                                        \
    {                                                                                              \
        (text), (code), OUTCOME_OURS, FETCH_ENDED_BY_PROXY, 0                                      \
    }

/* Columns: reason, status, outcome, who, which retry. A server that answers nonsense is taken for one that
 * breaks off; a head that is too large is the application's, and another server's would be as large. */
static const struct failure_kind kinds[] = {
    [CLIENT_DONE] = {"done", 0, OUTCOME_OK, FETCH_ENDED_WELL, 0},
    [CLIENT_CONNECT_REFUSED] = CONNECT_ROW("connect-refused", 502),
    [CLIENT_CONNECT_FAILED] = CONNECT_ROW("connect-failed", 502),
    [CLIENT_CONNECT_TIMEOUT] = {"connect-timeout", 504, OUTCOME_CONNECT, FETCH_ENDED_BY_TIME,
                                RETRY_ON_CONNECT},
    [CLIENT_NO_SOCKET] = OUR_ROW("no-socket", 503),
    [CLIENT_NO_MEMORY] = OUR_ROW("out-of-memory", 503),
    [CLIENT_CLOSED] = RESET_ROW("upstream-closed"),
    [CLIENT_CUT] = RESET_ROW("upstream-cut"),
    [CLIENT_HEAD_TIMEOUT] = TIMEOUT_ROW("head-timeout"),
    [CLIENT_READ_TIMEOUT] = TIMEOUT_ROW("read-timeout"),
    [CLIENT_SEND_TIMEOUT] = TIMEOUT_ROW("upstream-send-timeout"),
    [CLIENT_BAD_HEAD] = BAD_ROW("bad-reply-head", RETRY_ON_RESET),
    [CLIENT_HEAD_TOO_LARGE] = BAD_ROW("reply-head-too-large", 0), /* head_max */
    [CLIENT_BAD_CONTENT] = BAD_ROW("bad-reply-content", RETRY_ON_RESET),
    [CLIENT_TOO_MANY_INTERIM] = BAD_ROW("too-many-interim-replies", RETRY_ON_RESET),
    [CLIENT_UNASKED_SWITCH] = BAD_ROW("unasked-switch", RETRY_ON_RESET),
    [CLIENT_TUNNEL_TIMEOUT] = {"tunnel-timeout", 504, OUTCOME_OK, FETCH_ENDED_BY_TIME, 0},
    [CLIENT_SHUTDOWN] = OUR_ROW("shutdown", 503),
};
static_assert(COUNT_OF(kinds) == CLIENT_END_COUNT, "every end means something");

static const char *const outcome_names[] = {
    [OUTCOME_OK] = "ok",           [OUTCOME_CONNECT] = "connect",     [OUTCOME_RESET] = "reset",
    [OUTCOME_TIMEOUT] = "timeout", [OUTCOME_BAD_REPLY] = "bad_reply", [OUTCOME_ERROR] = "error",
    [OUTCOME_OURS] = "ours",
};
static_assert(COUNT_OF(outcome_names) == UPSTREAM_OUTCOMES, "every outcome is counted");

const char *fetch_outcome_name(enum fetch_outcome outcome)
{
    return outcome_names[outcome];
}

const struct failure_kind *failure_kind_of(enum client_end end)
{
    return &kinds[end];
}
