# SPDX-License-Identifier: MIT
"""Six models of concurrency with the same parser and file handler, as connections become more."""

import os

import chart
import load
import servers

# program: what it is. All run on one processor; the last two have two workers.
MODELS = {
    "one_blocking": "one process, blocking",
    "process_per_connection": "process a connection",
    "thread_per_connection": "thread a connection",
    "one_epoll": "one process, epoll",
    "process_pool_epoll": "process pool, epoll",
    "threads_epoll": "threads, epoll",
}
CONNECTIONS = (1, 16, 64, 256, 1000)
FEW = 50  # requests a second say nothing
KINDS = {"keep-alive": (), "a connection each": ("Connection: close",)}


def model(program, work, root, *arguments, cpus=(0,)):
    port = servers.free_port()
    path = os.path.join(servers.BUILD, "bench", "models", program)
    return servers.Server(program, [path, root, str(port)] + [str(a) for a in arguments], port,
                          work, cpus=cpus, has_dead="connection" in program)


def measure(generator, server, kind, connections, seconds, rounds):
    case = load.case("", "/1k.html", connections, KINDS[kind])
    samples = [generator.quiet_run(server, case, seconds) for _ in range(rounds)]
    return min(samples, key=lambda sample: sample.cpu_us)


def make_root(work):
    root = os.path.join(work, "www")
    os.mkdir(root)
    servers.write(os.path.join(root, "1k.html"), "x" * 1024)
    return root


def cell_text(sample, is_quiet):
    if not sample:
        return "–"
    if not is_quiet:
        return "%.2f" % sample.cpu_us
    return "%.0f, %.2f, %.0f/%.0f" % (sample.rate, sample.cpu_us, sample.p50_us, sample.p99_us)


def report(rows, is_quiet):
    lines = ["| work | connections | " + " | ".join(MODELS.values()) + " |",
             "|---|--:|" + "--:|" * len(MODELS)]
    for (kind, connections), cells in rows.items():
        texts = [cell_text(cells.get(program), is_quiet) for program in MODELS]
        lines.append("| %s | %d | %s |" % (kind, connections, " | ".join(texts)))
    lines += ["", ("Each cell: requests/s, CPU us/request, p50/p99 in us. " if is_quiet else
                   "CPU us/request; the rest is left out, because other processes took too much of "
                   "the machine. ") +
              "A dash: hardly any answers. The blocking process serves one connection at a time: "
              "kept alive, the others wait until it ends, and do not show in its numbers."]
    return "\n".join(lines) + "\n"


def draw(rows, folder):
    for kind in KINDS:
        series = {title: [(connections, cells[program].cpu_us)
                          for (row_kind, connections), cells in rows.items()
                          if row_kind == kind and cells.get(program)]
                  for program, title in MODELS.items()}
        chart.lines(os.path.join(folder, "models-%s.svg" % kind.split()[-1]),
                    "Six models of concurrency, %s" % kind,
                    "A file of 1 KiB; the same parser and file handler; servers on one processor.",
                    "CPU us/request", "connections", series)


def run(work, folder, seconds, rounds, tell):
    """Returns the report as Markdown."""
    root = make_root(work)
    generator = load.Generator(work)
    rows = {(kind, connections): {} for kind in KINDS for connections in CONNECTIONS}
    tell("%-24s %-18s %11s %10s %9s %9s %9s" % (
        "model", "work", "connections", "requests/s", "CPU us", "p50 us", "p99 us"))
    for program in MODELS:
        for (kind, connections), cells in rows.items():
            server = model(program, work, root)  # anew: nobody waits for those of the last run
            try:
                server.start()
                sample = measure(generator, server, kind, connections, seconds, rounds)
                if sample.rate < FEW:
                    raise RuntimeError("nearly no answer at %d connections" % connections)
            except RuntimeError as error:
                tell("%s: %s" % (program, error))
                continue
            finally:
                server.stop()
            cells[program] = sample
            tell("%-24s %-18s %11d %10.0f %9.2f %9.0f %9.0f" % (
                MODELS[program], kind, connections, sample.rate, sample.cpu_us, sample.p50_us,
                sample.p99_us))
    draw(rows, folder)
    return report(rows, generator.foreign_median() < load.QUIET) + "\n" + generator.note()
