/* SPDX-License-Identifier: Apache-2.0 */
/* Where a macro starts, and what it can reach from there.
 *
 * Entries are those Office calls by itself (AutoOpen and its kind, document
 * and workbook events, events of controls that fire without a hand), and
 * those the reader causes (a click). Over the calls every procedure is
 * reached once, by a shortest way.
 */
#include "observe/part/vba_intent_private.h"
#include "base/text.h"

enum { WAY_MAX = 12, WAY_BYTES = 512 };

static const char *const auto_names[] = {
    "autoopen",
    "autoexec",
    "autoclose",
    "autonew",
    "autoexit",
    "auto_open",
    "auto_close",
    "auto_activate",
    "auto_deactivate",
    "auto_exec",
    "application_startup",
    "application_newmail",
    "application_itemsend",
    "fileopen",
    "filesave",
    "filesaveas",
    "fileclose",
    "fileprint",
    "fileprintdefault",
    "filenew",
    "fileexit",
    "toolsmacro",
    "viewvbcode",
    "onslideshowpagechange",
};

static const char *const auto_heads[] = { "document_", "workbook_", "worksheet_", "docevent_",
                                          "slideshow" };

/* Behind one of these heads: the events of documents, books and sheets that need no hand. */
static const char *const host_events[] = {
    "open",
    "new",
    "close",
    "activate",
    "deactivate",
    "beforeclose",
    "sync",
    "calculate",
    "newsheet",
    "windowactivate",
    "windowdeactivate",
    "windowresize",
    "addininstall",
    "addinuninstall",
    "sheetactivate",
    "sheetdeactivate",
    "sheetcalculate",
    "aftersave",
    "rowsetcomplete",
    "pivottableopenconnection",
    "buildingblockinsert",
    "xmlafterinsert",
    "followhyperlink",
    "sheetfollowhyperlink",
    "contentcontrolonenter",
    "contentcontrolonexit",
    "modelchange",
    "contentcontrolafteradd",
    "contentcontrolbeforecontentupdate",
    "tableupdate",
    "begin",
    "end",
};

/* Behind these heads, what only the reader's hand causes. */
static const char *const by_hand[] = {
    "worksheet_change",     "worksheet_selectionchange",     "worksheet_before",
    "workbook_sheetchange", "workbook_sheetselectionchange", "workbook_sheetbefore",
    "workbook_beforeprint", "workbook_beforesave",
};

static const char *const auto_tails[] = {
    "_documentopen",        "_workbookopen",     "_newdocument",          "_documentbeforeclose",
    "_workbookbeforeclose", "_presentationopen", "_afternewpresentation",
};

/* Events of controls on a page that come without a hand. */
static const char *const event_auto[] = {
    "layout",           "painted",           "paint",
    "resize",           "gotfocus",          "mousemove",
    "mouseenter",       "onconnecting",      "connected",
    "statustextchange", "documentcomplete",  "downloadbegin",
    "downloadcomplete", "navigatecomplete2", "beforenavigate2",
    "titlechange",      "progresschange",    "propertychange",
    "visiblechanged",   "beforedroporpaste",
};

static const char *const event_hand[] = {
    "click",           "dblclick",     "change",   "mousedown", "mouseup",
    "keydown",         "keyup",        "keypress", "enter",     "exit",
    "afterupdate",     "beforeupdate", "spinup",   "spindown",  "scroll",
    "dropbuttonclick", "lostfocus",
};

#define ANY(list, test)                                                                            \
    for (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++)                                  \
        if (test(name, (list)[i]))                                                                 \
    return true

static bool is_auto(slice name)
{
    ANY(auto_names, slice_is_nocase);
    ANY(auto_tails, slice_ends_nocase);
    for (size_t h = 0; h < sizeof auto_heads / sizeof auto_heads[0]; h++) {
        if (!slice_starts_nocase(name, auto_heads[h]))
            continue;
        slice event = slice_from(name, strlen(auto_heads[h]));
        for (size_t i = 0; i < sizeof host_events / sizeof host_events[0]; i++)
            if (slice_is_nocase(event, host_events[i]))
                return true;
    }
    return false;
}

