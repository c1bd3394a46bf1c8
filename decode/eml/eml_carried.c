/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a mail that no Internet mail carries, by the same readers. */
#include "decode/mail.h"
#include "base/text.h"
#include "decode/types.h"
#include "eml_private.h"

void mail_header_say(struct walk *w, slice header)
{
    struct eml e = { .w = w, .in = header, .detached = true };
    struct eml_header h;
    eml_header_read(w, header, 0, header.len, &h);
    walk_event(w, EVENT_MAIL);
    eml_facts_header(&e, &h);
}

bool mail_is_open(const struct walk *w)
{
    for (const struct walk *v = w; v; v = v->up)
        if (v->event[EVENT_MAIL] != NO_ID)
            return true;
    return false;
}

void mail_attachment_say(struct walk *w, slice name)
{
    struct eml e = { .w = w, .detached = true };
    eml_facts_attachment(&e, name, NOWHERE);
}
