/* SPDX-License-Identifier: MIT */
/* build_info.c - what the compiler and configure knew. */

#include "tool/build_info.h"

#include "file/content_hash.h"
#include "os/sandbox.h"
#include "os/shmtx.h"

#ifdef TINYWEB_SANITIZERS
#define SANITIZERS "yes"
#else
#define SANITIZERS "no"
#endif

#ifdef NDEBUG
#define ASSERTIONS "no"
#else
#define ASSERTIONS "yes"
#endif

#if defined(__PIE__) && defined(__SSP_STRONG__)
#define HARDENING "yes"
#else
#define HARDENING "no"
#endif

static void print_sandbox(FILE *out)
{
    const struct sandbox_policy policy = {0};
    struct sandbox sandbox;
    char text[SANDBOX_TEXT_SIZE] = "off (instrumented)";
    if (!sandbox_is_instrumented()) {
        sandbox_init(&sandbox, &policy);
        sandbox_describe(&sandbox, text, sizeof(text));
        sandbox_done(&sandbox);
    }
    fprintf(out, "sandbox:       %s\n", text);
}

void build_info_print(FILE *out)
{
    fprintf(out, "tinyweb %s\n", PACKAGE_VERSION);
    fprintf(out, "compiler:      %s\n", __VERSION__);
    fprintf(out, "hardening:     %s\n", HARDENING);
    fprintf(out, "assertions:    %s\n", ASSERTIONS);
    fprintf(out, "sanitizers:    %s\n", SANITIZERS);
    fprintf(out, "accept mutex:  %s, %s, off\n",
            shmtx_backend_name(shmtx_atomic_is_usable() ? SHMTX_ATOMIC : SHMTX_FILE),
            shmtx_backend_name(SHMTX_FILE));
    print_sandbox(out);
    fprintf(out, "content hash:  %s\n", content_hash_is_available() ? "yes" : "no");
    fprintf(out, "configuration: %s\n", TINYWEB_CONF_FILE);
}
