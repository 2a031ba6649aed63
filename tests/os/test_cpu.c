/* SPDX-License-Identifier: MIT */
/* test_cpu.c - the cgroup's quota as text, and what this machine says. */
#include "support/unit.h"

#include "os/cpu.h"

#include <errno.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *text;
    int err;
    unsigned pct;
} quotas[] = {
    {"max 100000\n", 0, 0},
    {"max 100000", 0, 0},
    {"100000 100000\n", 0, 100},
    {"200000 100000\n", 0, 200},
    {"150000 100000\n", 0, 150},
    {"150001 100000\n", 0, 151},
    {"1000 100000\n", 0, 1},
    {"1 100000\n", 0, 1},
    {"0 100000\n", 0, 1},
    {"50000 50000\n", 0, 100},
    {"99999999999999 1\n", 0, 819200},
    {"18446744073709551615 100000\n", -EINVAL, 0},
    {"", -EINVAL, 0},
    {"\n", -EINVAL, 0},
    {"max", -EINVAL, 0},
    {"100000", -EINVAL, 0},
    {"100000 0\n", -EINVAL, 0},
    {"100000 \n", -EINVAL, 0},
    {" 100000 100000\n", -EINVAL, 0},
    {"-1 100000\n", -EINVAL, 0},
    {"max max\n", -EINVAL, 0},
    {"100000 100000 1\n", -EINVAL, 0},
    {"MAX 100000\n", -EINVAL, 0},
};

static void quotas_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(quotas); i++) {
        unsigned pct = 4711;
        assert_int_equal(cpu_parse_max(slice_from_string(quotas[i].text), &pct), quotas[i].err);
        assert_int_equal(pct, quotas[i].err ? 4711 : quotas[i].pct);
    }
}

static void the_budget_is_the_smaller_of_both(void **state)
{
    struct cpu_budget budget;
    cpu_set_t set;

    cpu_budget(&budget);
    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    assert_int_equal(budget.affinity, CPU_COUNT(&set));
    assert_in_range(budget.count, 1, budget.affinity);
    if (budget.quota_pct == 0)
        assert_int_equal(budget.count, budget.affinity);
}

static void affinity_counts(void **state)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct cpu_budget budget;
        cpu_set_t set, one;
        int first = 0;

        if (sched_getaffinity(0, sizeof(set), &set) == -1)
            _exit(1);
        while (!CPU_ISSET(first, &set))
            first++;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        if (sched_setaffinity(0, sizeof(one), &one) == -1)
            _exit(2);
        cpu_budget(&budget);
        _exit(budget.count == 1 && budget.affinity == 1 ? 0 : 3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotas_are_read),
        cmocka_unit_test(the_budget_is_the_smaller_of_both),
        cmocka_unit_test(affinity_counts),
    };

    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
