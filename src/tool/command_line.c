/* SPDX-License-Identifier: MIT */
/* command_line.c - the options. */

#include "tool/command_line.h"

#include "base/number.h"
#include "config/suggestion.h"

#include <getopt.h>
#include <string.h>

/* Options without a letter get a number no character has. */
enum {
    OPTION_LAN = 256,
    OPTION_PORT,
    OPTION_OPEN,
    OPTION_QR,
    OPTION_SPA,
    OPTION_CORS,
    OPTION_JSON
};

#define SIGNAL_WORDS                                                                               \
    "stop, quit, reload, reopen, upgrade, status, drain, undrain, maint, "                         \
    "ready or purge"

struct option_row {
    int letter;
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
};

static const struct option_row rows[] = {
    {'c', "config", "FILE", "serve as this configuration says"},
    {'t', "test", NULL, "test the configuration and exit"},
    {OPTION_JSON, "json", NULL, "with -t and explain: the same as JSON, on standard output"},
    {'T', "dump", NULL, "print the whole configuration, defaults filled in, and exit"},
    {'s', "signal", "WORD", "tell or ask the running server: " SIGNAL_WORDS},
    {'f', "foreground", NULL, "stay in the foreground, whatever the configuration says"},
    {'g', "set", "KEY=VALUE", "set a directive, such as server.listen=8080 (repeatable)"},
    {'q', "quiet", NULL, "say only what is wrong"},
    {OPTION_LAN, "lan", NULL, "with DIR: let other machines in"},
    {OPTION_PORT, "port", "N", "with DIR: this port, instead of the first free one from 8080"},
    {OPTION_OPEN, "open", NULL, "with DIR: show it in the browser"},
    {OPTION_QR, "qr", NULL, "with DIR: print the address as a QR code"},
    {OPTION_SPA, "spa", NULL, "with DIR: answer unknown pages with /index.html"},
    {OPTION_CORS, "cors", NULL, "with DIR: let pages from everywhere read it"},
    {'H', "header", "LINE", "with explain: send this header field (repeatable)"},
    {'X', "request", "METHOD", "with explain: ask by this method instead of GET"},
    {'v', "version", NULL, "print the version and exit"},
    {'V', NULL, NULL, "print the version and how it was built, and exit"},
    {'h', "help", NULL, "print this help and exit"},
};

#define ROW_COUNT COUNT_OF(rows)

static bool parse_port(const char *text, struct command_line *command)
{
    uint64_t port;
    if (number_parse(slice_from_string(text), UINT16_MAX, &port) || port == 0) {
        fprintf(stderr, "tinyweb: --port wants a number from 1 to 65535, not \"%s\"\n", text);
        return false;
    }
    command->one_shot.port = (uint16_t)port;
    return true;
}

static bool parse_word(const char *text, struct command_line *command)
{
    command->mode = COMMAND_SIGNAL;
    command->signal = sig_find_word(text);
    if (command->signal)
        return true;

    struct suggestion suggestion = {.word = slice_from_string(text)};
    const struct sig_row *row;
    for (size_t i = 0; (row = sig_word_row(i)); i++)
        suggestion_try(&suggestion, slice_from_string(row->word), row->word);
    fprintf(stderr, "tinyweb: -s does not know \"%s\"%s%s%s: " SIGNAL_WORDS "\n", text,
            suggestion.best ? ", did you mean \"" : "", suggestion.best ? suggestion.best : "",
            suggestion.best ? "\"?" : "");
    return false;
}

static bool add_override(const char *text, struct command_line *command)
{
    if (!strchr(text, '=')) {
        fprintf(stderr, "tinyweb: -g wants SECTION.KEY=VALUE, not \"%s\"\n", text);
        return false;
    }
    if (command->override_count == COMMAND_OVERRIDES_MAX) {
        fprintf(stderr, "tinyweb: more than %d options -g\n", COMMAND_OVERRIDES_MAX);
        return false;
    }
    command->overrides[command->override_count++] = (struct config_override){.text = text,
                                                                             .origin = "-g"};
    return true;
}

