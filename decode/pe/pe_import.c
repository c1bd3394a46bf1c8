/* SPDX-License-Identifier: Apache-2.0 */
/* pe_import - what a program takes from libraries ([PECOFF] ".idata"), and the import hash: MD5 of
 * "library.function" in the order of the file, lower case, as the tools of the field compute it. */
#include "base/buf.h"
#include "base/hash.h"
#include "base/text.h"
#include "decode/pe/pe_private.h"

enum { LIBRARIES_MAX = 1024, LIBRARIES_SAID = 48, FUNCTIONS_MAX = 32768, HASHED_MAX = 1 << 20, DESCRIPTOR = 20, NOTABLE_SAID = 32 };

/* Functions that start programs, fetch, or put code where it runs. Half of them stand in honest programs too. */
static const char *const notable[] = {
    "CreateProcessA", "CreateProcessW", "CreateProcessInternalW", "WinExec", "ShellExecuteA", "ShellExecuteW", "ShellExecuteExA", "ShellExecuteExW",
    "CreateRemoteThread", "CreateRemoteThreadEx", "NtCreateThreadEx", "RtlCreateUserThread", "QueueUserAPC", "SetThreadContext", "NtUnmapViewOfSection",
    "WriteProcessMemory", "VirtualAllocEx", "VirtualAlloc", "VirtualProtect", "VirtualProtectEx", "NtMapViewOfSection", "URLDownloadToFileA",
    "URLDownloadToFileW", "URLOpenBlockingStreamW", "InternetOpenUrlA", "InternetOpenUrlW", "HttpSendRequestA", "HttpSendRequestW", "WinHttpSendRequest",
    "CryptDecrypt", "BCryptDecrypt", "RtlDecompressBuffer", "SetWindowsHookExA", "SetWindowsHookExW", "CreateServiceA", "CreateServiceW",
    "AdjustTokenPrivileges", "IsDebuggerPresent", "LoadLibraryA", "LoadLibraryW", "GetProcAddress", "LdrLoadDll", "EnumSystemLocalesA", "FindResourceA",
    "FindResourceW", "GetAsyncKeyState", "CreateToolhelp32Snapshot",
};

struct importing {
    struct pe *p;
    struct buf text; /* what is hashed */
    unsigned libraries, said;
    bool over;
};

/* Letters that names of functions have; others are not names, as the tools agree. */
static bool is_name(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_alnum(s.at[i]) && slice_find_byte(SLICE_LIT("._?@$()<>"), s.at[i], 0) == SIZE_MAX)
            return false;
    return s.len > 0;
}

static void put_lower(struct buf *b, slice s)
{
    for (size_t i = 0; i < s.len; i++)
        buf_byte(b, ascii_lower(s.at[i]));
}

static void say_notable(struct importing *m, slice name)
{
    for (size_t i = 0; m->said < NOTABLE_SAID && i < sizeof notable / sizeof notable[0]; i++)
        if (slice_is(name, notable[i])) {
            m->said++;
            walk_cstr(m->p->w, FACT_FILE_PE_IMPORT, notable[i], NOWHERE);
            return;
        }
}

static void hash_function(struct importing *m, slice library, slice stem, slice name, uint16_t ordinal)
{
    if (m->text.len)
        buf_byte(&m->text, ',');
    put_lower(&m->text, stem);
    buf_byte(&m->text, '.');
    const char *known = name.len ? NULL : pe_ordinal_name(library, ordinal);
    if (name.len)
        put_lower(&m->text, is_name(name) ? name : SLICE_LIT("*invalid*"));
    else if (known)
        buf_text(&m->text, known);
    else
        buf_format(&m->text, "ord%u", (unsigned)ordinal);
}

/* The name of a library without the endings that libraries have. */
static slice stem_of(slice library)
{
    static const char *const tails[] = { ".dll", ".ocx", ".sys" };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
        if (slice_ends_nocase(library, tails[i]))
            return slice_sub(library, 0, library.len - 4);
    return library;
}

/* One table of names and numbers, up to its zero. */
static void read_functions(struct importing *m, slice library, uint32_t table)
{
    struct pe *p = m->p;
    size_t width = p->wide ? 8 : 4;
    slice stem = stem_of(library);
    for (uint64_t at = table; p->functions < FUNCTIONS_MAX; at += width) {
        slice s = pe_at(p, at, width);
        if (s.len < width || !walk_work(p->w, 100))
            break;
        cursor c = cur_open(s);
        uint64_t v = p->wide ? cur_u64le(&c) : cur_u32le(&c);
        if (v == 0)
            return;
        bool numbered = v >> (p->wide ? 63 : 31);
        slice name = numbered ? (slice){ 0 } : pe_name(p, (v & 0x7fffffffu) + 2);
        if (!numbered && name.len == 0)
            break;
        p->functions++;
        say_notable(m, name);
        hash_function(m, library, stem, name, (uint16_t)(v & 0xffff));
    }
    m->over = m->over || p->functions >= FUNCTIONS_MAX;
}

void pe_imports(struct pe *p)
{
    struct importing m = { .p = p, .text = buf_new(HASHED_MAX) };
    for (uint64_t at = p->directories[PE_IMPORTS].at; at && m.libraries < LIBRARIES_MAX; at += DESCRIPTOR) {
        cursor c = cur_open(pe_at(p, at, DESCRIPTOR));
        uint32_t names = cur_u32le(&c);
        cur_skip(&c, 8);
        uint32_t name = cur_u32le(&c), table = cur_u32le(&c);
        if (!cur_ok(&c) || name == 0 || table == 0 || walk_over(p->w))
            break;
        slice library = pe_name(p, name);
        if (m.libraries++ < LIBRARIES_SAID && library.len)
            walk_text(p->w, FACT_FILE_PE_IMPORTS_LIBRARY, pe_shown(p, slice_lower(p->w->mem, library)), NOWHERE);
        read_functions(&m, library, names && pe_at(p, names, 4).len ? names : table);
    }
    if (m.libraries && p->entry)
        walk_int(p->w, FACT_FILE_PE_IMPORTS_COUNT, p->functions, NOWHERE);
    else if (p->entry)
        walk_int(p->w, FACT_FILE_PE_IMPORTS_COUNT, 0, NOWHERE);
    if (m.text.len && !m.text.full && !m.over && walk_work(p->w, m.text.len * 2)) {
        uint8_t md5[16];
        char hex[33];
        md5_of(buf_slice(&m.text), md5);
        hex_of((slice){ md5, 16 }, hex);
        walk_cstr(p->w, FACT_FILE_PE_IMPHASH, hex, NOWHERE);
    }
    buf_drop(&m.text);
}
