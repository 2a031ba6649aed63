/* SPDX-License-Identifier: MIT */
/* test_output_queue.c - chunks in order, cut anywhere, released exactly once. */
#include "support/unit.h"

#include "net/output_queue.h"
#include "support/memory_transport.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct pinned {
    struct counted counted;
    int releases;
};

static struct mempool *pool;
static struct output_queue queue;
static struct memory_transport peer;
static struct transport transport = {.ops = &transport_memory, .watcher.fd = -1};
static struct pinned owner;
static int file_fd;

static void count_release(struct counted *object)
{
    container_of(object, struct pinned, counted)->releases++;
}

static int set_up(void **state)
{
    pool = mempool_create();
    queue = (struct output_queue){.last = NULL};
    memory_init(&peer);
    owner.releases = 0;
    counted_init(&owner.counted, count_release);
    file_fd = memfd_create("file", MFD_CLOEXEC);
    return pool && file_fd >= 0 && write(file_fd, "0123456789", 10) == 10 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct mempool_stats stats;

    output_clear(&queue, pool);
    assert_true(output_is_empty(&queue));
    assert_int_equal(output_bytes(&queue), 0);
    assert_int_equal(output_count(&queue), 0);
    assert_int_equal(owner.counted.references, 1);
    counted_unref(&owner.counted);
    assert_int_equal(owner.releases, 1);
    mempool_stats(pool, &stats);
    assert_int_equal(stats.small_in_use + stats.large_in_use, 0);
    mempool_destroy(pool);
    memory_done(&peer);
    close(file_fd);
    return 0;
}

static void copy(const char *text)
{
    assert_int_equal(output_copy(&queue, pool, slice_from_string(text), 0), 0);
}

static void memory(const char *text)
{
    assert_int_equal(output_memory(&queue, pool, slice_from_string(text), &owner.counted), 0);
}

static void file(off_t offset, uint64_t len)
{
    assert_int_equal(output_file(&queue, pool, file_fd, offset, len, &owner.counted), 0);
}

static int flush(uint64_t budget, uint64_t *ret_sent)
{
    return output_flush(&queue, pool, &transport, budget, ret_sent);
}

static void assert_received(const char *expected)
{
    assert_int_equal(memory_received(&peer).len, strlen(expected));
    assert_memory_equal(memory_received(&peer).data, expected, strlen(expected));
}

static void what_is_known_to_follow_shares_a_chunk(void **state)
{
    static const char text[4096];

    assert_int_equal(output_copy(&queue, pool, SLICE_LITERAL("head"), sizeof(text)), 0);
    assert_int_equal(output_copy(&queue, pool, slice_of(text, sizeof(text)), 0), 0);
    assert_int_equal(output_count(&queue), 1);
    assert_int_equal(output_bytes(&queue), 4 + sizeof(text));
    copy("more");
    assert_int_equal(output_count(&queue), 2);
}

static void small_copies_share_a_chunk(void **state)
{
    char letters[2] = "a";
    uint64_t sent;

    for (int i = 0; i < 512; i++) {
        letters[0] = (char)('a' + i % 26);
        copy(letters);
        letters[0] = '?'; /* it was copied */
    }
    assert_int_equal(output_count(&queue), 1);
    copy("more");
    assert_int_equal(output_count(&queue), 2);
    assert_int_equal(output_bytes(&queue), 516);
    assert_int_equal(flush(UINT64_MAX, &sent), 0);
    assert_int_equal(sent, 516);
    assert_int_equal(peer.writes, 1);
    for (size_t i = 0; i < 512; i++)
        assert_int_equal(peer.record[i], 'a' + i % 26);
    assert_memory_equal(peer.record + 512, "more", 4);
}

