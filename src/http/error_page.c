/* SPDX-License-Identifier: MIT */
/* error_page.c - the built-in page: one text with three holes, and a sentence a status. */
#include "http/error_page.h"

#include "http/status.h"

struct sentence {
    unsigned status;
    const char *text;
};

static const struct sentence sentences[] = {
    {400, "The server could not understand this request."},
    {401, "This page wants you to sign in."},
    {403, "You do not have permission to see this page."},
    {404, "There is nothing at this address. It may have moved, or the link may be mistyped."},
    {405, "This page cannot be used in that way."},
    {406, "There is no version of this page in an encoding that the request accepts."},
    {408, "The request took too long to arrive. Please try again."},
    {410, "This page was here once, and is gone for good."},
    {412, "The page is not in the state that the request asks for."},
    {413, "The request carries more data than this server accepts."},
    {414, "The address is too long."},
    {416, "The file does not have the part that was asked for."},
    {417, "The server cannot do what the request expects of it."},
    {429, "Too many requests. Please wait a moment."},
    {431, "The request's header is too large. Clearing this site's cookies may help."},
    {500, "Something went wrong on this side. Please try again later."},
    {501, "The server does not know this kind of request."},
    {502, "The server behind this one gave no proper answer. Please try again later."},
    {503, "The server is busy or being worked on. Please try again in a moment."},
    {504, "The server behind this one did not answer in time. Please try again later."},
    {505, "The server speaks HTTP/1.0 and HTTP/1.1, and not the version of this request."},
};

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>";

static const char style[] =
    "</title>\n"
    "<style>\n"
    ":root{--back:#fbfaf7;--text:#1c2321;--soft:#5b6663;--line:#e3e0d8;--accent:#0f766e}\n"
    "@media(prefers-color-scheme:dark)"
    "{:root{--back:#0f1514;--text:#e8eeec;--soft:#98a6a2;--line:#26312e;--accent:#5eead4}}\n"
    "body{margin:0;min-height:100vh;display:grid;place-content:center;padding:2rem;"
    "box-sizing:border-box;background:var(--back);color:var(--text);"
    "font:1rem/1.6 system-ui,sans-serif}\n"
    "h1{margin:0;color:var(--accent);font-size:clamp(3rem,14vw,6rem);line-height:1;"
    "letter-spacing:-.04em}\n"
    "h2{margin:.6rem 0 0;font-size:1.25rem}\n"
    "p{margin:.4rem 0 0;max-width:34rem;color:var(--soft)}\n"
    "footer{margin-top:2rem;padding-top:.8rem;border-top:1px solid var(--line);"
    "font-size:.85rem;color:var(--soft)}\n"
    "</style>\n";

static const char *sentence_for(unsigned status)
{
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        if (sentences[i].status == status)
            return sentences[i].text;
    }
    return status < 500 ? "The server cannot answer this request."
                        : "The server failed to answer this request. Please try again later.";
}

void error_page_write(struct writer *w, unsigned status, struct slice request_id)
{
    const char *reason = status_reason(status);

    writer_literal(w, head);
    writer_number(w, status);
    writer_char(w, ' ');
    writer_string(w, reason);
    writer_literal(w, style);
    writer_literal(w, "<main>\n<h1>");
    writer_number(w, status);
    writer_literal(w, "</h1>\n<h2>");
    writer_string(w, reason);
    writer_literal(w, "</h2>\n<p>");
    writer_string(w, sentence_for(status));
    writer_literal(w, "</p>\n<footer>TinyWeb");
    if (request_id.len > 0) {
        writer_literal(w, ", request ");
        writer_html_escaped(w, request_id);
    }
    writer_literal(w, "</footer>\n</main>\n</html>\n");
}
