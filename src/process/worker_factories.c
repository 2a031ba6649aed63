/* SPDX-License-Identifier: MIT */
/* worker_factories.c - makes them of the configuration, and tells of who was refused. */
#include "process/worker_factories.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>

static void on_refused(void *context, const struct address *peer, enum limit limit, const char *why)
{
    struct http_context *http = context;
    char client[ADDRESS_TEXT_SIZE];

    limit_log_note(&http->limit_log, limit, peer, loop_now_ms(http->loop));
    if (!log_is_on(LOG_PROCESS, LOG_INFO))
        return;
    (void)address_format_host(peer, client);
    log_info(LOG_PROCESS, "connection of %s is refused: %s", client, why);
}

static bool has_proxy_protocol(const struct server_config *server)
{
    for (size_t i = 0; i < server->listen_count; i++) {
        if (server->listen[i].proxy_protocol)
            return true;
    }
    return false;
}

int worker_factories_create(const struct config *config, struct http_context *http,
                            struct worker_factories **ret_factories)
{
    const struct server_config *server = &config->server;
    struct worker_factories *factories;

    *ret_factories = NULL;
    if (!has_proxy_protocol(server))
        return 0;
    factories = calloc(1, sizeof(*factories) + server->listen_count * sizeof(struct factory *));
    if (!factories)
        return -ENOMEM;
    proxy_protocol_init(&factories->proxy, &(struct proxy_protocol_settings){
                                               .next = http_context_factory(http),
                                               .mempool = http->mempool,
                                               .trusted = &server->trusted_proxy,
                                               .header_timeout_ms = server->header_timeout_ms,
                                               .on_refused = on_refused,
                                               .context = http,
                                           });
    for (size_t i = 0; i < server->listen_count; i++)
        factories->of_listener[i] = server->listen[i].proxy_protocol ? &factories->proxy.factory
                                                                     : http_context_factory(http);
    *ret_factories = factories;
    return 0;
}

void worker_factories_destroy(struct worker_factories *factories)
{
    free(factories);
}