static void a_copy_goes_behind_what_is_partly_sent(void **state)
{
    uint64_t sent;

    copy("hello ");
    peer.write_room = 4;
    assert_int_equal(flush(UINT64_MAX, &sent), -EAGAIN);
    assert_int_equal(sent, 4);
    copy("world");
    assert_int_equal(output_count(&queue), 1);
    assert_int_equal(output_bytes(&queue), 7);
    peer.write_room = MEMORY_UNLIMITED;
    assert_int_equal(flush(UINT64_MAX, &sent), 0);
    assert_received("hello world");
}

static void order_is_kept_between_kinds(void **state)
{
    uint64_t sent;

    copy("<");
    memory("one");
    copy(">"); /* not into the first chunk */
    file(2, 3);
    copy("(");
    copy(")");
    file(0, 1);
    file(9, 1);
    memory("!");
    assert_int_equal(output_count(&queue), 8);
    assert_int_equal(output_bytes(&queue), 13);
    assert_int_equal(flush(UINT64_MAX, &sent), 0);
    assert_int_equal(sent, 13);
    assert_received("<one>234()09!");
}

static void empty_pieces_leave_no_chunk(void **state)
{
    copy("");
    memory("");
    file(0, 0);
    assert_true(output_is_empty(&queue));
    assert_int_equal(owner.counted.references, 1);
}

static void references_are_given_back_with_the_last_byte(void **state)
{
    uint64_t sent;

    memory("ab");
    memory("cd");
    file(0, 2);
    assert_int_equal(owner.counted.references, 4);
    peer.write_piece = 1;
    for (unsigned n = 1; n <= 6; n++) {
        assert_int_equal(flush(1, &sent), 0);
        assert_int_equal(sent, 1);
        assert_int_equal(owner.counted.references, 4 - n / 2);
    }
    assert_received("abcd01");
}

static void fill(void)
{
    copy("head ");
    memory("cached ");
    copy("middle ");
    file(1, 5);
    copy(" tail");
}

#define FILLED "head cached middle 12345 tail"

static void every_cut_gives_the_same_bytes(void **state)
{
    size_t len = sizeof(FILLED) - 1;
    uint64_t sent;

    for (size_t first = 0; first <= len; first++) {
        for (size_t second = first; second <= len; second++) {
            uint64_t total = 0;

            peer.record_len = 0;
            fill();
            peer.write_room = first;
            assert_int_equal(flush(UINT64_MAX, &sent), first < len ? -EAGAIN : 0);
            total += sent;
            peer.write_room = second - first;
            assert_int_equal(flush(UINT64_MAX, &sent), second < len ? -EAGAIN : 0);
            total += sent;
            assert_int_equal(total, second);
            assert_int_equal(output_bytes(&queue), len - second);
            peer.write_room = MEMORY_UNLIMITED;
            assert_int_equal(flush(UINT64_MAX, &sent), 0);
            assert_received(FILLED);
        }
    }
}

static void short_writes_of_any_size_give_the_same_bytes(void **state)
{
    uint64_t sent;

    for (size_t piece = 1; piece < sizeof(FILLED); piece++) {
        peer.record_len = 0;
        peer.write_piece = piece;
        fill();
        assert_int_equal(flush(UINT64_MAX, &sent), 0);
        assert_int_equal(sent, sizeof(FILLED) - 1);
        assert_received(FILLED);
    }
}

static void the_budget_ends_a_flush_without_an_error(void **state)
{
    uint64_t sent;

    assert_int_equal(flush(100, &sent), 0);
    assert_int_equal(sent, 0);
    file(0, 10);
    assert_int_equal(flush(4, &sent), 0);
    assert_int_equal(sent, 4); /* files exactly */
    assert_int_equal(flush(0, &sent), 0);
    assert_int_equal(sent, 0);
    memory("memory");
    assert_int_equal(flush(7, &sent), 0);
    assert_int_equal(sent, 12); /* memory at once */
    assert_received("0123456789memory");
}

