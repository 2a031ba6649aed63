/* SPDX-License-Identifier: MIT */
/*
 * connector.c - connect(2) is over when the socket is writable, and SO_ERROR tells how it went.
 *
 * Each attempt has a socket of its own: what a failed connect(2) leaves behind is unspecified.
 */
#include "net/connector.h"

#include "os/socket.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

/* Worth another attempt by itself: nobody has said no. */
static bool is_want_of_ours(int err)
{
    return err == -EAGAIN || err == -EADDRNOTAVAIL || err == -ENOBUFS || err == -ENOMEM;
}

/* xorshift32: no more is needed to part those who wait. */
static uint32_t next_random(struct connector *connector)
{
    uint32_t x = connector->random;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return connector->random = x;
}

static void close_socket(struct connector *connector)
{
    if (connector->watcher.fd == -1)
        return;
    loop_forget(connector->settings.loop, &connector->watcher);
    close(connector->watcher.fd);
    connector->watcher.fd = -1;
}

static void end(struct connector *connector, int result)
{
    connector_cancel(connector);
    connector->on_end(connector, result == -EINPROGRESS ? -ENOMEM : result);
}

/* When it is to be tried again, or given up; 0: never. */
static int64_t retry_time_ms(struct connector *connector, int err)
{
    const struct connector_settings *settings = &connector->settings;
    int64_t due_ms;

    if (!is_want_of_ours(err))
        return 0;
    due_ms = loop_now_ms(settings->loop) + 1 + next_random(connector) % connector->delay_ms;
    connector->delay_ms = MIN(connector->delay_ms * 2, settings->max_delay_ms);
    if (connector->end_ms != 0 && due_ms >= connector->end_ms)
        return 0;
    return due_ms;
}

/* One attempt: a descriptor, -EINPROGRESS, or why it failed. */
static int attempt(struct connector *connector)
{
    const struct connector_settings *settings = &connector->settings;
    bool is_done;
    int err;
    int fd = socket_connect(settings->addr, settings->addr_size, &is_done);

    if (fd < 0 || is_done)
        return fd;
    connector->watcher.fd = fd;
    err = loop_add(settings->loop, &connector->watcher, EPOLLOUT);
    if (err) {
        close_socket(connector);
        return err;
    }
    return -EINPROGRESS;
}

/* What attempt() has said; true: it goes on by itself. Without memory for the timer it does not. */
static bool goes_on(struct connector *connector, int result)
{
    int64_t due_ms;

    if (result == -EINPROGRESS)
        due_ms = connector->end_ms;
    else if (result >= 0 || (due_ms = retry_time_ms(connector, result)) == 0)
        return false;
    return due_ms == 0 || /* no limit */
           loop_set_timer(connector->settings.loop, &connector->timer, due_ms) == 0;
}

static void on_events(struct watcher *watcher, uint32_t events)
{
    struct connector *connector = container_of(watcher, struct connector, watcher);
    int fd = watcher->fd;
    int err = socket_connect_result(fd);

    (void)events; /* EPOLLOUT, EPOLLERR or EPOLLHUP: the socket knows which */
    if (err) {
        close_socket(connector);
        if (!goes_on(connector, err))
            end(connector, err);
        return;
    }
    loop_remove(connector->settings.loop, watcher);
    watcher->fd = -1;
    end(connector, fd);
}

static void on_timer(struct timer *timer)
{
    struct connector *connector = container_of(timer, struct connector, timer);
    int result;

    if (connector->watcher.fd != -1) { /* the time is over */
        end(connector, -ETIMEDOUT);
        return;
    }
    result = attempt(connector);
    if (!goes_on(connector, result))
        end(connector, result);
}

int connector_start(struct connector *connector, const struct connector_settings *settings,
                    connector_fn on_end)
{
    int64_t now_us = loop_now_us(settings->loop);
    int result;

    *connector = (struct connector){
        .settings = *settings,
        .on_end = on_end,
        .end_ms = settings->timeout_ms > 0 ? now_us / 1000 + settings->timeout_ms : 0,
        .random = (uint32_t)now_us ^ (uint32_t)(uintptr_t)connector ^ (uint32_t)getpid(),
        .is_under_way = true,
    };
    if (settings->first_delay_ms == 0)
        connector->settings.first_delay_ms = CONNECTOR_FIRST_DELAY_MS;
    if (settings->max_delay_ms == 0)
        connector->settings.max_delay_ms = CONNECTOR_MAX_DELAY_MS;
    connector->delay_ms = connector->settings.first_delay_ms;
    if (connector->random == 0)
        connector->random = 1; /* the one number that stays what it is */
    watcher_init(&connector->watcher, -1, on_events);
    timer_init(&connector->timer, on_timer);
    result = attempt(connector);
    if (goes_on(connector, result))
        return -EINPROGRESS;
    connector_cancel(connector);
    return result == -EINPROGRESS ? -ENOMEM : result;
}

void connector_cancel(struct connector *connector)
{
    if (!connector->is_under_way)
        return;
    connector->is_under_way = false;
    loop_cancel_timer(connector->settings.loop, &connector->timer);
    close_socket(connector);
}