static bool is_by_hand(slice name)
{
    ANY(by_hand, slice_starts_nocase);
    return false;
}

static bool is_event_auto(slice name)
{
    ANY(event_auto, slice_is_nocase);
    return false;
}

static bool is_event_hand(slice name)
{
    ANY(event_hand, slice_is_nocase);
    return false;
}

static enum entry entry_of(const struct code *c, const struct proc *p)
{
    slice name = c->names[p->name].text, module = c->modules[p->module].name;
    if (is_by_hand(name))
        return ENTRY_EVENT;
    if (is_auto(name))
        return ENTRY_AUTO;
    /* Word also runs Main of a module of that name. */
    if (slice_is_nocase(name, "main") && is_auto(module))
        return ENTRY_AUTO;
    size_t cut = name.len;
    while (cut > 0 && name.at[cut - 1] != '_')
        cut--;
    if (cut < 2)
        return ENTRY_NO;
    slice event = slice_from(name, cut);
    if (slice_starts_nocase(name, "userform_") || slice_starts_nocase(name, "class_"))
        return ENTRY_NO;
    return is_event_auto(event) ? ENTRY_EVENT_AUTO : is_event_hand(event) ? ENTRY_EVENT : ENTRY_NO;
}

static uint32_t name_token(const struct code *c, const struct proc *p)
{
    const struct statement *s = &c->statements[p->from];
    for (uint32_t i = s->from; i < s->to; i++)
        if (c->tokens[i].kind == T_NAME && c->tokens[i].name == p->name)
            return i;
    return s->from;
}

/* Marks everything reached from entries of these kinds. */
static void spread(struct code *c, uint32_t *queue, bool automatic)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_procs; i++) {
        struct proc *p = &c->procs[i];
        bool wanted = automatic ? p->entry == ENTRY_AUTO || p->entry == ENTRY_EVENT_AUTO
                                : p->entry == ENTRY_EVENT;
        if (!wanted || p->reached)
            continue;
        p->reached = true;
        queue[n++] = i;
    }
    bool any = false;
    for (uint32_t at = 0; at < n; at++) {
        /* Run with a computed name: it can only mean what nobody calls by its own. */
        for (uint32_t i = 0; c->procs[queue[at]].calls_any && !any && i < c->n_procs; i++) {
            struct proc *to = &c->procs[i];
            if (to->reached || to->entry != ENTRY_NO || c->names[to->name].called)
                continue;
            to->reached = true;
            to->came_from = queue[at];
            queue[n++] = i;
        }
        any = any || c->procs[queue[at]].calls_any;
        for (uint32_t e = c->procs[queue[at]].edges; e != VBA_NONE; e = c->edges[e].next) {
            struct proc *to = &c->procs[c->edges[e].to];
            if (to->reached)
                continue;
            to->reached = true;
            to->came_from = queue[at];
            queue[n++] = c->edges[e].to;
        }
    }
}

/* "AutoOpen -> foo -> Shell" */
static void say_way(struct code *c, enum fact_id id, const struct sink_use *s)
{
    uint32_t way[WAY_MAX];
    unsigned n = 0;
    for (uint32_t p = s->proc; p != VBA_NONE && n < WAY_MAX; p = c->procs[p].came_from)
        way[n++] = p;
    struct buf b = buf_new(WAY_BYTES);
    if (n == WAY_MAX && c->procs[way[n - 1]].came_from != VBA_NONE)
        buf_text(&b, "... -> ");
    while (n > 0) {
        buf_put(&b, utf8_cut(c->names[c->procs[way[--n]].name].text, 60));
        buf_text(&b, " -> ");
    }
    buf_put(&b, vba_intent_sink_label(s));
    vba_intent_say(c, id, buf_slice(&b), s->token);
    buf_drop(&b);
}