static void more_is_announced_while_something_follows(void **state)
{
    uint64_t sent;

    copy("head");
    file(0, 10);
    peer.write_piece = 4;
    assert_int_equal(flush(4, &sent), 0);
    assert_true(peer.more_follows);
    peer.write_piece = MEMORY_UNLIMITED;
    assert_int_equal(flush(UINT64_MAX, &sent), 0);
    copy("tail");
    assert_int_equal(flush(UINT64_MAX, &sent), 0);
    assert_false(peer.more_follows);
}

static void many_chunks_leave_by_several_writes(void **state)
{
    char expected[201] = "";
    uint64_t sent;

    for (int i = 0; i < 200; i++) {
        memory(i % 3 == 0 ? "a" : "b");
        expected[i] = i % 3 == 0 ? 'a' : 'b';
    }
    assert_int_equal(output_count(&queue), 200);
    assert_int_equal(flush(UINT64_MAX, &sent), 0);
    assert_int_equal(peer.writes, 4);
    assert_false(peer.more_follows);
    assert_received(expected);
}

static void a_shrunk_file_is_an_input_output_error(void **state)
{
    uint64_t sent;

    copy("head ");
    file(8, 3);
    memory("never");
    assert_int_equal(flush(UINT64_MAX, &sent), -EIO);
    assert_int_equal(sent, 7);
    assert_received("head 89");
    assert_int_equal(output_bytes(&queue), 6); /* what could not be sent */
}

static void an_error_of_the_transport_is_passed_on(void **state)
{
    uint64_t sent;

    peer.write_room = 3;
    peer.write_error = -ECONNRESET;
    memory("hello");
    assert_int_equal(flush(UINT64_MAX, &sent), -ECONNRESET);
    assert_int_equal(sent, 3);
    file(0, 1);
    peer.write_room = 2;
    assert_int_equal(flush(UINT64_MAX, &sent), -ECONNRESET);
    assert_int_equal(sent, 2);
}

static void what_is_taken_back_does_not_leave(void **state)
{
    for (size_t len = 0; len <= sizeof(FILLED); len++) {
        size_t left = MIN(len, sizeof(FILLED) - 1);
        uint64_t sent;

        fill();
        output_truncate(&queue, pool, len);
        assert_int_equal(output_bytes(&queue), left);
        copy("!");
        peer.record_len = 0;
        assert_int_equal(flush(UINT64_MAX, &sent), 0);
        assert_int_equal(sent, left + 1);
        assert_memory_equal(memory_received(&peer).data, FILLED, left);
        assert_int_equal(memory_received(&peer).data[left], '!');
    }
}

static void a_large_copy_has_a_chunk_of_its_own(void **state)
{
    size_t len = 100000;
    char *text = malloc(len + 1);
    uint64_t sent;

    assert_non_null(text);
    memset(text, 'x', len);
    text[len] = '\0';
    copy("small");
    copy(text);
    assert_int_equal(output_count(&queue), 2);
    assert_int_equal(flush(UINT64_MAX, &sent), 0);
    assert_int_equal(sent, len + 5);
    assert_memory_equal(peer.record + 5, text, len);
    free(text);
    assert_int_equal(output_copy(&queue, pool, slice_of("", (size_t)UINT32_MAX), 0), -ENOMEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_known_to_follow_shares_a_chunk),
        TEST(small_copies_share_a_chunk),
        TEST(a_copy_goes_behind_what_is_partly_sent),
        TEST(order_is_kept_between_kinds),
        TEST(empty_pieces_leave_no_chunk),
        TEST(references_are_given_back_with_the_last_byte),
        TEST(every_cut_gives_the_same_bytes),
        TEST(short_writes_of_any_size_give_the_same_bytes),
        TEST(the_budget_ends_a_flush_without_an_error),
        TEST(more_is_announced_while_something_follows),
        TEST(many_chunks_leave_by_several_writes),
        TEST(a_shrunk_file_is_an_input_output_error),
        TEST(an_error_of_the_transport_is_passed_on),
        TEST(what_is_taken_back_does_not_leave),
        TEST(a_large_copy_has_a_chunk_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
