/* SPDX-License-Identifier: Apache-2.0 */
/* library_private - what stands behind the opaque types of include/sekisho.h. */
#pragma once
#include "engine/engine.h"
#include "include/sekisho.h"
#include "judge/context.h"
#include "report/report.h"

enum { IMAGE_BYTES_MAX = 256 << 20 };

struct sekisho_rules {
    struct arena *mem;
    struct buf image;
    size_t n;
};

struct sekisho_engine {
    struct arena *mem;   /* holds the engine itself and the texts of its settings */
    struct rules *rules; /* its own: expressions are made ready while judging */
    struct engine *engine;
    struct context context;
    char today[10];
};

int library_failed(struct sekisho_error *out, const struct err *e);
int library_refuse(struct sekisho_error *out, int code, const char *why);
