/* SPDX-License-Identifier: MIT */
/* config_test.c - the same mistakes on a terminal or as JSON. */

#include "tool/config_test.h"

#include "tool/advice.h"
#include "tool/json_text.h"
#include "tool/mistake_text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct test {
    const struct config_test_options *options;
    bool is_coloured;
    unsigned errors, warnings;
};

static void print_json(const struct test *test, const struct config_mistake *mistake)
{
    struct slice file = {.data = NULL}, line = mistake->line;
    if (mistake->place.file)
        file = slice_from_string(mistake->place.file);
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    fputs(test->errors + test->warnings > 1 ? ",\n    {" : "\n    {", stdout);
    json_member("severity", slice_from_string(mistake->is_error ? "error" : "warning"), true,
                stdout);
    json_member("file", file, false, stdout);
    printf(", \"line\": %u, \"column\": %u", mistake->place.line, mistake->place.column);
    json_member("message", slice_from_string(mistake->message), false, stdout);
    json_member("source", line, false, stdout);
    fputc('}', stdout);
}

static void tell(void *context, const struct config_mistake *mistake)
{
    struct test *test = context;
    if (mistake->is_error)
        test->errors++;
    else
        test->warnings++;
    if (test->options->is_json)
        print_json(test, mistake);
    else if (mistake->is_error || !test->options->is_quiet)
        mistake_print(mistake, test->is_coloured, stderr);
}

static void begin_json(const char *name)
{
    fputs("{\n  ", stdout);
    json_member("configuration", name ? slice_from_string(name) : slice_of(NULL, 0), true, stdout);
    fputs(",\n  \"messages\": [", stdout);
}

static void end_json(const struct test *test, bool is_good)
{
    printf("%s],\n  \"errors\": %u,\n  \"warnings\": %u,\n  \"ok\": %s\n}\n",
           test->errors + test->warnings > 0 ? "\n  " : "", test->errors, test->warnings,
           is_good ? "true" : "false");
}

static const char *plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

/* As nginx says it, which scripts look for. */
static void print_verdict(const struct test *test, bool is_good)
{
    const char *name = test->options->name ? test->options->name : "of the command line";
    if (!is_good) {
        if (test->errors + test->warnings > 1)
            fprintf(stderr, "tinyweb: %u error%s, %u warning%s\n", test->errors,
                    plural(test->errors), test->warnings, plural(test->warnings));
        fprintf(stderr, "tinyweb: configuration file %s test failed\n", name);
    } else if (!test->options->is_quiet) {
        fprintf(stderr,
                "tinyweb: the configuration file %s syntax is ok\n"
                "tinyweb: configuration file %s test is successful\n",
                name, name);
    }
}

bool config_test(const struct config_source *source, const struct config_test_options *options)
{
    struct test test = {.options = options, .is_coloured = mistake_wants_colour(STDERR_FILENO)};
    const struct config_reporter reporter = {
        .report = tell, .context = &test, .advise = advice_give};
    struct config *config = NULL;
    if (options->is_json)
        begin_json(options->name);
    int err = config_load(source, &reporter, &config);
    config_free(config);
    if (err && err != -EINVAL)
        tell(&test, &(struct config_mistake){
                        .is_error = true, .text = strerror(-err), .message = strerror(-err)});
    if (options->is_json)
        end_json(&test, err == 0);
    else
        print_verdict(&test, err == 0);
    return err == 0;
}