static bool add_header(const char *text, struct command_line *command)
{
    if (command->header_count == COMMAND_HEADERS_MAX) {
        fprintf(stderr, "tinyweb: more than %d options -H\n", COMMAND_HEADERS_MAX);
        return false;
    }
    command->headers[command->header_count++] = text;
    return true;
}

static bool apply(int letter, const char *value, struct command_line *command)
{
    switch (letter) {
    case 'c': command->config_path = value; return true;
    case 't': command->mode = COMMAND_TEST; return true;
    case 'T': command->mode = COMMAND_DUMP; return true;
    case 's': return parse_word(value, command);
    case 'f': command->is_foreground = true; return true;
    case 'g': return add_override(value, command);
    case 'H': return add_header(value, command);
    case 'X': command->method = value; return true;
    case 'q': command->is_quiet = true; return true;
    case OPTION_JSON: command->is_json = true; return true;
    case OPTION_LAN: command->one_shot.is_lan = true; return true;
    case OPTION_OPEN: command->one_shot.opens_page = true; return true;
    case OPTION_QR: command->one_shot.shows_qr = true; return true;
    case OPTION_SPA: command->one_shot.is_spa = true; return true;
    case OPTION_CORS: command->one_shot.has_cors = true; return true;
    case OPTION_PORT: return parse_port(value, command);
    case 'v': command->mode = COMMAND_VERSION; return true;
    case 'V': command->mode = COMMAND_BUILD_INFO; return true;
    case 'h': command->mode = COMMAND_HELP; return true;
    default: return false;
    }
}

/* getopt's two tables. */
static void fill_tables(char *letters, struct option *options)
{
    *letters++ = ':'; /* tell a missing argument apart from an unknown option */
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct option_row *row = &rows[i];
        if (row->letter < OPTION_LAN) {
            *letters++ = (char)row->letter;
            if (row->argument)
                *letters++ = ':';
        }
        if (row->name)
            *options++ = (struct option){
                .name = row->name,
                .has_arg = row->argument ? required_argument : no_argument,
                .val = row->letter,
            };
    }
    *letters = '\0';
    *options = (struct option){0};
}

static void complain_of_unknown(const char *word)
{
    const char *name = word + strspn(word, "-");
    struct suggestion suggestion = {.word = slice_of(name, strcspn(name, "="))};
    if (word[0] != '-' || word[1] != '-') {
        fprintf(stderr, "tinyweb: unknown option -%c; tinyweb -h lists all\n", optopt);
        return;
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].name)
            suggestion_try(&suggestion, slice_from_string(rows[i].name), rows[i].name);
    }
    if (suggestion.best)
        fprintf(stderr, "tinyweb: unknown option \"%s\", did you mean \"--%s\"?\n", word,
                suggestion.best);
    else
        fprintf(stderr, "tinyweb: unknown option \"%s\"; tinyweb -h lists all\n", word);
}

static bool has_one_shot_option(const struct one_shot_options *options)
{
    return options->port != 0 || options->is_lan || options->opens_page || options->shows_qr ||
           options->is_spa || options->has_cors;
}

/* What one option alone cannot know. */
static bool check_together(const struct command_line *command)
{
    const char *wrong = NULL;
    if (command->dir && command->config_path)
        wrong = "a folder and -c do not go together: the configuration names its root";
    else if (command->dir && command->mode == COMMAND_SIGNAL)
        wrong = "-s takes no folder";
    else if (!command->dir && has_one_shot_option(&command->one_shot))
        wrong = "--lan, --port, --open, --qr, --spa and --cors need a folder to serve: tinyweb "
                "--lan DIR";
    else if (command->is_json && command->mode != COMMAND_TEST && command->mode != COMMAND_EXPLAIN)
        wrong = "--json belongs to -t and to explain";
    else if ((command->header_count > 0 || command->method) && command->mode != COMMAND_EXPLAIN)
        wrong = "-H and -X belong to explain";
    else if (command->mode == COMMAND_EXPLAIN && !command->url)
        wrong = "explain wants a URL: tinyweb explain http://localhost/";
    if (wrong)
        fprintf(stderr, "tinyweb: %s\n", wrong);
    return !wrong;
}

