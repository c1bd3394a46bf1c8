/* SPDX-License-Identifier: Apache-2.0 */
/* pe_export - what a library offers ([PECOFF] ".edata"). xlAutoOpen makes it an add-in that Excel
 * starts when the file is opened; regsvr32 and rundll32 start others by name. */
#include "base/text.h"
#include "decode/pe/pe_private.h"

enum { NAMES_MAX = 8192, NAMES_SAID = 16, DIRECTORY = 40 };

/* Names that somebody calls when a file is opened or handed to a program of Windows. */
static bool starts_something(slice name)
{
    static const char *const names[] = { "xlAutoOpen", "xlAutoAdd", "DllRegisterServer", "DllUnregisterServer", "DllInstall", "CPlApplet", "ServiceMain",
                                         "DllGetClassObject", "RunDLL", "Control_RunDLL", "DllEntryPoint" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

void pe_exports(struct pe *p)
{
    cursor c = cur_open(p->directories[PE_EXPORTS].at ? pe_at(p, p->directories[PE_EXPORTS].at, DIRECTORY) : (slice){ 0 });
    cur_skip(&c, 12);
    uint32_t library = cur_u32le(&c);
    cur_skip(&c, 4);
    uint32_t functions = cur_u32le(&c), named = cur_u32le(&c);
    cur_skip(&c, 4);
    uint32_t names = cur_u32le(&c);
    if (!cur_ok(&c))
        return;
    slice own = pe_name(p, library);
    if (own.len)
        walk_text(p->w, FACT_FILE_PE_EXPORTS_LIBRARY, pe_shown(p, own), NOWHERE);
    unsigned said = 0, read = 0;
    bool addin = false;
    for (; read < named && read < NAMES_MAX && walk_work(p->w, 60); read++) {
        cursor entry = cur_open(pe_at(p, (uint64_t)names + 4u * (uint64_t)read, 4));
        uint32_t at = cur_u32le(&entry);
        slice name = cur_ok(&entry) ? pe_name(p, at) : (slice){ 0 };
        if (name.len == 0)
            break;
        addin = addin || slice_is(name, "xlAutoOpen");
        if (said < NAMES_SAID || (said < 2 * NAMES_SAID && starts_something(name))) {
            walk_text(p->w, FACT_FILE_PE_EXPORTS_NAME, pe_shown(p, name), NOWHERE);
            said++;
        }
    }
    if (functions || read)
        walk_int(p->w, FACT_FILE_PE_EXPORTS_COUNT, functions > read ? functions : read, NOWHERE);
    if (addin)
        walk_flag(p->w, FACT_FILE_PE_EXCEL_ADDIN, NOWHERE);
}
