/* SPDX-License-Identifier: Apache-2.0 */
/* The desk's counters as Prometheus' text exposition format 0.0.4. */
#include "desk/desk_private.h"

const unsigned desk_time_ms[DESK_TIMES - 1] = { 1, 2, 5, 10, 20, 50, 200, 1000 };

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_format(out, "# HELP sekisho_%s %s\n# TYPE sekisho_%s %s\n", name, help, name, type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help,
                uint64_t value)
{
    head(out, name, type, help);
    buf_format(out, "sekisho_%s %llu\n", name, (unsigned long long)value);
}

static void put_times(const struct desk_counts *c, struct buf *out)
{
    uint64_t sum = 0;
    head(out, "examination_seconds", "histogram", "Time of one object in a worker.");
    for (size_t i = 0; i < DESK_TIMES; i++) {
        sum += c->times[i];
        if (i + 1 < DESK_TIMES)
            buf_format(out, "sekisho_examination_seconds_bucket{le=\"%u.%03u\"} %llu\n",
                       desk_time_ms[i] / 1000, desk_time_ms[i] % 1000, (unsigned long long)sum);
    }
    buf_format(out,
               "sekisho_examination_seconds_bucket{le=\"+Inf\"} %llu\n"
               "sekisho_examination_seconds_sum %llu.%06llu\n"
               "sekisho_examination_seconds_count %llu\n",
               (unsigned long long)sum, (unsigned long long)(c->elapsed_us / 1000000),
               (unsigned long long)(c->elapsed_us % 1000000), (unsigned long long)sum);
}

void desk_put_metrics(const struct desk *d, struct buf *out)
{
    const struct desk_counts *c = &d->counts;
    one(out, "desk_taken_total", "counter", "Objects that doors brought.", c->taken);
    one(out, "desk_answered_total", "counter", "Answers given.", c->answered);
    one(out, "desk_overloaded_total", "counter", "Told to come again, as too many waited.",
        c->overloaded);
    one(out, "desk_troubles_total", "counter", "Not examined or not kept, for other reasons.",
        c->troubles);
    one(out, "desk_cancelled_total", "counter", "Nobody waited for them any more.", c->cancelled);
    one(out, "desk_unrecorded_total", "counter", "Answered, but not in the record.", c->unrecorded);
    one(out, "desk_pool_restarts_total", "counter", "How often all workers were begun anew.",
        c->pool_restarts);
    head(out, "verdicts_total", "counter", "Objects by verdict.");
    for (unsigned v = 0; v < VERDICTS; v++)
        buf_format(out, "sekisho_verdicts_total{verdict=\"%s\"} %llu\n",
                   verdict_name((enum verdict)v), (unsigned long long)c->verdicts[v]);
    head(out, "deeds_total", "counter", "Objects by what was done.");
    for (unsigned x = 0; x < DEEDS; x++)
        buf_format(out, "sekisho_deeds_total{deed=\"%s\"} %llu\n", deed_name((enum deed)x),
                   (unsigned long long)c->deeds[x]);
    put_times(c, out);
    one(out, "worker_cpu_microseconds_total", "counter", "Processor time of workers.", c->cpu_us);
    one(out, "desk_workers", "gauge", "Workers at most.", d->workers);
    one(out, "desk_jobs", "gauge", "Objects on their way.", d->n_used);
    one(out, "keeper_up", "gauge", "Whether the keeper is there.", d->keeper != NULL);
}