/* What a word of -s is about. */
static bool take_argument(int count, char **words, struct command_line *command)
{
    const struct sig_row *row = command->signal;
    command->argument = words[0];
    if (count == 1 || (count == 0 && row->argument == SIG_ARGUMENT_MAYBE))
        return true;
    fprintf(stderr, "tinyweb: -s %s wants %s\n", row->word,
            row->action == SIG_ACTION_PURGE
                ? "one URL, or the beginning of URLs and a *, such as 'http://example.com/news/*'"
                : "one server of an upstream, such as app/10.0.0.1:8080; -s status lists them");
    return false;
}

/* What is no option: a folder, "explain" and a URL, or "top". A folder of that name is "./top". */
static bool take_words(int count, char **words, struct command_line *command)
{
    if (count > 0 && command->mode == COMMAND_SERVE && strcmp(words[0], "explain") == 0) {
        command->mode = COMMAND_EXPLAIN;
        command->url = words[1]; /* NULL ends them */
        if (count > 2)
            fprintf(stderr, "tinyweb: one URL at a time: \"%s\" is one too many\n", words[2]);
        return count <= 2;
    }
    if (command->mode == COMMAND_SIGNAL && command->signal->argument != SIG_ARGUMENT_NONE)
        return take_argument(count, words, command);
    if (count == 1 && command->mode == COMMAND_SERVE && strcmp(words[0], "top") == 0) {
        command->mode = COMMAND_TOP;
        command->signal = sig_find_word("status");
        return true;
    }
    if (count > 1)
        fprintf(stderr, "tinyweb: one folder at a time: \"%s\" is one too many\n", words[1]);
    if (count > 0)
        command->dir = words[0];
    return count <= 1;
}

bool command_parse(int argc, char **argv, struct command_line *ret_command)
{
    char letters[2 * ROW_COUNT + 2];
    struct option options[ROW_COUNT + 1];
    int letter;
    fill_tables(letters, options);
    *ret_command = (struct command_line){.mode = COMMAND_SERVE};
    opterr = 0;
    while ((letter = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        if (letter == ':') {
            fprintf(stderr, "tinyweb: %s wants a value; tinyweb -h tells which\n",
                    argv[optind - 1]);
            return false;
        }
        if (letter == '?') {
            complain_of_unknown(argv[optind - 1]);
            return false;
        }
        if (!apply(letter, optarg, ret_command))
            return false;
    }
    return take_words(argc - optind, argv + optind, ret_command) && check_together(ret_command);
}

void command_print_help(FILE *out)
{
    fputs("usage: tinyweb [options] DIR      serve a folder, to this machine only\n"
          "       tinyweb [options] -c FILE  serve as a configuration says\n"
          "       tinyweb explain [options] URL\n"
          "                                  tell how a request is answered, and why\n"
          "       tinyweb top [-c FILE]      watch a running server\n\n",
          out);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct option_row *row = &rows[i];
        char left[32];
        (void)snprintf(left, sizeof(left), "%s%s%s%s%s",
                       row->letter < OPTION_LAN ? (char[]){'-', (char)row->letter, '\0'} : "   ",
                       row->letter < OPTION_LAN && row->name ? ", " : "", row->name ? "--" : "",
                       row->name ? row->name : "", row->argument ? " " : "");
        fprintf(out, "  %s%-*s %s\n", left, (int)(28 - strlen(left)),
                row->argument ? row->argument : "", row->help);
    }
    fputs("\nWithout DIR and -c the configuration is " TINYWEB_CONF_FILE ".\n"
          "Manual: tinyweb(8), tinyweb.conf(5)\n",
          out);
}
