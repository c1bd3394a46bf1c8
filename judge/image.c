/* SPDX-License-Identifier: Apache-2.0 */
/* image - reads a rule image into tables. Nothing in it is trusted: counts
 * are held against the bytes left before memory is asked for, and every index
 * against its table, so that evaluation need not ask again. */
#include "judge/image.h"
#include "base/cursor.h"
#include "base/hash.h"
#include <errno.h>

const uint8_t image_magic[8] = { 'S', 'K', 'S', 'H', 'R', 'U', 'L', 'E' };

uint64_t image_dictionary(void)
{
    uint64_t h = 0;
    for (int i = 0; i < FACT_COUNT; i++) {
        const struct fact_row *row = fact_row((enum fact_id)i);
        uint8_t kinds[2] = { (uint8_t)row->type, (uint8_t)row->layer };
        h = fnv1a(h, slice_of(row->name));
        h = fnv1a(h, (slice){ kinds, sizeof kinds });
    }
    for (int l = 0; l < LAYERS; l++)
        h = fnv1a(h, slice_of(layer_name((enum layer)l)));
    return h ? h : 1;
}

static void put(uint8_t *at, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

void image_seal(uint8_t *image, size_t len)
{
    CHECK(len >= IMAGE_HEAD);
    for (size_t i = 0; i < sizeof image_magic; i++)
        image[i] = image_magic[i];
    put(image + 8, IMAGE_VERSION, 4);
    put(image + 12, 0, 4);
    put(image + 16, len, 8);
    put(image + 24, image_dictionary(), 8);
    put(image + 32, match_platform(), 8);
    checksum_of((slice){ image + IMAGE_HEAD, len - IMAGE_HEAD }, image + 40);
}

struct reader {
    cursor c;
    struct rules *r;
    bool no_memory;
};

/* A table of `count` things that take at least `least` bytes each in the image. */
static void *table(struct reader *d, uint32_t *count_out, size_t least, size_t size)
{
    uint32_t n = cur_u32le(&d->c);
    if (!cur_ok(&d->c) || n > cur_left(&d->c) / least) {
        d->c.torn = true;
        n = 0;
    }
    void *at = arena_get(d->r->mem, (size_t)n + 1, size);
    if (!at) {
        d->no_memory = d->c.torn = true;
        n = 0;
    }
    *count_out = n;
    return at;
}

static slice text(struct reader *d)
{
    return cur_take(&d->c, cur_u32le(&d->c));
}

static uint8_t below(struct reader *d, unsigned limit)
{
    uint8_t v = cur_u8(&d->c);
    if (v >= limit) {
        d->c.torn = true;
        return 0;
    }
    return v;
}

static struct list indices(struct reader *d, uint64_t limit)
{
    struct list l = { 0 };
    uint32_t *at = table(d, &l.n, 4, sizeof *at);
    l.at = at;
    for (uint32_t i = 0; i < l.n; i++) {
        at[i] = cur_u32le(&d->c);
        if (at[i] >= limit)
            d->c.torn = true;
    }
    return l;
}

static struct field field(struct reader *d)
{
    struct field f = { .id = cur_u16le(&d->c) };
    f.scope = below(d, SCOPES);
    if (f.id >= FACT_COUNT && f.id != FIELD_ANY) {
        d->c.torn = true;
        f.id = FIELD_ANY;
    }
    return f;
}

static void read_rule(struct reader *d, struct rule *rule)
{
    struct rule_info *i = &rule->info;
    slice *const texts[] = { &i->id,
                             &i->uuid,
                             &i->file,
                             &i->family,
                             &i->name,
                             &i->title.en,
                             &i->title.ja,
                             &i->description.en,
                             &i->description.ja,
                             &i->reason.en,
                             &i->reason.ja,
                             &i->todo.en,
                             &i->todo.ja,
                             &i->falsepositives.en,
                             &i->falsepositives.ja,
                             &i->attack };
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        *texts[t] = text(d);
    i->level = (enum rule_level)below(d, LEVEL_CRITICAL + 1);
    i->state = (enum rule_state)below(d, RULE_ON + 1);
    i->kind = (enum event_kind)below(d, EVENT_KINDS);
    i->layer = (enum layer)below(d, LAYERS);
    i->ours = below(d, 2);
    i->correlation = below(d, 2);
    i->in_force = below(d, 2);
    rule->standalone = below(d, 2);
    rule->runs = below(d, 2);
    rule->always = below(d, 2);
    rule->node = cur_u32le(&d->c);
    rule->correlation = cur_u32le(&d->c);
    if (rule->runs && rule->standalone)
        d->r->layers |= layer_bit(i->layer);
}

/* Children lie inside their parent and cover it, so that a walk always ends;
 * depth is bounded, so that it may recurse. */
static bool node_fits(const struct rules *r, uint32_t at, uint32_t end, unsigned depth)
{
    while (at < end) {
        const struct node *n = &r->nodes[at];
        if (n->end <= at || n->end > end || depth > NODE_DEPTH_MAX)
            return false;
        bool leaf = n->op == NODE_TEST;
        if (leaf ? n->end != at + 1 || n->arg >= r->n_tests
                 : !node_fits(r, at + 1, n->end, depth + 1))
            return false;
        if (n->op == NODE_NOT && (n->end == at + 1 || r->nodes[at + 1].end != n->end))
            return false;
        at = n->end;
    }
    return true;
}

static void read_nodes(struct reader *d)
{
    struct rules *r = d->r;
    r->nodes = table(d, &r->n_nodes, 9, sizeof *r->nodes);
    for (uint32_t i = 0; i < r->n_nodes; i++) {
        struct node *n = &r->nodes[i];
        n->op = below(d, NODE_OPS);
        n->arg = cur_u32le(&d->c);
        n->end = cur_u32le(&d->c);
    }
}

static void read_tests(struct reader *d)
{
    struct rules *r = d->r;
    r->tests = table(d, &r->n_tests, 20, sizeof *r->tests);
    for (uint32_t i = 0; i < r->n_tests; i++) {
        struct test *t = &r->tests[i];
        t->kind = below(d, TEST_KINDS);
        t->op = cur_u8(&d->c);
        t->field = field(d);
        t->other = field(d);
        t->atom = cur_u32le(&d->c);
        t->number = (int64_t)cur_u64le(&d->c);
        bool any = t->field.id == FIELD_ANY;
        if (any && t->kind != TEST_ATOM)
            d->c.torn = true;
        if ((t->kind == TEST_FIELD && t->other.id == FIELD_ANY) ||
            (t->kind == TEST_NUMBER && t->op >= NUMBER_OPS))
            d->c.torn = true;
    }
}

static void read_glob(struct reader *d, struct atom *a, bool cased)
{
    uint32_t n;
    uint16_t *units = table(d, &n, 2, sizeof *units);
    for (uint32_t i = 0; i < n; i++) {
        units[i] = cur_u16le(&d->c);
        if (units[i] >= GLOB_UNITS)
            d->c.torn = true;
    }
    if (!d->c.torn && !glob_make(units, n, cased, d->r->mem, &a->glob))
        d->no_memory = d->c.torn = true;
}

static void read_atoms(struct reader *d)
{
    struct rules *r = d->r;
    r->atoms = table(d, &r->n_atoms, 8, sizeof *r->atoms);
    r->regex = ARENA_ARRAY(r->mem, struct regex *, (size_t)r->n_atoms + 1);
    if (!r->regex)
        d->no_memory = d->c.torn = true;
    for (uint32_t i = 0; i < r->n_atoms && cur_ok(&d->c); i++) {
        struct atom *a = &r->atoms[i];
        a->field = field(d).id;
        a->kind = below(d, ATOM_KINDS);
        a->flags = cur_u8(&d->c);
        a->regex_flags = cur_u8(&d->c);
        if (a->kind == ATOM_GLOB) {
            read_glob(d, a, a->regex_flags & 1);
            continue;
        }
        a->text = text(d);
        if (a->kind == ATOM_CIDR && !cidr_read(a->text, &a->cidr))
            d->c.torn = true;
    }
}

static void read_patterns(struct reader *d)
{
    struct rules *r = d->r;
    r->patterns = table(d, &r->n_patterns, 4, sizeof *r->patterns);
    for (uint32_t i = 0; i < r->n_patterns && cur_ok(&d->c); i++)
        r->patterns[i].atoms = indices(d, r->n_atoms);
}

static void read_triggers(struct reader *d)
{
    struct rules *r = d->r;
    r->atom_rules = ARENA_ARRAY(r->mem, struct list, (size_t)r->n_atoms + 1);
    if (!r->atom_rules) {
        d->no_memory = d->c.torn = true;
        return;
    }
    uint64_t limit = (uint64_t)r->n_rules << 1;
    for (uint32_t i = 0; i < r->n_atoms && cur_ok(&d->c); i++)
        r->atom_rules[i] = indices(d, limit);
    for (uint32_t i = 0; i < FACT_COUNT && cur_ok(&d->c); i++)
        r->fact_rules[i] = indices(d, limit);
    r->always = indices(d, r->n_rules);
    r->order = indices(d, r->n_rules);
}

static void read_correlation(struct reader *d, struct correlation *c)
{
    struct rules *r = d->r;
    c->kind = below(d, CORRELATION_KINDS);
    c->least = (int64_t)cur_u64le(&d->c);
    c->most = (int64_t)cur_u64le(&d->c);
    struct list refs = indices(d, r->n_rules);
    c->refs = refs.at;
    c->n_refs = refs.n;
    c->n_groups = below(d, GROUP_FIELDS_MAX + 1);
    size_t n = (size_t)c->n_refs * c->n_groups;
    struct field *groups = ARENA_ARRAY(r->mem, struct field, n + 1);
    struct field *value = ARENA_ARRAY(r->mem, struct field, (size_t)c->n_refs + 1);
    if (!groups || !value) {
        d->no_memory = d->c.torn = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        groups[i] = field(d);
        d->c.torn |= groups[i].id == FIELD_ANY;
    }
    for (uint32_t i = 0; i < c->n_refs; i++) {
        value[i] = field(d);
        d->c.torn |= value[i].id == FIELD_ANY && c->kind == CORRELATE_VALUE_COUNT;
    }
    c->groups = groups;
    c->value = value;
}

/* What one table says of another. */
static bool tables_agree(const struct rules *r)
{
    for (uint32_t i = 0; i < r->n_tests; i++)
        if (r->tests[i].kind == TEST_ATOM && r->tests[i].atom >= r->n_atoms)
            return false;
    for (uint32_t i = 0; i < r->n_rules; i++) {
        const struct rule *rule = &r->rules[i];
        if (rule->info.correlation != (rule->correlation != NO_ID) ||
            (rule->correlation != NO_ID && rule->correlation >= r->n_correlations) ||
            (rule->node != NO_ID && rule->node >= r->n_nodes))
            return false;
        if (rule->runs && !rule->info.correlation && rule->node == NO_ID)
            return false;
    }
    for (uint32_t i = 0; i < r->order.n; i++)
        if (!r->rules[r->order.at[i]].info.correlation)
            return false;
    return node_fits(r, 0, r->n_nodes, 0);
}

static bool list_by_field(struct rules *r, bool direct_only, struct list *lists, struct list *any)
{
    uint32_t counts[FACT_COUNT + 1] = { 0 };
    for (uint32_t i = 0; i < r->n_atoms; i++) {
        const struct atom *a = &r->atoms[i];
        if (!direct_only || a->flags & ATOM_DIRECT)
            counts[a->field == FIELD_ANY ? FACT_COUNT : a->field]++;
    }
    uint32_t *all = ARENA_ARRAY(r->mem, uint32_t, (size_t)r->n_atoms + 1);
    uint32_t *next[FACT_COUNT + 1];
    if (!all)
        return false;
    for (uint32_t f = 0; f <= FACT_COUNT; f++) {
        *(f == FACT_COUNT ? any : &lists[f]) = (struct list){ all, counts[f] };
        next[f] = all;
        all += counts[f];
    }
    for (uint32_t i = 0; i < r->n_atoms; i++) {
        const struct atom *a = &r->atoms[i];
        if (!direct_only || a->flags & ATOM_DIRECT)
            *next[a->field == FIELD_ANY ? FACT_COUNT : a->field]++ = i;
    }
    return true;
}

static void read_body(struct reader *d)
{
    struct rules *r = d->r;
    r->digest = text(d);
    r->rules = table(d, &r->n_rules, 16 * 4, sizeof *r->rules);
    for (uint32_t i = 0; i < r->n_rules; i++)
        read_rule(d, &r->rules[i]);
    read_nodes(d);
    read_tests(d);
    read_atoms(d);
    read_patterns(d);
    read_triggers(d);
    r->correlations = table(d, &r->n_correlations, 22, sizeof *r->correlations);
    for (uint32_t i = 0; i < r->n_correlations && cur_ok(&d->c); i++)
        read_correlation(d, &r->correlations[i]);
    r->matcher = text(d);
}

static int head_check(slice image, struct err *err_out)
{
    cursor c = cur_open(image);
    slice magic = cur_take(&c, sizeof image_magic);
    if (!slice_eq(magic, (slice){ image_magic, sizeof image_magic }))
        return err_set(err_out, -EINVAL, "this is no rule image; compile the rules again");
    uint32_t version = cur_u32le(&c);
    cur_skip(&c, 4);
    if (version != IMAGE_VERSION || cur_u64le(&c) != image.len || image.len > IMAGE_MAX)
        return err_set(err_out, -EINVAL,
                       "the rule image is of another version or cut off; compile the rules again");
    uint64_t dictionary = cur_u64le(&c), platform = cur_u64le(&c);
    slice sum = cur_take(&c, 32);
    if (!cur_ok(&c) || dictionary != image_dictionary() || platform != match_platform())
        return err_set(
            err_out, -EINVAL,
            "the rule image was made by another build or machine; compile the rules again");
    uint8_t have[32];
    checksum_of(slice_from(image, IMAGE_HEAD), have);
    if (!slice_eq(sum, (slice){ have, sizeof have }))
        return err_set(err_out, -EINVAL, "the rule image is damaged; compile the rules again");
    return 0;
}

int image_read(struct rules *r, slice image, struct err *err_out)
{
    int code = head_check(image, err_out);
    if (code)
        return code;
    struct reader d = { .c = cur_open(slice_from(image, IMAGE_HEAD)), .r = r };
    r->image = image;
    read_body(&d);
    if (!d.no_memory && cur_ok(&d.c) && cur_left(&d.c) == 0 && tables_agree(r)) {
        if (list_by_field(r, false, r->field_atoms, &r->any_atoms) &&
            list_by_field(r, true, r->field_direct, &r->any_direct))
            return 0;
        d.no_memory = true;
    }
    if (d.no_memory)
        return err_set(err_out, -ENOMEM, "out of memory while opening the rules");
    return err_set(err_out, -EINVAL, "the rule image contradicts itself; compile the rules again");
}