static void say_sources(struct code *c, const struct sink_use *s)
{
    unsigned hidden = s->hidden;
    for (unsigned i = 0; i < s->n_reads; i++)
        hidden |= c->names[s->reads[i]].hidden;
    for (unsigned bit = 0; bit < H_KINDS; bit++) {
        if (!(hidden & 1u << bit))
            continue;
        struct buf b = buf_new(256);
        buf_text(&b, vba_intent_hidden_name(bit));
        buf_text(&b, " -> ");
        buf_put(&b, vba_intent_sink_label(s));
        vba_intent_say(c, FACT_VBA_HIDDEN_SOURCE, buf_slice(&b), s->token);
        buf_drop(&b);
    }
}

static bool fetches_or_runs(enum sink_kind k)
{
    return k == K_RUN || k == K_DOWNLOAD || k == K_LOAD;
}

/* What lies outside the source and is used on the way, where no direct line to the sink was seen.
 */
static void say_sources_on_the_way(struct code *c)
{
    unsigned hidden = 0;
    bool reached = false;
    for (uint32_t i = 0; i < c->n_procs; i++)
        hidden |= c->procs[i].reached ? c->procs[i].hidden : 0;
    for (uint32_t i = 0; i < c->n_sinks; i++)
        reached = reached || (c->sinks[i].proc != VBA_NONE && c->procs[c->sinks[i].proc].reached &&
                              fetches_or_runs(c->sinks[i].kind));
    for (unsigned bit = 0; reached && bit < H_KINDS; bit++)
        if (hidden & 1u << bit)
            vba_intent_say(c, FACT_VBA_HIDDEN_SOURCE, slice_of(vba_intent_hidden_name(bit)),
                           VBA_NONE);
}

static void say_sinks(struct code *c)
{
    for (uint32_t i = 0; i < c->n_sinks && walk_work(c->w, 300); i++) {
        const struct sink_use *s = &c->sinks[i];
        if (s->kind == K_PROBE) {
            vba_intent_say(c, FACT_VBA_CALL, vba_intent_sink_label(s), s->token);
            continue;
        }
        vba_intent_say(c, FACT_VBA_SINK, vba_intent_sink_label(s), s->token);
        vba_intent_say(c, FACT_VBA_SINK_KIND, slice_of(vba_intent_sink_kind_name(s->kind)),
                       s->token);
        if (fetches_or_runs(s->kind))
            say_sources(c, s);
    }
}

/* What runs or fetches first: many writes must not crowd it out. */
static void say_ways(struct code *c, enum fact_id id, const bool *before)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < c->n_sinks && walk_work(c->w, 300); i++) {
            const struct sink_use *s = &c->sinks[i];
            if (s->proc == VBA_NONE || s->kind == K_PROBE || !c->procs[s->proc].reached ||
                (before && before[i]) || fetches_or_runs(s->kind) != (pass == 0))
                continue;
            say_way(c, id, s);
            if (id != FACT_VBA_REACH)
                continue;
            vba_intent_say(c, FACT_VBA_REACH_KIND, slice_of(vba_intent_sink_kind_name(s->kind)),
                           s->token);
            if (pass == 0)
                walk_note_acting(c->w);
        }
    }
}

void vba_intent_reach(struct code *c)
{
    uint32_t *queue = ARENA_ARRAY(c->mem, uint32_t, (size_t)c->n_procs + 1);
    bool *before = ARENA_ARRAY(c->mem, bool, (size_t)c->n_sinks + 1);
    if (!queue || !before)
        return;
    for (uint32_t i = 0; i < c->n_procs; i++) {
        struct proc *p = &c->procs[i];
        p->entry = (uint8_t)entry_of(c, p);
        if (p->entry != ENTRY_NO)
            vba_intent_say(c, p->entry == ENTRY_AUTO ? FACT_VBA_ENTRY : FACT_VBA_ENTRY_EVENT,
                           c->names[p->name].text, name_token(c, p));
    }
    say_sinks(c);
    spread(c, queue, true);
    say_ways(c, FACT_VBA_REACH, NULL);
    say_sources_on_the_way(c);
    for (uint32_t i = 0; i < c->n_sinks; i++)
        before[i] = c->sinks[i].proc != VBA_NONE && c->procs[c->sinks[i].proc].reached;
    spread(c, queue, false);
    say_ways(c, FACT_VBA_REACH_EVENT, before);
}
